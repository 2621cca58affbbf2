"""Three ways to back up a database in use and to restore it elsewhere."""

import contextlib
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from app.sandbox.cluster import Cluster, binaries
from tests.resilience.place import Place

Restore = Callable[[], str]
"""Starts the restored copy and gives its URL."""


class _Copy(Cluster):
    """A base backup with the log that it needs; it can be started once the original is gone."""

    def __init__(self, original: Cluster) -> None:
        self._original = original
        super().__init__()

    def _fill(self) -> None:
        source = self._original.url("postgres")
        self._call("pg_basebackup", "-d", source, "-D", str(self._data), "-X", "stream", "-c", "fast")


@contextlib.contextmanager
def base_backup(there: Place) -> Iterator[Restore]:
    """``pg_basebackup -X stream``: the whole server, as of the backup's end."""
    assert there.cluster is not None
    copy = _Copy(there.cluster)

    def restore() -> str:
        copy.start()
        return copy.url("throughcare")

    try:
        yield restore
    finally:
        copy.stop()


@contextlib.contextmanager
def dump(there: Place) -> Iterator[Restore]:
    """``pg_dump``: one database, as of the dump's beginning."""
    assert there.cluster is not None
    file, elsewhere = there.folder / "dump", Cluster()
    _client("pg_dump", "-Fc", "-f", str(file), there.cluster.url("throughcare"))

    def restore() -> str:
        elsewhere.start()
        url = elsewhere.create("throughcare", "template0")
        _client("pg_restore", "--exit-on-error", "-d", url, str(file))
        return url

    try:
        yield restore
    finally:
        elsewhere.stop()


@contextlib.contextmanager
def online_backup(there: Place) -> Iterator[Restore]:
    """SQLite's online backup, as ``.backup`` of its shell, page by page beside the writers."""
    copy = there.folder / "elsewhere.db"
    source = sqlite3.connect(Path(there.settings.database_url.removeprefix("sqlite:///")))
    with contextlib.closing(source), contextlib.closing(sqlite3.connect(copy)) as target:
        source.backup(target, pages=20, sleep=0.001)
    yield lambda: f"sqlite:///{copy}"


def _client(program: str, *arguments: str) -> None:
    subprocess.run([str(binaries() / program), *arguments], check=True, capture_output=True)


WAYS: Final = {"pg_basebackup": base_backup, "pg_dump": dump, "sqlite backup": online_backup}
