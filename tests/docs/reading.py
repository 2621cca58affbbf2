"""Reading the documentation: its pages, and its shell blocks with the mark that says how a test runs each."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"(?:<!-- run: ([a-z]+) -->\n)?```sh\n(.*?)```", re.DOTALL)


def page(name: str) -> str:
    """The text of a page, by its path under the root."""
    return (ROOT / name).read_text("utf-8")


def blocks(text: str) -> list[tuple[str, str]]:
    """(mark, commands) of each ```sh block in order; the mark is '' where none stands above it."""
    return [(mark, commands) for mark, commands in _BLOCK.findall(text)]


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level, up to the next."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def pages() -> dict[str, str]:
    """Every page of the project, by its path under the root."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(found)}
