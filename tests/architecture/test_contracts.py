"""The import contracts hold, refuse a stray package, and name every package that exists."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.syntax import ROOT

LINT = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
EDGE = {"routers", "pages", "schemas", "fhir"}
WIRELESS = {"routers", "pages", "schemas", "fhir", "exchange", "storage"}
WRONG = {
    "consent/rules.py": ("import app.exchange", "app.consent is not allowed to import app.exchange"),
    "exchange/cases.py": ("from app import routers", "app.exchange is not allowed to import app.routers"),
    "ledger/tree.py": ("import time", "app.ledger is not allowed to import time"),
    "routers/cases.py": ("import sqlalchemy", "app.routers is not allowed to import sqlalchemy"),
    "schemas/case.py": ("import app.storage", "app.schemas is not allowed to import app.storage"),
    "exchange/tokens.py": ("import jose", "app.exchange is not allowed to import jose"),
    "identity/jwks.py": ("import httpx", "app.identity is not allowed to import httpx"),
}
"""Path in app/ -> a module that must not be there, and the words that must tell of it."""


def _contracts() -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return {contract["name"]: contract for contract in settings["contracts"]}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_contracts_hold() -> None:
    """Imports point inward, the core is pure, each outside library has one door."""
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


def _skeleton(folder: Path) -> Path:
    """The packages of app/ with nothing in them, under the real contracts."""
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for name in ("", *(child.name for child in (ROOT / "app").iterdir() if (child / "__init__.py").exists())):
        (folder / "app" / name).mkdir(exist_ok=True)
        (folder / "app" / name / "__init__.py").touch()
    for name in (
        "__main__",
        "serving",
        "main",
        "worker",
        "instance",
        "settings",
        "profile_files",
        "errors",
        "log",
        "ids",
    ):
        (folder / "app" / f"{name}.py").touch()
    return folder


def test_contracts_refuse_each_wrong_import(tmp_path: Path) -> None:
    """On a skeleton of app/ that passes, every wrong module is reported and every contract breaks."""
    skeleton = _skeleton(tmp_path)
    assert _lint(skeleton).returncode == 0
    for path, (source, _) in WRONG.items():
        (skeleton / "app" / path).write_text(source)
    done = _lint(skeleton)
    assert done.returncode == 1
    assert [name for name in _contracts() if f"{name} BROKEN" not in done.stdout] == []
    assert [words for _, words in WRONG.values() if words not in done.stdout] == [], done.stdout


def test_contracts_refuse_a_package_in_no_layer(tmp_path: Path) -> None:
    """A drawer such as app/utils.py cannot be added beside the layers."""
    skeleton = _skeleton(tmp_path)
    (skeleton / "app" / "utils.py").touch()
    done = _lint(skeleton)
    assert done.returncode == 1 and "utils" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("contract", "packages"),
    [
        ("the edge cannot reach a table", EDGE),
        ("one door to jose", WIRELESS | {"delivery", "sandbox"}),
        ("outbound HTTP leaves only through delivery", WIRELESS | {"identity"}),
    ],
)
def test_contract_names_every_package_there_is(contract: str, packages: set[str]) -> None:
    """A forbidden contract has no form for a package that may come: it must be listed the day it exists."""
    there = {f"app.{name}" for name in packages if any((ROOT / "app").glob(f"{name}*"))}
    assert set(_contracts()[contract]["source_modules"]) == there


def test_layer_in_brackets_does_not_exist() -> None:
    """A layer is optional only until its module is there: afterwards its loss must fail."""
    optional = {
        name.strip(" ()")
        for layer in _contracts()["imports point inward"]["layers"]
        for name in layer.split("|")
        if "(" in name
    }
    assert [name for name in optional if (ROOT / "app" / name).is_dir() or (ROOT / "app" / f"{name}.py").exists()] == []
