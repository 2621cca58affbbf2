"""docs: write the generated pages from the code, or check that they are the same."""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]


def add(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "docs", help="write docs/rules.md, matrix.md, errors.md and the errors page, or check them"
    )
    parser.add_argument("--check", action="store_true")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Write or compare; 1 if a page differs from the code."""
    differing = []
    for name, text in pages().items():
        path = ROOT / name
        if path.exists() and path.read_text() == text:
            continue
        if chosen.check:
            differing.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for name in differing:
        print(f"{name} differs from the code: run python -m app docs", file=sys.stderr)
    return 1 if differing else 0


def pages() -> dict[str, str]:
    """Path under the root of the repository -> the text that it must have."""
    from app.commands import errors_page, matrix_page, rules_page  # noqa: PLC0415  # so that --help starts without FastAPI

    return {
        "docs/rules.md": rules_page.markdown(),
        "docs/matrix.md": matrix_page.markdown(),
        "docs/errors.md": errors_page.markdown(),
        "app/routers/assets/errors.html": errors_page.page(),
    }
