"""Run as a program: import the core and collect its tests with nothing but pytest and hypothesis importable."""

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

ALLOWED = {
    *sys.stdlib_module_names, "app", "tests", "conftest",
    "pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments",
    "hypothesis", "_hypothesis_globals", "_hypothesis_ftz_detector", "_hypothesis_pytestplugin", "sortedcontainers",
}  # fmt: skip
CORE = ("app.consent", "app.messages", "app.ledger", "app.vocabulary")


class OnlyAllowed(MetaPathFinder):
    """Refuses every third-party package that is not allowed, as if it were not installed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise for a package outside the list; leave the rest to the finders that follow."""
        top = fullname.partition(".")[0]
        if path is None and top not in ALLOWED and not top.startswith(("_sysconfigdata", "test_")):
            raise ModuleNotFoundError(f"the core needs {fullname}, beyond pytest and hypothesis", name=fullname)
        return None


def import_core() -> list[str]:
    """Import every module of the core and give their names."""
    names: list[str] = []
    for package in CORE:
        names.append(package)
        inside = getattr(importlib.import_module(package), "__path__", [])
        names += [module.name for module in pkgutil.walk_packages(inside, f"{package}.")]
    for name in names:
        importlib.import_module(name)
    return names


def main() -> int:
    """Block, import, collect; the exit status is pytest's."""
    sys.meta_path.insert(0, OnlyAllowed())
    print("imported", *import_core())
    return int(
        importlib.import_module("pytest").main(["-q", "--collect-only", "-p", "no:cacheprovider", *sys.argv[1:]])
    )


if __name__ == "__main__":
    sys.exit(main())
