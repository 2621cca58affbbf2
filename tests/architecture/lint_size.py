"""Caps on size, and names that say nothing. A smell alarm: split by reason to change."""

from pathlib import PurePosixPath

from tests.architecture.syntax import functions, is_core, length

FILE, CORE_FILE = 250, 150
FUNCTION, CORE_FUNCTION = 40, 25
EMPTY_NAMES = {"utils", "util", "help" + "ers", "help" + "er", "services", "service", "manager", "managers", "common"}


def file_length(source: str, path: str) -> list[str]:
    """A file has at most 250 lines, in the core 150."""
    cap, lines = (CORE_FILE if is_core(path) else FILE), len(source.splitlines())
    return [f"{path}: {lines} lines, the cap is {cap}"] if lines > cap else []


def function_length(source: str, path: str) -> list[str]:
    """A function has at most 40 lines, in the core 25."""
    cap = CORE_FUNCTION if is_core(path) else FUNCTION
    return [
        f"{path}:{f.lineno}: {f.name} has {length(f)} lines, the cap is {cap}"
        for f in functions(source)
        if length(f) > cap
    ]


def returns_annotated(source: str, path: str) -> list[str]:
    """Every function says what it returns."""
    return [f"{path}:{f.lineno}: {f.name} has no return type" for f in functions(source) if f.returns is None]


def telling_names(source: str, path: str) -> list[str]:
    """A module is named after what it holds; a drawer for everything is refused."""
    parts = {part.strip("_") for part in PurePosixPath(path).with_suffix("").parts}
    return [f"{path}: '{name}' names no subject" for name in sorted(parts & EMPTY_NAMES)]
