"""``python -m tests.compatibility``: fail on a breaking change since the last tag that the changelog does not announce.

It is announced by a line under ``### Breaking`` that names the operation in backticks. Counted are the headings above
that of the tagged version, so that the commit of a release passes as the last one before it did.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

from tests.compatibility.contracts import breaking
from tests.compatibility.schemas import NotCompared


def main(arguments: list[str] | None = None) -> int:
    """0: nothing breaks, all of it is announced or there is no tag; 1: something is not announced; 2: no verdict."""
    parser = argparse.ArgumentParser(prog="compatibility", description=__doc__)
    parser.add_argument("--repository", type=Path, default=Path(__file__).resolve().parents[2])
    root = parser.parse_args(arguments).repository
    try:
        return _verdict(root)
    except (NotCompared, OSError, subprocess.CalledProcessError) as error:
        print(f"no verdict: {getattr(error, 'stderr', None) or error}", file=sys.stderr)
        return 2


def _verdict(root: Path) -> int:
    tag = _last_tag(root)
    if tag is None:
        print("No tag can be reached from here (none was made yet, or the clone is shallow): nothing was compared.")
        return 0
    if not _git(root, "ls-tree", "--name-only", tag, "openapi.yaml"):
        print(f"{tag} has no openapi.yaml: nothing was compared.")
        return 0
    older = yaml.load(_git(root, "show", f"{tag}:openapi.yaml"), yaml.CSafeLoader)
    newer = yaml.load((root / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader)
    found = breaking(older, newer)
    told = announced((root / "CHANGELOG.md").read_text("utf-8"), tag.removeprefix("v"))
    untold = [one for one in found if one.operation not in told]
    for one in found:
        print(f"{'not announced' if one in untold else 'announced'}: {one.operation}: {one.what}")
    if untold:
        names = ", ".join(f"`{name}`" for name in dict.fromkeys(one.operation for one in untold))
        print(f"Undo it, or name {names} under '### Breaking' in CHANGELOG.md.", file=sys.stderr)
        return 1
    print(f"Compared with {tag}: {len(found)} breaking, all announced." if found else f"Nothing breaks {tag}.")
    return 0


def announced(changelog: str, version: str) -> set[str]:
    """The operations named under ``### Breaking`` of the parts above that of ``version``, or of the first part."""
    parts = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    headings = [part.partition("]")[0].removeprefix("[") for part in parts]
    newer = parts[: headings.index(version)] if version in headings else parts[:1]
    sections = [section for part in newer for section in re.split(r"^### ", part, flags=re.MULTILINE)[1:]]
    told = [line for section in sections if section.startswith("Breaking\n") for line in section.splitlines()[1:]]
    return {name for line in told for name in re.findall(r"`([a-z_]+)`", line)}


def _last_tag(root: Path) -> str | None:
    _git(root, "tag", "--list")  # what fails here is no answer to the question whether there is a tag
    try:
        return _git(root, "describe", "--tags", "--abbrev=0").strip()
    except subprocess.CalledProcessError:
        return None


def _git(root: Path, *arguments: str) -> str:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, env=outside, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
