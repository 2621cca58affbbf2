"""A process that dies leaves nothing of its memory on the disk."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sandbox.cluster import _children, free_port
from app.serving import prepare
from tests.service import ROOT, settings_for

PATTERN = Path("/proc/sys/kernel/core_pattern")


@contextlib.contextmanager
def started(folder: Path, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that may leave a core dump of any size in its folder."""
    environment = os.environ | json.loads((folder / "environment.json").read_text()) | {"PYTHONPATH": str(ROOT)}
    line = ["bash", "-c", 'ulimit -c unlimited && exec "$@"', "bash", sys.executable, *words]
    with (folder / "said").open("ab") as said:
        process = subprocess.Popen(line, cwd=folder, env=environment, stdout=said, stderr=said, start_new_session=True)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def limit(process: int) -> str:
    """The soft limit of a core dump."""
    lines = Path(f"/proc/{process}/limits").read_text().splitlines()
    return next(line.split()[4] for line in lines if line.startswith("Max core file size"))


def limited(process: int) -> bool:
    """Whether it comes to forbid core dumps, within a minute."""
    deadline = time.monotonic() + 60
    program = Path(f"/proc/{process}/exe")
    # Before it is Python it is the shell that lifts the limit, which was that of whoever runs the tests.
    while not (program.readlink().name.startswith("python") and limit(process) == "0") and time.monotonic() < deadline:
        time.sleep(0.05)
    return limit(process) == "0"


def cores(folder: Path) -> list[str]:
    """Core dumps in a folder."""
    return [path.name for path in folder.iterdir() if path.name.startswith("core")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of an instance that is ready to start."""
    prepare(settings_for("sqlite", tmp_path, free_port()))
    return tmp_path


@pytest.mark.parametrize("words", [("serve",), ("serve", "--workers", "2"), ("work",)])
def test_a_service_that_aborts_leaves_no_core_dump(words: tuple[str, ...], folder: Path) -> None:
    """Every process of it: the workers of a server as well."""
    with started(folder, "-m", "app", *words) as process:
        assert limited(process.pid), (folder / "said").read_text()
        deadline = time.monotonic() + 60
        while "--workers" in words and len(_children(process.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        family = [*_children(process.pid), process.pid]
        assert {limit(one) for one in family} == {"0"}
        for one in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGABRT)
        process.wait(30)
    assert cores(folder) == []


def test_a_process_without_that_measure_does_leave_one_or_is_not_limited(folder: Path) -> None:
    """So the test above can fail. Where dumps are piped to a program, no file can be seen; then the limit is."""
    with started(folder, "-c", "import time; time.sleep(60)") as process:
        time.sleep(0.5)
        assert limit(process.pid) == "unlimited"
        process.send_signal(signal.SIGABRT)
        process.wait(30)
    pattern = PATTERN.read_text().strip()
    if not pattern.startswith(("|", "/")):
        assert cores(folder) != []
