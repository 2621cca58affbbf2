"""The core and its tests need only pytest and hypothesis: no framework, no database, no network library."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.syntax import ROOT, modules


def _light(folder: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.architecture.light", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_core_imports_and_collects_alone() -> None:
    """Every module of the core imports, and every core test is collected, with all else blocked."""
    done = _light("tests/core")
    assert done.returncode == 0, done.stdout + done.stderr
    imported = set(done.stdout.splitlines()[0].split())
    core = modules("app/consent", "app/messages", "app/ledger", "app/vocabulary")
    assert {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in core} <= imported


def test_heavy_test_is_caught(tmp_path: Path) -> None:
    """A test that needs a framework cannot be collected under the block."""
    (tmp_path / "test_heavy.py").write_text("import pydantic\n\ndef test_model() -> None:\n    pydantic.BaseModel()\n")
    done = _light(tmp_path)
    assert done.returncode != 0
    assert "pydantic, beyond pytest and hypothesis" in done.stdout
