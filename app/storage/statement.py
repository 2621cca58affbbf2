"""A SQLAlchemy Core statement compiled once for each database, to run on the raw driver.

The engine's own execution costs two to three times the statement itself on these paths; compiling once keeps Core's
checked columns and none of that cost (docs/decisions/0003).
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql import ClauseElement

BEHIND: Final = "behind"
"""PostgreSQL as a justice caller's connection speaks it: there is less that it may say (docs/decisions/0028)."""

_POSTGRESQL: Any = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_DIALECTS: Any = {
    "postgresql": _POSTGRESQL,
    BEHIND: _POSTGRESQL,
    "sqlite": sqlite.dialect(paramstyle="named"),
}


class Statement:
    """One statement with named parameters; a parameter left out is NULL."""

    def __init__(self, clause: ClauseElement, behind: ClauseElement | None = None) -> None:
        """``behind``: what a justice caller's connection says in its place, if the table itself is closed to it."""
        self._clauses = {"sqlite": clause, "postgresql": clause, BEHIND: clause if behind is None else behind}
        self._compiled: dict[str, tuple[str, tuple[str, ...], Mapping[str, Any]]] = {}

    def _for(self, dialect: str) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
        found = self._compiled.get(dialect)
        if found is None:
            compiled: Any = self._clauses[dialect].compile(dialect=_DIALECTS[dialect])
            names = tuple(compiled.positiontup or compiled.params)
            found = self._compiled[dialect] = (str(compiled), names, dict(compiled.params))
        return found

    def positional(self, dialect: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """SQL text and values in the order of ``$1, $2, …``."""
        text, names, defaults = self._for(dialect)
        return text, [values[name] if name in values else defaults[name] for name in names]

    def named(self, dialect: str, values: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """SQL text and values by name."""
        text, _, defaults = self._for(dialect)
        return text, values if values.keys() == defaults.keys() else {**defaults, **values}
