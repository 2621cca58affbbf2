"""Wrapped keys of owners, and sealed columns as they are read: behind the wrapped key and the id of their owner.

The key comes with the row, in the same snapshot: a row that is there opens, and one whose key was destroyed does not.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, LargeBinary, Table, bindparam, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.storage import tables as t
from app.storage.sealing import DESTROYED, NO_KEY
from app.storage.statement import Statement


class _WithKey(FunctionElement[bytes]):
    """wrapped key, owner, 0x00, sealed bytes. An owner that is NULL was unlinked by an erasure."""

    name = "with_key"
    type = LargeBinary()
    inherit_cache = True


def _text(element: _WithKey, compiler: Any, forms: tuple[str, str, str], named: dict[str, Any]) -> str:
    sealed, owner = (compiler.process(clause, **named) for clause in element.clauses)
    gone, none, whole = forms
    wrapped = f"(SELECT coalesce(data_key.wrapped, {gone}) FROM data_key WHERE data_key.owner = {owner})"  # noqa: S608  # names of columns
    found = f"coalesce({wrapped}, CASE WHEN {owner} IS NULL THEN {gone} ELSE {none} END)"
    return whole.format(key=found, owner=f"coalesce({owner}, '')", sealed=sealed)


@compiles(_WithKey, "postgresql")
def _postgresql(element: _WithKey, compiler: Any, **named: Any) -> str:
    gone, none = (f"'\\x{stand_in.hex()}'::bytea" for stand_in in (DESTROYED, NO_KEY))
    whole = "({key} || convert_to({owner}, 'UTF8') || '\\x00'::bytea || {sealed})"
    return _text(element, compiler, (gone, none, whole), named)


@compiles(_WithKey, "sqlite")
def _sqlite(element: _WithKey, compiler: Any, **named: Any) -> str:
    gone, none = (f"x'{stand_in.hex()}'" for stand_in in (DESTROYED, NO_KEY))
    return _text(element, compiler, (gone, none, "CAST({key} || {owner} || x'00' || {sealed} AS BLOB)"), named)


def with_key(sealed: ColumnElement[bytes], owner: Any) -> ColumnElement[bytes]:
    """A sealed column under its own name, behind the key of ``owner`` (a column or a scalar select of an id)."""
    return _WithKey(sealed, owner).label(getattr(sealed, "name", "sealed"))


def with_own_key(sealed: ColumnElement[bytes], referral: ColumnElement[str]) -> ColumnElement[bytes]:
    """The same of a sender's own referral, as a justice caller's connection says it."""
    return func.wall.key_before(referral).op("||")(sealed).label("sealed")


def key_of(owner: Any) -> ColumnElement[bytes]:
    """The key of an owner with nothing behind it, as ``key``: for what is to be sealed."""
    return _WithKey(_NOTHING, owner).label("key")


class _Nothing(FunctionElement[bytes]):
    name = "nothing"
    type = LargeBinary()
    inherit_cache = True


@compiles(_Nothing)
def _nothing(element: _Nothing, compiler: Any, **named: Any) -> str:
    return "zeroblob(0)" if compiler.dialect.name == "sqlite" else "''::bytea"


_NOTHING: Final = _Nothing()


def with_keys(table: Table, owner: Any) -> list[ColumnElement[Any]]:
    """Every column of a table, what is sealed behind the key of its owner."""
    return [with_key(column, owner) if column.name == "sealed" else column for column in table.c]


def holds(table: Table) -> ColumnElement[bool]:
    """Whether a row still holds what was sealed: an erasure takes it."""
    return func.length(table.c.sealed) > literal_column("0")


PATIENT_OF_SUBJECT: Final = (
    select(t.ledger_subject.c.patient_id)
    .where(t.ledger_subject.c.pseudonym == t.disclosure.c.subject)
    .correlate(t.disclosure)
    .scalar_subquery()
)
"""Owner of the openings of a disclosure; NULL once the ledger's name for the patient is nobody's any more."""

OF = Statement(
    select(t.data_key.c.wrapped, t.data_key.c.wrapped_by).where(t.data_key.c.owner == bindparam("owner")),
    behind=text("SELECT wrapped, wrapped_by FROM wall.own_key(:owner)"),
)
ADD = Statement(
    upsert(t.data_key).on_conflict_do_nothing(),
    behind=text("SELECT 1 FROM wall.add_key(:owner, :wrapped, :wrapped_by) AS made WHERE made"),
)
WRAPPED_BY = Statement(
    select(t.data_key.c.wrapped_by, func.count().label("keys"))
    .where(t.data_key.c.wrapped.is_not(None))
    .group_by(t.data_key.c.wrapped_by)
    .order_by(t.data_key.c.wrapped_by)
)
"""How many keys each wrapping key wraps."""

OF_WRAPPING = Statement(
    select(t.data_key.c.owner, t.data_key.c.wrapped)
    .where(t.data_key.c.wrapped_by == bindparam("by"), t.data_key.c.wrapped.is_not(None))
    .order_by(t.data_key.c.owner)
    .limit(bindparam("most"))
)
REWRAP = Statement(
    # Only what is still as it was read: a key that was destroyed meanwhile does not come back.
    update(t.data_key)
    .where(t.data_key.c.owner == bindparam("of"), t.data_key.c.wrapped == bindparam("old"))
    .values(wrapped=bindparam("new"), wrapped_by=bindparam("by"))
)


def retired(wrapping: str) -> str:
    """The owner under which it stands that a wrapping key is retired: no id of a patient has a colon."""
    return f"wrapping:{wrapping}"
