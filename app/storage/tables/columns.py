"""Columns of the three kinds that every table is made of, and the one metadata."""

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, MetaData, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def words(name: str, *extra: ForeignKey, null: bool = False, key: bool = False) -> Column[str]:
    """A text column: an id, a code, a blind index or a document of ours; never what a person wrote."""
    return Column(name, Text, *extra, nullable=null, primary_key=key)


def number(name: str, *, null: bool = False, key: bool = False, default: str | None = None) -> Column[int]:
    """A whole number: an instant in microseconds, a day ordinal, a count or a flag."""
    return Column(name, BigInteger, nullable=null, primary_key=key, autoincrement=False, server_default=default)


def sealed(name: str, *, null: bool = False) -> Column[bytes]:
    """Bytes: sealed content or canonical entries."""
    return Column(name, LargeBinary, nullable=null)
