"""A figure with its unit, its aim and the command that measures it; printed, and kept in ``var/bench.json``."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PATH: Final = ROOT / "var" / "bench.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. ``aim`` is words ('' where it is context only); ``met`` is None without an aim."""

    name: str
    value: float
    unit: str
    aim: str
    met: bool | None
    command: str


@dataclass
class Report:
    """The figures of one run, in the order in which they were measured."""

    command: str
    say: Callable[[str], None]
    figures: list[Figure] = field(default_factory=list)

    def add(
        self, name: str, value: float, unit: str, *, at_least: float | None = None, most: float | None = None
    ) -> None:
        """Keep and print one figure; it is compared with its aim in print only."""
        aim, met = "", None
        if at_least is not None:
            aim, met = f">= {at_least:g}", value >= at_least
        elif most is not None:
            aim, met = f"<= {most:g}", value <= most
        figure = Figure(name, rounded(value), unit, aim, met, self.command)
        self.figures.append(figure)
        self.say(line(figure))

    def heading(self, text: str) -> None:
        """A line between groups of figures."""
        self.say(f"\n{text}")

    def write(self, path: Path = PATH) -> None:
        """``{"figures": {name: {"value", "unit", "aim", "command"}}}``; figures of other commands in the file stay."""
        document = json.loads(path.read_text()) if path.exists() else {}
        figures = document.setdefault("figures", {})
        for figure in self.figures:
            figures[figure.name] = {
                "value": figure.value,
                "unit": figure.unit,
                "aim": figure.aim,
                "command": figure.command,
            }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n")


def line(figure: Figure) -> str:
    """One line of the printed table."""
    verdict = {None: "", True: "met", False: "NOT MET"}[figure.met]
    return f"  {figure.name:<58} {figure.value:>10g} {figure.unit:<14} {figure.aim:<8} {verdict}".rstrip()


def rounded(value: float) -> float:
    """Four significant digits: more would be noise."""
    return float(f"{value:.4g}")
