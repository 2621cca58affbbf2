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

    False if a reader held the log of SQLite all the time: then do it again.
    """
    if url.startswith("sqlite:///"):
        return _truncated(url.removeprefix("sqlite:///"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM data_key")
    return True


def _truncated(path: str) -> bool:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as connection:
        for _ in range(_TRIES):
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return True
            time.sleep(_PAUSE_SECONDS)
    return False
