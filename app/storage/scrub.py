"""After an erasure: let what was overwritten leave the files as well, as far as each database can."""

import sqlite3
import time
from contextlib import closing
from typing import Final

import psycopg

_TRIES: Final = 50
_PAUSE_SECONDS: Final = 0.1


def scrub(url: str) -> bool:
    """SQLite: the write-ahead log put into the file and cut to nothing; PostgreSQL: the dead rows of the keys vacuumed.

    False if it was not done: a reader held the log of SQLite all the time, so do it again; or the role may not vacuum
    the keys, which PostgreSQL says in a warning alone, so that their owner has to.
    """
    if url.startswith("sqlite:///"):
        return _truncated(url.removeprefix("sqlite:///"))
    warnings: list[psycopg.errors.Diagnostic] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.add_notice_handler(warnings.append)
        connection.execute("VACUUM data_key")
    return not warnings


def _truncated(path: str) -> bool:
    # No patience of its own: while it waits for a reader it would let nobody write.
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        for _ in range(_TRIES):
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return True
            time.sleep(_PAUSE_SECONDS)
    return False
