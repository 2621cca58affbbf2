"""Running the commands of a page as they stand, in one shell, against a service that the page itself starts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.docs.reading import ROOT

SERVE = """
.venv/bin/python -m app serve &
trap "kill $!; wait $! || :" EXIT
curl -sSf --retry 100 --retry-delay 0 --retry-connrefused --retry-max-time 60 -o /dev/null http://127.0.0.1:8000/readyz
"""


def here(commands: str, port: int) -> str:
    """The commands as they stand, but for this interpreter and a free port."""
    return commands.replace(".venv/bin/python", sys.executable).replace(":8000", f":{port}")


def environment(port: int) -> dict[str, str]:
    """This process's, without what is set for another service."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("THROUGHCARE_")}
    return own | {"PYTHONPATH": str(ROOT), "THROUGHCARE_PORT": str(port)}


def run(commands: str, folder: Path, port: int) -> str:
    """What the commands print in a folder that holds nothing but the examples; any that fails fails."""
    (folder / "examples").symlink_to(ROOT / "examples")
    script = "set -euo pipefail\n" + here(commands, port)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment(port), capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def documents(text: str) -> list[Any]:
    """The JSON documents that stand one after another."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


def missing() -> list[str]:
    """The programs that the examples for the shell need and that this machine lacks."""
    return [name for name in ("bash", "sh", "curl", "openssl", "awk", "sed", "tr") if shutil.which(name) is None]
