"""Plain SQL on a test database, beside the service and not through it."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import psycopg

from app.sandbox.cluster import JUSTICE, SERVING, as_role
from app.storage.database import Database
from app.storage.postgres import PostgresDatabase
from app.storage.sealing import Vault, behind
from app.storage.sqlite import SqliteDatabase
from tests.service import fresh_database

REFUSED: Final = (sqlite3.Error, psycopg.Error)
"""What a database raises when it refuses a statement."""


@contextlib.contextmanager
def connection(url: str) -> Iterator[Any]:
    """A connection in autocommit, on PostgreSQL as the owner: each statement sees all that was committed before it."""
    if url.startswith("sqlite:///"):
        opened: Any = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=5)
    else:
        opened = psycopg.connect(as_role(url), autocommit=True)
    with contextlib.closing(opened):
        yield opened


def rows(url: str, text: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection(url) as opened:
        found: list[tuple[Any, ...]] = opened.execute(text).fetchall()
        return found


def key_of(url: str, owner: str) -> bytes:
    """What the service reads in front of sealed content of a patient, a referral or a transfer."""
    found = rows(url, f"SELECT wrapped FROM data_key WHERE owner = '{owner}'")
    wrapped = None if not found else "" if found[0][0] is None else bytes(found[0][0]).hex()
    return behind(wrapped, owner)


def openings(url: str, vault: Vault) -> dict[str, Any]:
    """The openings of every recorded disclosure, by its id."""
    text = "SELECT d.id, s.patient_id, d.opening FROM disclosure d JOIN ledger_subject s ON s.pseudonym = d.subject"
    return {
        identifier: vault.open(key_of(url, patient) + bytes(opening), "disclosure", identifier)
        for identifier, patient, opening in rows(url, text)
    }


def change(url: str, text: str) -> None:
    """Run one statement that gives no rows."""
    with connection(url) as opened:
        opened.execute(text)


def count(url: str, table: str, where: str = "1 = 1") -> int:
    """How many rows of a table meet a condition."""
    number: int = rows(url, f"SELECT count(*) FROM {table} WHERE {where}")[0][0]
    return number


@contextlib.asynccontextmanager
async def opened(kind: str, folder: Path, *, size: int = 4) -> AsyncIterator[tuple[Database, str]]:
    """A fresh database as the service holds it, and its URL."""
    url = fresh_database(kind, folder)
    database: Database
    if kind == "sqlite":
        database = await SqliteDatabase.open(Path(url.removeprefix("sqlite:///")))
    else:
        database = await PostgresDatabase.open(as_role(url, SERVING), as_role(url, JUSTICE), size=size, narrow_size=2)
    try:
        yield database, url
    finally:
        await database.close()
