"""Migrations: up, no drift from the tables, down to nothing, up again; what was stored survives."""

import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from app.storage.migrate import SCRIPTS, check, downgrade, engine_of, upgrade
from app.storage.tables import metadata
from tests.service import DATABASES, cluster
from tests.storage.direct import change, rows

pytestmark = pytest.mark.parametrize("kind", DATABASES)
REVISIONS = [script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()][::-1]
"""Oldest first."""


def empty(kind: str, folder: Path) -> str:
    """The URL of a database without any table."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'empty.db'}"
    return cluster().create(f"m{uuid.uuid4().hex}")


def tables(url: str) -> set[str]:
    """The names of all tables."""
    return set(sa.inspect(engine_of(url)).get_table_names())


def left(url: str) -> list[str]:
    """Everything that a migration may have made and is still there: tables, indexes, triggers, functions."""
    if url.startswith("sqlite"):
        query = "SELECT type || ' ' || name FROM sqlite_master WHERE tbl_name <> 'alembic_version'"
    else:
        query = """
SELECT 'relation ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
  AND relname NOT LIKE 'alembic_version%'
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
  AND typname NOT LIKE '%alembic_version'
"""
    return sorted(row[0] for row in rows(url, query))


def described(url: str) -> list[str]:
    """Every object with its definition, as the database tells it."""
    if url.startswith("sqlite"):
        query = "SELECT name || coalesce(sql, '') FROM sqlite_master"
    else:
        query = """
SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
  WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT table_name || column_name || data_type || is_nullable || coalesce(column_default, '')
  FROM information_schema.columns WHERE table_schema = 'public'
"""
    return sorted(row[0] for row in rows(url, query))


def test_up_down_to_nothing_and_up_again(kind: str, tmp_path: Path) -> None:
    url = empty(kind, tmp_path)
    upgrade(url)
    assert tables(url) == {"alembic_version", *metadata.tables}
    check(url)
    first = described(url)
    downgrade(url)
    assert left(url) == []
    assert tables(url) == {"alembic_version"}
    upgrade(url)
    check(url)
    assert described(url) == first


def test_each_revision_goes_down_and_up_by_itself(kind: str, tmp_path: Path) -> None:
    url = empty(kind, tmp_path)
    for revision in REVISIONS:
        upgrade(url, revision)
        after = described(url)
        downgrade(url, "-1")
        upgrade(url, revision)
        assert described(url) == after


def test_an_upgrade_of_the_newest_changes_nothing(kind: str, tmp_path: Path) -> None:
    url = empty(kind, tmp_path)
    upgrade(url)
    before = described(url), rows(url, "SELECT * FROM clock_floor")
    upgrade(url)
    assert (described(url), rows(url, "SELECT * FROM clock_floor")) == before


def test_what_was_stored_survives_every_later_revision(kind: str, tmp_path: Path) -> None:
    url = empty(kind, tmp_path)
    upgrade(url, REVISIONS[0])
    blob = "x'0102'" if kind == "sqlite" else "'\\x0102'"
    change(url, "INSERT INTO agency (id, kind, name) VALUES ('a', 'court', 'A Court')")
    change(url, f"INSERT INTO consultation (id, at, unit_id, entry) VALUES ('c', 7, 'u', {blob})")
    change(url, "INSERT INTO gate (key, epoch) VALUES ('u:u', 3)")
    for revision in REVISIONS[1:]:
        upgrade(url, revision)
        assert rows(url, "SELECT id, kind, name, suspended_at FROM agency") == [("a", "court", "A Court", None)]
        assert rows(url, "SELECT id, at, unit_id, entry FROM consultation") == [("c", 7, "u", b"\x01\x02")]
        assert rows(url, "SELECT key, epoch FROM gate") == [("u:u", 3)]
    check(url)


def test_the_check_sees_a_drift(kind: str, tmp_path: Path) -> None:
    """The guard of the guard: a column or an index that no migration knows, or that one forgot, is told."""
    url = empty(kind, tmp_path)
    upgrade(url)
    for drift, repair in (
        ("ALTER TABLE gate ADD COLUMN more text", "ALTER TABLE gate DROP COLUMN more"),
        (
            "DROP INDEX ix_disclosure_subject",
            "CREATE INDEX ix_disclosure_subject ON disclosure (subject, at)",
        ),
    ):
        change(url, drift)
        with pytest.raises(CommandError):
            check(url)
        change(url, repair)
    check(url)
