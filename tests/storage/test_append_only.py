"""What was recorded stays as it is: the database itself refuses to change or remove it.

One thing may go: of the log of who asked, what released nothing, a year later.
"""

from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RaiseException

from app.sandbox.cluster import SERVING, as_role
from app.sandbox.start import CLINIC, PERSON, seed
from app.sandbox.steps import must, reading
from app.storage.sqlite import connect
from tests.service import DATABASES, World, run, world
from tests.storage.direct import REFUSED, change, connection, count, rows

COLUMNS = {
    "consultation": "entry",
    "disclosure": "opening",
    "ledger_leaf": "disclosure_id",
    "chain_root": "root",
    "revocation": "selection",
    "consent_signature": "sealed",
    "referral_amendment": "receipt",
    "referral_frame": "scope",
    "withdrawal": "elements",
    "incident": "sealed",
}
"""Table -> a column that somebody might want to improve."""


async def fill(kind: str) -> None:
    """A row in every append-only table, most of them by what people do; then try each change on each table."""
    async with world(kind) as w:
        judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
        case_id = await seed(judge, clinic)
        await must(await judge.get(reading("treatment-statuses", case_id, "condition_monitoring")))
        found = await must(await clinic.post("/v1/patients/search", PERSON))
        await must(await clinic.post(f"/v1/patients/{found['items'][0]['id']}/revocations", {"all": True}))
        url = w.settings.database_url
        change(url, "INSERT INTO ledger_leaf SELECT 0, min(id) FROM disclosure")
        change(url, "INSERT INTO chain_root SELECT 1, entry, 0, entry FROM consultation LIMIT 1")
        change(url, "INSERT INTO referral_amendment SELECT id, id, 0, sealed, receipt FROM referral")
        change(url, "INSERT INTO referral_frame SELECT id, scope, 0 FROM referral")
        change(url, f"INSERT INTO withdrawal VALUES ('{CLINIC}', 'c', 'judge', 'p', '', '', 's', 'k', 'i', '[]', 0, 0)")
        change(url, "INSERT INTO incident SELECT id, unit_id, id, 'k', 0, 0, sealed FROM patient")
        for table, column in COLUMNS.items():
            refuses(url, table, column)


def refuses(url: str, table: str, column: str) -> None:
    """No statement changes or removes a row of this table."""
    before = rows(url, f"SELECT * FROM {table} ORDER BY 1")
    assert before, table
    statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    statements += [f"TRUNCATE {table} CASCADE"] if url.startswith("postgresql") else []
    for statement in statements:
        with pytest.raises(REFUSED, match="append-only"):
            change(url, statement)
    assert rows(url, f"SELECT * FROM {table} ORDER BY 1") == before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_no_row_of_the_record_can_be_changed_or_removed(kind: str) -> None:
    await fill(kind)


DAY_US = 86_400_000_000
YEAR_US = 365 * DAY_US


async def asked(w: World, *ages: int) -> list[str]:
    """Consultations that released nothing, so many microseconds old by the clock; their ids."""
    url = w.settings.database_url
    async with w.hub.database.read() as reader:
        now = await reader.now()
    blob = "x'7b7d'" if url.startswith("sqlite") else r"'\x7b7d'"
    for age in ages:
        row = f"'{age}', {now - age}, '{CLINIC}', {blob}"
        change(url, f"INSERT INTO consultation (id, at, unit_id, entry) VALUES ({row})")
    return [str(age) for age in ages]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_released_nothing_can_be_deleted_after_a_year_and_no_sooner(kind: str) -> None:
    """By whoever may write, the owner as well; and it can be changed never."""
    async with world(kind) as w:
        url = w.settings.database_url
        young = await asked(w, 0, YEAR_US - 120_000_000)
        (old,) = await asked(w, YEAR_US + 1)
        change(url, f"UPDATE clock_floor SET at = at + {9 * YEAR_US} WHERE id = 1")  # whoever serves could say so
        for one in young:
            with pytest.raises(REFUSED, match="append-only"):
                change(url, f"DELETE FROM consultation WHERE id = '{one}'")
        with pytest.raises(REFUSED, match="append-only"):
            change(url, "DELETE FROM consultation")
        refused = [f"UPDATE consultation SET at = 0 WHERE id = '{one}'" for one in (*young, old)]
        refused += ["TRUNCATE consultation CASCADE"] if kind == "postgresql" else []
        for statement in refused:
            with pytest.raises(REFUSED, match="append-only"):
                change(url, statement)
        assert count(url, "consultation") == 3
        change(url, f"DELETE FROM consultation WHERE id = '{old}'")
        assert sorted(row[0] for row in rows(url, "SELECT id FROM consultation")) == sorted(young)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_released_something_stays_however_old_it_is(kind: str) -> None:
    async with world(kind) as w:
        url = w.settings.database_url
        (old,) = await asked(w, 30 * YEAR_US)
        change(url, "INSERT INTO disclosure SELECT 'd', id, 's', unit_id, 'i', at, entry, entry FROM consultation")
        with pytest.raises(REFUSED, match="append-only"):
            change(url, f"DELETE FROM consultation WHERE id = '{old}'")
        assert count(url, "consultation") == count(url, "disclosure") == 1


@run
async def test_the_serving_role_shortens_the_log_by_the_same_rule_and_the_ledger_not_at_all() -> None:
    async with world("postgresql") as w:
        url = w.settings.database_url
        young, old, released = await asked(w, 0, 2 * YEAR_US, 3 * YEAR_US)
        told = f"SELECT 'd', id, 's', unit_id, 'i', at, entry, entry FROM consultation WHERE id = '{released}'"
        change(url, f"INSERT INTO disclosure {told}")
        change(url, f'GRANT TEMPORARY ON DATABASE "{url.rpartition("/")[2]}" TO throughcare_serving')
        with psycopg.connect(as_role(url, SERVING), autocommit=True) as serving:
            serving.execute("CREATE TEMPORARY TABLE disclosure (consultation_id text)")  # to be taken for the real one
            for one in (young, released):
                with pytest.raises(RaiseException, match="append-only"):
                    serving.execute("DELETE FROM consultation WHERE id = %s", (one,))
            serving.execute("DELETE FROM consultation WHERE id = %s", (old,))
            for statement in (
                "DELETE FROM public.disclosure",
                "UPDATE consultation SET at = at",
                "TRUNCATE consultation",
                "ALTER TABLE consultation DISABLE TRIGGER consultation_kept",
            ):
                with pytest.raises(InsufficientPrivilege):
                    serving.execute(statement.encode())
        assert sorted(row[0] for row in rows(url, "SELECT id FROM consultation")) == sorted((young, released))


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_other_rows_can(kind: str) -> None:
    """The guard of the guard: the same statements pass where nothing forbids them."""
    async with world(kind) as w:
        url = w.settings.database_url
        change(url, "INSERT INTO gate VALUES ('k', 1)")
        change(url, "UPDATE gate SET epoch = 2")
        change(url, "DELETE FROM gate")
        assert count(url, "gate") == 0
        assert count(url, "unit", f"id = '{CLINIC}'") == 1


@run
async def test_sqlite_replaces_no_row_either() -> None:
    """INSERT OR REPLACE removes the old row without firing its DELETE trigger unless triggers are recursive."""
    async with world("sqlite") as w:
        url = w.settings.database_url
        change(url, "INSERT INTO chain_root VALUES (1, x'01', 0, x'01')")
        writer = connect(Path(url.removeprefix("sqlite:///")))
        with pytest.raises(REFUSED, match="append-only"):
            writer.execute("INSERT OR REPLACE INTO chain_root VALUES (1, x'02', 0, x'02')")
        writer.close()
        with connection(url) as plain:
            assert plain.execute("SELECT root FROM chain_root").fetchall() == [(b"\x01",)]
