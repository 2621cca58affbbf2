"""Nothing committed names a package host or one machine's paths, or holds a private key."""

import os
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.lint_text import committed_text
from tests.architecture.syntax import ROOT

UNTRACKED = {".git", ".venv", "var", "__pycache__", "build", "dist"}


def _texts() -> Iterator[tuple[str, str]]:
    for folder, inside, files in os.walk(ROOT):
        inside[:] = [
            name
            for name in inside
            if name not in UNTRACKED and not name.endswith(("_cache", ".egg-info", ".hypothesis"))
        ]
        for name in sorted(files):
            file = Path(folder, name)
            try:
                yield file.relative_to(ROOT).as_posix(), file.read_text("utf-8")
            except UnicodeDecodeError:  # an image has no text to guard
                continue


def test_tree_is_clean() -> None:
    """Every text file of the tree, tests and lock files included."""
    texts = dict(_texts())
    assert {"pyproject.toml", "requirements.lock", ".ci/run", "tests/architecture/syntax.py"} <= set(texts)
    found = [line for path, text in texts.items() for line in committed_text(text, path)]
    assert not found, "\n".join(found)
