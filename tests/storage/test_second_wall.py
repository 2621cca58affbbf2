"""Raw SQL as the role that answers justice callers: of every table, with whatever pass it can get hold of."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from app.storage.tables import metadata
from app.storage.wall import CLOSED, OWN_WORDS, PUBLIC
from tests.storage.direct import count, rows
from tests.storage.walled import COURT, HOUR_US, PROBATION, Walled, walled

SEEDED = CLOSED - {"chain_root", "ledger_leaf", "allowance", "assertion_replay", "incident", "patient_merge"}
SEEDED -= {"transfer", "revocation", "idempotency", "restriction", "suspension", "court_order", "emergency_access"}
SEEDED -= {"review", "accounting_suspension", "subject_request", "legal_hold", "case_assignment", "case_move"}
"""Closed tables in which the seeds leave a row, so that "nothing" is not because nothing is there."""
ATTEMPTS = (
    "SELECT * FROM {table}",
    "SELECT count(*) FROM {table}",
    "SELECT 1 FROM {table} LIMIT 1",
    "COPY {table} TO STDOUT",
    "COPY (SELECT * FROM {table}) TO STDOUT",
    "INSERT INTO {table} DEFAULT VALUES",
    "INSERT INTO {table} SELECT * FROM {table}",
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    "CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON {table} USING (true)",
    "GRANT ALL ON {table} TO CURRENT_USER",
    "DROP TABLE {table} CASCADE",
    "CREATE VIEW public.v AS SELECT * FROM {table}",
    "EXPLAIN ANALYZE SELECT * FROM {table}",
)


@pytest.fixture(scope="module")
def there() -> Iterator[Walled]:
    """One seeded database for all that only tries to read."""
    with walled() as made:
        yield made


def test_every_table_is_known_and_on_one_side_of_the_wall() -> None:
    assert CLOSED | OWN_WORDS | PUBLIC == set(metadata.tables)
    assert not OWN_WORDS & PUBLIC


@pytest.mark.parametrize("table", [*sorted(CLOSED), "wall.key"])
def test_a_table_of_content_is_closed_to_every_statement(there: Walled, table: str) -> None:
    """With a valid pass: it opens functions, and no table."""
    if table in SEEDED:
        assert count(there.url, table) > 0, table
    column = "inner_pad" if table == "wall.key" else next(iter(metadata.tables[table].columns)).name
    with there.justice(there.proof(COURT)) as connection:
        for attempt in ATTEMPTS:
            with pytest.raises(InsufficientPrivilege), connection.transaction():
                connection.execute(attempt.format(table=table, column=f'"{column}"').encode()).fetchall()


@pytest.mark.parametrize("table", sorted(OWN_WORDS | PUBLIC))
def test_no_table_can_be_taken_over(there: Walled, table: str) -> None:
    taken = [a for a in ATTEMPTS if a.startswith(("TRUNCATE", "LOCK", "CREATE", "ALTER", "DROP"))]
    with there.justice(there.proof(COURT)) as connection:
        for attempt in taken:
            with pytest.raises(InsufficientPrivilege), connection.transaction():
                connection.execute(attempt.format(table=table, column="").encode())


def shown(connection: Any, table: str) -> list[Any]:
    """What the role sees of a table: nothing where it is refused."""
    found: list[Any] = []
    for column in metadata.tables[table].columns:
        try:
            found += connection.execute(f'SELECT "{column.name}" FROM {table}'.encode()).fetchall()
        except InsufficientPrivilege:
            continue
    return found


def forged(there: Walled) -> dict[str, str | None]:
    """Passes that are none."""
    own, other = there.proof(COURT), there.proof(PROBATION)
    unit, client, until, mac = own.split("|")
    return {
        "none": None,
        "empty": "",
        "another unit under the same signature": "|".join((PROBATION[0], client, until, mac)),
        "a later end under the same signature": "|".join((unit, client, str(int(until) + HOUR_US), mac)),
        "another's signature": "|".join((unit, client, until, other.rpartition("|")[2])),
        "its parts in another order": "|".join((client, unit, until, mac)),
        "a fifth part": f"{own}|",
        "a zero signature": "|".join((unit, client, until, "0" * 64)),
        "no signature": "|".join((unit, client, until, "")),
        "expired": there.proof(COURT, age=31_000_000),
        "words": "' OR true --",
    }


@pytest.mark.parametrize("table", sorted(OWN_WORDS))
def test_without_a_valid_pass_own_words_are_nobodys(there: Walled, table: str) -> None:
    for name, proof in forged(there).items():
        with there.justice(proof) as connection:
            assert shown(connection, table) == [], name


WHOSE = {
    "case_view": "unit_id",
    "referral": "issuer_unit",
    "case_record": None,
    "feed_seen": "split_part(reader, '|', 1)",
    "feed_view": "split_part(reader, '|', 1)",
}
"""Own-words tables that can be read -> what says whose a row is."""


@pytest.mark.parametrize("table", sorted(WHOSE))
def test_a_unit_sees_its_own_rows_and_no_other_units(there: Walled, table: str) -> None:
    whose, total = WHOSE[table], count(there.url, table)
    for holder in (COURT, PROBATION):
        with there.justice(there.proof(holder)) as connection:
            if whose is None:
                seen = connection.execute("SELECT key FROM case_record").fetchall()
                expected = rows(there.url, f"SELECT DISTINCT case_key FROM case_view WHERE unit_id = '{holder[0]}'")
                assert sorted(seen) == sorted(expected) != []
                continue
            column = whose if "reader" in whose else f'"{whose}"'
            found = {unit for (unit,) in connection.execute(f"SELECT {column} FROM {table}".encode())}
            assert found <= {holder[0]}
            expected = rows(there.url, f"SELECT count(*) FROM {table} WHERE {whose} = '{holder[0]}'")
            assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchall() == expected
            assert expected[0][0] < total or table.startswith("feed")


@pytest.mark.parametrize("column", ["patient_id", "answered_at", "delivered_at"])
def test_what_the_clinic_did_with_a_referral_is_not_the_senders(there: Walled, column: str) -> None:
    assert count(there.url, "referral", "patient_id IS NOT NULL AND answered_at IS NOT NULL") > 0
    with there.justice(there.proof(COURT)) as connection:
        assert connection.execute("SELECT id FROM referral").fetchall()
        for statement in (f"SELECT {column} FROM referral", f"SELECT 1 FROM referral WHERE {column} IS NOT NULL"):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement.encode())
        with pytest.raises(InsufficientPrivilege):
            connection.execute(f"UPDATE referral SET {column} = NULL".encode())


def test_the_neutral_name_of_a_discloser_is_not_told_beside_its_own(there: Walled) -> None:
    with there.justice(there.proof(COURT)) as connection:
        assert connection.execute("SELECT id, name FROM unit").fetchall()
        for column in ("alias", "profile"):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(f"SELECT {column} FROM unit".encode())


def lies(there: Walled) -> dict[str, str]:
    """Rows that a unit may not write under its own pass: statement -> why."""
    case = rows(there.url, f"SELECT case_key FROM case_view WHERE unit_id = '{COURT[0]}' AND since = 0")[0][0]
    mine = rows(there.url, f"SELECT case_key FROM case_view WHERE unit_id = '{PROBATION[0]}'")
    own = next(key for (key,) in mine if key != case)
    referral, patient = rows(there.url, "SELECT id, patient_id FROM referral WHERE patient_id IS NOT NULL")[0]
    event = "INSERT INTO case_event (id, case_key, unit_id, code, occurred_at, received_at, effective, judged_at)"
    sent = (
        "INSERT INTO referral (id, issuer_unit, recipient_unit, case_key, case_id, scope, sealed, receipt, created_at"
    )
    return {
        f"{event} VALUES ('e', '{case}', '{PROBATION[0]}', 'case_dismissed', 0, 0, 1, NULL)": "another's case ends",
        f"{event} VALUES ('e', '{own}', '{COURT[0]}', 'case_dismissed', 0, 0, 0, NULL)": "in another's name",
        f"{event} VALUES ('e', '{own}', '{PROBATION[0]}', 'case_dismissed', 0, 0, 1, 0)": "nobody shall look at it",
        f"{sent}, patient_id) VALUES ('r', '{PROBATION[0]}', 'u-clinic-harbor', '{own}', 'c', 's', '', '', 0, "
        f"'{patient}')": "matched by the court itself",
        f"{sent}) VALUES ('r', '{COURT[0]}', 'u-clinic-harbor', '{own}', 'c', 's', '', '', 0)": "in another's name",
        f"INSERT INTO referral_frame VALUES ('{referral}', 's', 0)": "a frame of another's referral",
        f"INSERT INTO referral_amendment VALUES ('a', '{referral}', 0, '', '')": "an amendment of another's",
        "INSERT INTO withdrawal VALUES ('u-court-treatment', 'c', 'judge', 'p', '', '', 's', 'k', 'i', '[]', 0, 1)": (
            "another's item is put right"
        ),
        f"INSERT INTO withdrawal VALUES ('{PROBATION[0]}', 'c', 'j', 'p', '', '', 's', 'k', 'i', '[]', 0, 0)": (
            "an item withdrawn by who received it"
        ),
        "INSERT INTO feed_seen VALUES ('u-court-treatment|judge|', 'c', 0, 0)": "another's place in the feed",
    }


def test_nothing_is_written_in_anothers_name(there: Walled) -> None:
    for statement, why in lies(there).items():
        with there.justice(there.proof(PROBATION)) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
                pytest.fail(why)


def test_another_units_rows_cannot_be_changed(there: Walled) -> None:
    before = rows(there.url, "SELECT id, sealed, cancelled_at FROM referral ORDER BY id")
    with there.justice(there.proof(PROBATION)) as connection:
        theirs = f"issuer_unit = '{COURT[0]}'"
        assert connection.execute(f"UPDATE referral SET cancelled_at = 1 WHERE {theirs}".encode()).rowcount == 0
        assert connection.execute(f"UPDATE referral SET sealed = '' WHERE {theirs}".encode()).rowcount == 0
        with pytest.raises(InsufficientPrivilege):
            connection.execute("DELETE FROM referral")
    assert rows(there.url, "SELECT id, sealed, cancelled_at FROM referral ORDER BY id") == before
