"""The Makefile, the CI script, the image and the lock files say the same thing."""

import os
import re
import subprocess

import pytest

from tests.architecture.syntax import ROOT

DOCKER_LINES = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
LOCKED = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.MULTILINE)


def _recipe(target: str) -> str:
    """What make would run to rebuild a target (nothing is executed)."""
    # Under `make test` this make would print that it enters the directory.
    outside = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(
        ["make", "-n", "-B", target], cwd=ROOT, env=outside, capture_output=True, text=True, check=True, timeout=20
    )
    return done.stdout


def _docker(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in DOCKER_LINES if line.startswith(f"{word} ")]


def test_ci_runs_what_a_developer_runs() -> None:
    """CI stops at the first failure and calls the same targets, beside the check of openapi.yaml."""
    script = ROOT / ".ci" / "run"
    steps = [line.removeprefix("step ") for line in script.read_text("utf-8").splitlines() if line.startswith("step ")]
    assert "make check" in steps and "make test" in steps and ".venv/bin/python -m app openapi --check" in steps
    assert "set -euo pipefail" in script.read_text("utf-8")
    assert script.stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("run", ".venv/bin/python -m app sandbox --port 8000 --seed item"),
        ("test", ".venv/bin/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile"),
        ("demo", ".venv/bin/python -m app demo"),
        ("bench", ".venv/bin/python -m benchmarks"),
        ("openapi", ".venv/bin/python -m app openapi"),
    ],
)
def test_target_runs_its_command(target: str, command: str) -> None:
    """A target ends in one command, after a hash-checked install."""
    lines = _recipe(target).splitlines()
    assert lines[-1] == command
    assert any("pip install" in line and "--require-hashes" in line for line in lines)


@pytest.mark.parametrize(
    "tool", ["ruff check", "ruff format", "mypy", "lint-imports", "tests/core", "tests/architecture"]
)
def test_check_runs_every_static_tool(tool: str) -> None:
    """The inner loop is lint, format, types, contracts and the core tests."""
    steps = _recipe("check").split("-j 4 ")[1].splitlines()[0].split()
    assert tool in "".join(_recipe(step) for step in steps)


def test_image_installs_as_make_run_does() -> None:
    """The same locked install command, to the letter."""
    install = next(line for line in _recipe(".venv/.installed-runtime").splitlines() if "pip install" in line)
    assert install in _docker("RUN")


def test_image_starts_as_documented() -> None:
    """It migrates, then serves, and its health check asks /healthz without a shell tool."""
    assert "python -m app migrate && exec" in _docker("ENTRYPOINT")[0]
    assert _docker("CMD")[0].startswith('["python", "-m", "app", "serve"')
    assert "/healthz" in _docker("HEALTHCHECK")[0] and '"python", "-c"' in _docker("HEALTHCHECK")[0]


def test_image_is_built_in_stages_and_not_root() -> None:
    """The last stage runs under a numeric uid other than 0, on a tagged base, with the build left behind."""
    assert [base.split()[0] for base in _docker("FROM")] == ["python:3.12-slim"] * 2
    users = _docker("USER")
    assert users and int(users[-1].split(":")[0]) > 0
    assert [line.split()[0] for line in DOCKER_LINES if line].index("USER") > DOCKER_LINES.index(
        "FROM python:3.12-slim"
    )


def test_image_copies_only_what_its_context_lets_in() -> None:
    """.dockerignore shuts out everything that the Dockerfile does not copy: no var/, no .git, no tests."""
    rules = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    assert "*" in rules
    copied = {name.rstrip("/") for line in _docker("COPY") if "--from" not in line for name in line.split()[:-1]}
    assert copied == {rule[1:] for rule in rules if rule.startswith("!")}


def test_developer_lock_contains_the_runtime_lock() -> None:
    """Tests run on the very versions that are deployed."""
    runtime = dict(LOCKED.findall((ROOT / "requirements.lock").read_text("utf-8")))
    development = dict(LOCKED.findall((ROOT / "requirements-dev.lock").read_text("utf-8")))
    assert len(runtime) > 20
    assert runtime.items() <= development.items()


def test_benchmark_lock_adds_only_the_engines() -> None:
    """What is measured is the locked service; beside it stand the two engines that the decision is compared with."""
    runtime = dict(LOCKED.findall((ROOT / "requirements.lock").read_text("utf-8")))
    benchmark = dict(LOCKED.findall((ROOT / "requirements-bench.lock").read_text("utf-8")))
    assert runtime.items() <= benchmark.items()
    assert set(benchmark) - set(runtime) == {"cedarpy", "celine-regorus"}
