"""Bring a database to the newest schema, with alembic over a synchronous driver."""

import sqlite3
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, pool

SCRIPTS: Final = Path(__file__).resolve().parents[2] / "migrations"


def config(connection: Connection) -> Config:
    """An alembic configuration bound to an open connection."""
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS))
    settings.attributes["connection"] = connection
    return settings


def upgrade(url: str, revision: str = "head") -> None:
    """Upgrade the database at ``url`` (``sqlite:///path`` or ``postgresql://…``)."""
    with engine_of(url).connect() as connection:
        command.upgrade(config(connection), revision)
        connection.commit()


def downgrade(url: str, revision: str = "base") -> None:
    """Downgrade the database at ``url``; what a revision added is dropped with its content."""
    with engine_of(url).connect() as connection:
        command.downgrade(config(connection), revision)
        connection.commit()


def check(url: str) -> None:
    """Raise alembic's CommandError if the tables and the migrations differ."""
    with engine_of(url).connect() as connection:
        command.check(config(connection))


def engine_of(url: str) -> Engine:
    """A synchronous engine without a pool: psycopg for PostgreSQL, sqlite3 for SQLite."""
    if url.startswith("sqlite:"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        return create_engine(url, poolclass=pool.NullPool)
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool)
