"""Which scenarios show a rule or a reason: tests/scenarios/*.yaml, lists of scenarios with ``name`` and ``rules``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).resolve().parents[2] / "tests" / "scenarios"


def shown(folder: Path = FOLDER) -> dict[str, list[str]]:
    """Name of a rule or reason -> the scenarios that say that they show it, in the order of the files.

    Raises:
        ValueError: a file is not of the form that the scenarios have.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for name, rules in _of_file(path):
            for rule in rules:
                found.setdefault(rule, []).append(name)
    return found


def _of_file(path: Path) -> Iterator[tuple[str, list[str]]]:
    listed: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(listed, list):
        raise ValueError(f"{path.name}: needs a list of scenarios")
    for one in listed:
        rules = one.get("rules") if isinstance(one, dict) else None
        if not isinstance(rules, list) or not isinstance(one.get("name"), str):
            raise ValueError(f"{path.name}: a scenario needs a name and a list of rules")
        yield one["name"], rules
