"""openapi: write the contract from the code, or check that it is the same."""

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from app.settings import Settings


def add(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("openapi", help="write openapi.yaml, or check it")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--file", type=Path, default=Path("openapi.yaml"))
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Write or compare; 1 if the file differs from the code."""
    text = document()
    if not chosen.check:
        chosen.file.write_text(text)
        return 0
    if chosen.file.exists() and chosen.file.read_text() == text:
        return 0
    print(f"{chosen.file} differs from the code: run make openapi", file=sys.stderr)
    return 1


def document() -> str:
    """The OpenAPI document as YAML."""
    from app.main import create_app  # noqa: PLC0415  # so that --help starts without FastAPI

    generated = create_app(Settings.from_environment({})).openapi()
    return yaml.safe_dump(generated, sort_keys=False, allow_unicode=True, width=120)
