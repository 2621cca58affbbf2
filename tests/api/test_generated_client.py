"""A typed client that a generator makes of openapi.yaml, unchanged: whole, type-checked, and good for the story."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from app.commands.contract import document
from tests.service import ROOT, server

NAME = "throughcare_client"
STORY = ROOT / "examples" / "typed_client.py"
SIDES = {"COURT": "c-court-treatment-judge", "CLINIC": "c-clinic-harbor-clinic-staff"}
STRICT = "[mypy]\nstrict = True\n[mypy-jose.*]\nignore_missing_imports = True\n"
TOLD = """\
before: []
consent: active
under it: ['enrolment.engaged = True', 'enrolment.status = active']
revocation: in_force
after: []
a clinic registers no case: True insufficient_scope
"""


def _run(folder: Path, *command: str, **more: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(folder), "MYPYPATH": str(folder)} | more
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package; a warning, that something was left out of it, fails."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.yaml").write_text(document())
    (folder / "config.yaml").write_text("post_hooks: []\n")
    options = ["--path", "openapi.yaml", "--config", "config.yaml", "--meta", "none", "--output-path", NAME]
    _run(folder, "-m", "openapi_python_client", "generate", "--fail-on-warning", *options)
    return folder


def test_every_operation_is_in_it(generated: Path) -> None:
    """A module each, in the folder of its tag as Python spells it."""
    paths = yaml.safe_load(document())["paths"].values()
    asked = [one for methods in paths for one in methods.values()]
    named = {f"{one['tags'][0].replace(' ', '_')}/{one['operationId']}" for one in asked}
    made = {"/".join(path.with_suffix("").parts[-2:]) for path in (generated / NAME / "api").glob("*/*.py")}
    assert named == {name for name in made if not name.endswith("/__init__")}


def test_it_type_checks(generated: Path) -> None:
    """mypy --strict, the generated code and the example that uses it."""
    (generated / "mypy.ini").write_text(STRICT)
    for target in (("-p", NAME), (str(STORY),)):
        _run(generated, "-m", "mypy", "--config-file", "mypy.ini", "--no-error-summary", *target)


def test_it_plays_the_story(generated: Path) -> None:
    """Token, case, referral, match, answer, consent, signature, status, gated read, revocation, empty read."""
    with server("sqlite") as (running, clients):
        environment = {"THROUGHCARE_URL": running.base_url}
        for side, name in SIDES.items():
            key = generated / f"{side}.jwk"
            key.write_text(json.dumps(clients[name]["private_jwk"]))
            own = {"KEY": str(key), "CLIENT": name, "UNIT": clients[name]["unit_id"]}
            environment |= {f"{side}_{member}": value for member, value in own.items()}
        assert _run(generated, str(STORY), **environment) == TOLD
