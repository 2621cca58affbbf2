"""Figures of the long runs: printed as a table, kept in ``var/NAME.json`` under the title of each part."""

import json
from collections.abc import Mapping
from typing import Any

from tests.service import ROOT


def table(found: Mapping[str, Any]) -> str:
    """Two columns."""
    width = max(map(len, found))
    return "\n" + "\n".join(f"  {name:<{width}}  {value}" for name, value in found.items())


def keep(name: str, part: str, found: Mapping[str, Any]) -> None:
    """Add a part to the file, or replace it."""
    path = ROOT / "var" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(known | {part: dict(found)}, indent=2) + "\n")
