"""Every command of the README is run, on a real server: what it says is what a stranger sees."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from app.sandbox.cluster import free_port
from tests.docs.reading import blocks, page
from tests.docs.running import SERVE, documents, environment, here

README = page("README.md")
MARKS = {"target", "connect", "serve"}


def test_every_block_says_how_it_is_run() -> None:
    """No shell block of the README is left out."""
    assert {mark for mark, _ in blocks(README)} == MARKS
    assert [commands for mark, commands in blocks(README) if mark == "serve"] == [".venv/bin/python -m app serve\n"]


def test_court_and_clinic_connect_from_nothing(tmp_path: Path) -> None:
    """Key pairs, registration, tokens, referral, report, consent, read, revocation: in one shell, as written."""
    parts = [SERVE if mark == "serve" else commands for mark, commands in blocks(README) if mark != "target"]
    port = free_port()
    script = "set -euo pipefail\n" + here("\n".join(parts), port)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment(port), capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = documents(done.stdout)
    me, referral, before, received, matched, responded, filed, consent, granted, revoked, after, seen = answers
    assert (me["role"], me["unit_name"]) == ("judge", "Treatment Court Part")
    assert referral["status"] == "sent" and "decision" not in referral
    assert received["items"][0]["id"] == matched["id"] == responded["referral_id"] == referral["id"]
    assert filed["patient_id"] == matched["patient_id"] and consent["state"] == "active"
    (item,) = granted["items"]
    assert item["elements"]["enrolment.status"] == {"value": "active", "epistemic": "fact"} and item["obligations"]
    assert item["obligations"]["scope"][0]["ends"] == {"event": "final_disposition", "backstop": "2035-06-30"}
    assert revoked["state"] == "in_force" and before == after and after["items"] == []
    assert [row["elements"] for row in seen["items"]] == [["enrolment.engaged", "enrolment.status"]]


@contextmanager
def _sandbox(folder: Path, port: int) -> Iterator[str]:
    """What ``make run`` starts; gives what it printed."""
    command = [sys.executable, "-m", "app", "sandbox", "--port", str(port)]
    with open(folder / "said", "wb") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment(port), stdout=said, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200:
                    break
            time.sleep(0.05)
        yield (folder / "said").read_text()
    finally:
        process.terminate()
        process.wait(30)


def _shape(line: str) -> re.Pattern[str]:
    """A line of the README as a pattern: SECRET and … stand for something that each instance fills in."""
    return re.compile(re.sub(r"\\…|…|SECRET", ".+", re.escape(line)))


def test_make_run_prints_three_lines_that_work(tmp_path: Path) -> None:
    """Each has the shape that the README shows, and does what it says, twice: starting again keeps what is there."""
    port = free_port()
    shapes = README.partition("```text\n")[2].partition("```")[0].replace(":8000", f":{port}").splitlines()
    printed = []
    for _ in range(2):
        with _sandbox(tmp_path, port) as said:
            lines = [line for line in said.splitlines() if line.startswith(("TOKEN=", "curl "))]
            assert f"http://127.0.0.1:{port}/docs" in said
            assert [bool(_shape(shape).fullmatch(line)) for shape, line in zip(shapes, lines, strict=True)] == [
                True
            ] * 3
            script = "set -euo pipefail\n" + "\n".join(lines)
            done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30, check=True)
            sent, read = documents(done.stdout)
            assert sent["status"] == "sent" and len(read["items"]) == 5
            assert read["items"][0]["elements"]["enrolment.status"]["value"] == "active"
        printed.append(lines)
    assert printed[0] == printed[1]
    assert json.loads((tmp_path / "var" / "sandbox.json").read_text())["base_url"] == f"http://127.0.0.1:{port}"


def test_demo_plays_the_stories(tmp_path: Path) -> None:
    """``make demo`` on one database; the sentence at its end is the one that the stories promise."""
    command = [sys.executable, "-m", "app", "demo", "--database", "sqlite"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(0), capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.rstrip().endswith("Everybody saw exactly what was allowed.")


def test_story_has_its_fifteen_lines() -> None:
    """Nothing of it is lost in an edit."""
    story = README.partition("\n## The story\n")[2].partition("\n## ")[0]
    assert [int(number) for number in re.findall(r"^(\d+)\. ", story, re.MULTILINE)] == list(range(1, 16))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/operations.md", "SECURITY.md"])
def test_every_target_that_is_named_exists(name: str) -> None:
    """``make something`` in a page is a target of the Makefile, and the marked ones end in one known command."""
    text = page(name)
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^ *|PORT=\d+ |python3.12 )make ([a-z-]+)", text, re.MULTILINE))
    assert named <= targets
    assert {commands for mark, commands in blocks(text) if mark == "target"} <= {f"make {t}\n" for t in targets}
