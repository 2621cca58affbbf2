"""What was recorded stays as it is: the database itself refuses to change or remove it."""

from pathlib import Path

import pytest

from app.sandbox.start import CLINIC, PERSON, seed
from app.sandbox.steps import must, reading
from app.storage.sqlite import connect
from tests.service import DATABASES, run, world
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
