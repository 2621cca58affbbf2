"""How long it takes to begin: the command line's help, the server's first answer, an installation from nothing."""

import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.sandbox.cluster import free_port
from benchmarks.figures import ROOT, Report
from benchmarks.instance import Running, instance, start, wait_until_ready

REPEATS: Final = 5
HELP_AIM_MS: Final = 150
START_AIM_MS: Final = 900
_LEFT_OUT: Final = (".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis")


def measure(report: Report) -> None:
    """Medians of several starts, the page cache warm."""
    report.heading("start")
    report.add("--help", statistics.median(_help() for _ in range(REPEATS)), "ms", most=HELP_AIM_MS)
    with instance("sqlite", None) as of:
        times = []
        for _ in range(REPEATS):
            port, log, begun = free_port(), of.folder / "start.log", time.perf_counter()
            running = Running(start(f"-m app serve --host 127.0.0.1 --port {port}", of, log), port)
            wait_until_ready(running, log)
            times.append((time.perf_counter() - begun) * 1000)
            running.process.terminate()
            running.process.wait(30)
    report.add("process start to first 200 on /healthz", statistics.median(times), "ms", most=START_AIM_MS)


def _help() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "app", "--help"], cwd=ROOT, check=True, capture_output=True)
    return (time.perf_counter() - begun) * 1000


def install(report: Report) -> None:
    """``make run`` and ``make test`` in a copy of the sources, with no environment and an empty cache of packages."""
    report.heading("from nothing: no virtual environment, an empty package cache")
    for target, measured in (("run", _until_served), ("test", _until_done)):
        with tempfile.TemporaryDirectory(prefix="throughcare-install-") as folder:
            copy = Path(folder) / "throughcare"
            shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
            report.add(f"make {target} from an empty cache", _seconds(measured, copy, Path(folder) / "cache"), "s")


def _seconds(measured: Callable[[Path, dict[str, str]], None], copy: Path, cache: Path) -> float:
    environment = os.environ | {"PIP_CACHE_DIR": str(cache), "PORT": str(free_port())}
    begun = time.perf_counter()
    measured(copy, environment)
    return time.perf_counter() - begun


def _until_done(copy: Path, environment: dict[str, str]) -> None:
    subprocess.run(["make", "test"], cwd=copy, env=environment, check=True, stdout=subprocess.DEVNULL)


def _until_served(copy: Path, environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        ["make", "run"], cwd=copy, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    url = f"http://127.0.0.1:{environment['PORT']}/healthz"
    try:
        deadline = time.monotonic() + 1800
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return
            time.sleep(0.05)
        raise TimeoutError("make run did not serve")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
