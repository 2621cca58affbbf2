"""Findings of bandit and detect-secrets, held against the list of those that are explained."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Known = dict[tuple[str, str], dict[str, Any]]
NOT_TEXT = re.compile(r"\.(lock|png|ico|map)$|^app/routers/assets/|^tests/audit/exceptions\.toml$")
"""Hashes of packages, pictures, the vendored pages of the documentation, and the list of what is explained itself."""


@dataclass(frozen=True)
class Finding:
    """What a tool found: ``mark`` names this one among those of a file, and does not tell the secret."""

    path: str
    code: str
    mark: str
    line: int


def exceptions(file: Path) -> dict[str, Known]:
    """Tool -> (path, code) -> the entry, with its ``reason`` and how many or which findings it stands for.

    Raises:
        ValueError: an entry without a reason.
    """
    document = tomllib.loads(file.read_text("utf-8"))
    found: dict[str, Known] = {}
    for tool, entries in document.items():
        found[tool] = {(entry["path"], entry["code"]): entry for entry in entries}
        if any(len(entry["reason"]) < 10 for entry in entries):
            raise ValueError(f"{tool}: an exception without a reason")
    return found


def unexplained(found: Iterable[Finding], known: Known) -> list[str]:
    """Findings that no entry explains, and entries that explain none."""
    wrong, used = [], set()
    for one in found:
        entry = known.get((one.path, one.code), {"marks": ()})
        if one.mark in entry["marks"]:
            used.add((one.path, one.code, one.mark))
        else:
            wrong.append(f"{one.path}:{one.line}: {one.code} (mark {one.mark})")
    stale = {(*place, mark) for place, entry in known.items() for mark in entry["marks"]} - used
    return wrong + [f"{path}: {code} {mark} is explained and not there" for path, code, mark in sorted(stale)]


def bandit(root: Path) -> list[Finding]:
    """Bandit over app/. Its mark is the text of the line, so that an exception moves with it."""
    found = []
    for one in _json(root, "bandit", "-q", "-r", "app", "-f", "json")["results"]:
        path, number = one["filename"], one["line_number"]
        line = (root / path).read_text("utf-8").splitlines()[number - 1]
        found.append(Finding(path, one["test_id"], " ".join(line.split())[:48], number))
    return found


def secrets(root: Path) -> list[Finding]:
    """detect-secrets over every text under version control. Its mark is the first part of a hash of the secret."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = [path for path in listed.split("\0") if path and not NOT_TEXT.search(path) and (root / path).is_file()]
    report = _json(root, "detect_secrets", "scan", "--no-verify", *paths)
    return [
        Finding(path, one["type"], one["hashed_secret"][:8], one["line_number"])
        for path, found in report["results"].items()
        for one in found
    ]


def _json(root: Path, module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    return report
