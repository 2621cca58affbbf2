"""The technical log goes when every law concerned lets go of it; the disclosure ledger stays and still verifies."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.consent.local_time import micros
from app.exchange.erasure import erase_patient
from app.exchange.retention import OUTCOMES, kept_until, retain
from app.exchange.sequencing import audit, sequence
from app.sandbox.start import CLINIC, PERSON, seed
from app.sandbox.steps import must, reading
from app.vocabulary.calendar import DAY_US
from tests.service import DATABASES, ROOT, World, run, world
from tests.storage.direct import change, count, rows

COURT = "u-court-treatment"
EU = "eu-gdpr-led@1"
US = "us-42cfr2@1"
YEAR_US = 366 * DAY_US
MONITORING = "condition_monitoring"


def at(*parts: int, zone: str = "UTC") -> int:
    """The instant of a date and time there."""
    return micros(datetime(*parts, tzinfo=ZoneInfo(zone)))  # type: ignore[arg-type,misc]  # year, month, day, …


@pytest.mark.parametrize(
    ("made", "period", "ends"),
    [
        (at(2020, 5, 6, 7), "6y", at(2026, 5, 7)),
        (at(2020, 5, 6), "3y", at(2023, 5, 7)),
        (at(2024, 2, 29, 12), "1y", at(2025, 3, 2)),
        (at(2024, 2, 29, 12), "4y", at(2028, 3, 1)),
        (at(2024, 1, 1), "end_of_next_year", at(2026, 1, 1)),
        (at(2024, 12, 31, 23, 59), "end_of_next_year", at(2026, 1, 1)),
    ],
)
def test_a_period_ends_with_a_day_or_a_year(made: int, period: str, ends: int) -> None:
    assert kept_until(made, period, ZoneInfo("UTC")) == ends


def test_days_and_years_are_those_of_the_units_own_zone() -> None:
    made, zone = at(2025, 1, 1, 4), ZoneInfo("America/New_York")
    assert datetime.fromtimestamp(made / 1e6, UTC).year == 2025  # and still 2024 in New York
    assert kept_until(made, "end_of_next_year", zone) == at(2026, 1, 1, zone="America/New_York")
    assert kept_until(made, "2y", zone) == at(2027, 1, 1, zone="America/New_York")


def test_no_entry_goes_before_the_365_days_that_the_database_insists_on() -> None:
    """The clocks went forward on 9 March 2025 and on 8 March 2026: the day a year later is an hour shorter."""
    zone = ZoneInfo("America/New_York")
    made = at(2025, 3, 8, 23, 59, zone="America/New_York")
    assert at(2026, 3, 9, zone="America/New_York") < made + 365 * DAY_US == kept_until(made, "1y", zone)


async def asked(w: World) -> tuple[str, str]:
    """A read that released something and one that was refused; the consultation of each."""
    judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
    case_id = await seed(judge, clinic)
    await must(await judge.get(reading("treatment-statuses", case_id, MONITORING), X_Request_Id="request-granted"))
    await must(await judge.get(reading("treatment-statuses", case_id, "proceeding"), X_Request_Id="request-refused"))
    granted, refused = (of(w, request) for request in ("request-granted", "request-refused"))
    released = f"consultation_id = '{granted}'"
    assert count(w.settings.database_url, "disclosure", released) > 0
    assert count(w.settings.database_url, "disclosure", f"consultation_id = '{refused}'") == 0
    return granted, refused


def of(w: World, request: str) -> str:
    """The one consultation of a request."""
    ((found,),) = rows(w.settings.database_url, f"SELECT id FROM consultation WHERE request_id = '{request}'")
    return str(found)


def aged(w: World, consultation: str, age: int, name: str, *said: tuple[bytes, bytes]) -> None:
    """The same consultation as if it had been made so many microseconds earlier, its disclosures with it.

    ``said``: what its entry says, and what it says then.
    """
    url = w.settings.database_url
    source = f"FROM consultation WHERE id = '{consultation}'"
    entry = bytes(rows(url, f"SELECT entry {source}")[0][0])
    for before, after in said:
        assert before in entry
        entry = entry.replace(before, after)
    blob = f"x'{entry.hex()}'" if url.startswith("sqlite") else f"'\\x{entry.hex()}'::bytea"
    change(url, f"INSERT INTO consultation SELECT '{name}', at - {age}, unit_id, {blob}, request_id {source}")
    told = f"'{name}', subject, unit_id, instrument_id, at - {age}, entry, opening"
    told += f" FROM disclosure WHERE consultation_id = '{consultation}'"
    change(url, f"INSERT INTO disclosure SELECT '{name}' || id, {told}")


def under(w: World, unit: str, profile: str) -> None:
    """A unit that never worked under another profile."""
    change(w.settings.database_url, f"UPDATE unit SET profile = '{profile}' WHERE id = '{unit}'")
    change(w.settings.database_url, f"UPDATE unit_profile SET profile = '{profile}' WHERE unit_id = '{unit}'")


def all_under(w: World, profile: str) -> None:
    """The same of every unit."""
    change(w.settings.database_url, f"UPDATE unit SET profile = '{profile}'")
    change(w.settings.database_url, f"UPDATE unit_profile SET profile = '{profile}'")


def left(w: World) -> set[str]:
    """Those of the aged consultations that are still there."""
    return {row[0] for row in rows(w.settings.database_url, "SELECT id FROM consultation WHERE length(id) < 32")}


async def retained(w: World) -> dict[str, int]:
    """What a run counted, without what it counted none of."""
    counts = await retain(w.hub)
    assert tuple(counts) == OUTCOMES
    return {outcome: number for outcome, number in counts.items() if number}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_old_refusals_go_younger_ones_and_whatever_released_something_stay(kind: str) -> None:
    async with world(kind) as w:
        granted, refused = await asked(w)
        aged(w, refused, 7 * YEAR_US, "refused-long-ago")
        aged(w, refused, 5 * YEAR_US, "refused-before")
        aged(w, granted, 30 * YEAR_US, "granted-long-ago")
        await sequence(w.hub)
        ledger = "SELECT * FROM disclosure ORDER BY id"
        before = rows(w.settings.database_url, ledger), await audit(w.hub)
        assert before[1].lie is None and before[1].size == len(before[0]) > 0
        assert await retained(w) == {"deleted": 1, "kept_by_law": 1}
        assert left(w) == {"refused-before", "granted-long-ago"}
        assert count(w.settings.database_url, "consultation", f"id IN ('{granted}', '{refused}')") == 2
        assert (rows(w.settings.database_url, ledger), await audit(w.hub)) == before
        assert await retained(w) == {"kept_by_law": 1}


async def missed(w: World) -> str:
    """The consultation of a read in a case that is nobody's."""
    path = reading("treatment-statuses", "0" * 32, MONITORING)
    await w.party("c-court-treatment-judge").get(path, X_Request_Id="request-missed")
    return of(w, "request-missed")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_refusal_is_kept_by_the_laws_that_it_was_decided_under_and_by_that_of_who_asked(kind: str) -> None:
    async with world(kind) as w:
        _, refused = await asked(w)  # under the law of the United States: six years
        all_under(w, EU)
        aged(w, refused, 4 * YEAR_US, "decided-under-the-us")
        aged(w, refused, 7 * YEAR_US, "beyond-it")
        assert await retained(w) == {"deleted": 1, "kept_by_law": 1}
        assert left(w) == {"decided-under-the-us"}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_longer_law_of_a_clinic_that_has_nothing_to_do_with_a_refusal_keeps_nothing_of_it(kind: str) -> None:
    async with world(kind) as w:
        _, refused = await asked(w)
        all_under(w, EU)
        under(w, CLINIC, US)
        said = (US.encode(), EU.encode())
        aged(w, refused, 4 * YEAR_US, "of-one-case", said)
        aged(w, refused, 4 * YEAR_US, "of-two-cases", said, (b'"cases":1', b'"cases":2'))
        assert await retained(w) == {"deleted": 1, "kept_by_law": 1}
        assert left(w) == {"of-two-cases"}  # in the other of which perhaps nobody's consent was found
        all_under(w, EU)
        assert await retained(w) == {"deleted": 1}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_miss_is_kept_by_the_longest_law_of_anybody_here(kind: str) -> None:
    """It says of nobody whose patient was looked for."""
    async with world(kind) as w:
        miss = await missed(w)
        all_under(w, EU)
        under(w, CLINIC, "unodc-generic@1")
        aged(w, miss, 4 * YEAR_US, "beyond-three-years")
        aged(w, miss, 2 * YEAR_US + 31 * DAY_US, "within-three-years")
        assert await retained(w) == {"deleted": 1, "kept_by_law": 1}
        assert left(w) == {"within-three-years"}
        all_under(w, EU)
        assert await retained(w) == {"deleted": 1}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_unit_that_changed_its_law_keeps_what_the_older_one_kept(kind: str) -> None:
    async with world(kind) as w:
        miss = await missed(w)
        all_under(w, EU)
        aged(w, miss, 4 * YEAR_US, "missed")
        change(
            w.settings.database_url,
            f"INSERT INTO unit_profile (unit_id, profile, since) VALUES ('{COURT}', '{US}', 7)",
        )
        assert await retained(w) == {"kept_by_law": 1}
        change(w.settings.database_url, f"DELETE FROM unit_profile WHERE profile = '{US}'")
        assert await retained(w) == {"deleted": 1}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_nothing_goes_while_the_law_of_somebody_concerned_is_not_known_here(kind: str) -> None:
    """An overlay that the operator took away, say: nobody knows what it would have kept."""
    async with world(kind) as w:
        _, refused = await asked(w)
        aged(w, refused, 40 * YEAR_US, "refused")
        under(w, COURT, f"{US}+gone@1")
        assert await retained(w) == {"law_unknown": 1}
        under(w, COURT, US)
        assert await retained(w) == {"deleted": 1}


async def looked(w: World) -> tuple[str, str]:
    """A look of the clinic at its patient's accounting: the patient and the consultation."""
    clinic = w.party("c-clinic-harbor-clinic-staff")
    patient = (await must(await clinic.post("/v1/patients/search", PERSON)))["items"][0]["id"]
    await must(await clinic.get(f"/v1/patients/{patient}/disclosures", X_Request_Id="request-looked"))
    return patient, of(w, "request-looked")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_while_a_legal_hold_stands_looks_at_that_patient_stay(kind: str) -> None:
    async with world(kind) as w:
        await asked(w)
        patient, look = await looked(w)
        aged(w, look, 7 * YEAR_US, "look")
        hold = f"'h', '{CLINIC}', id, 0, 0, NULL, sealed FROM patient WHERE id = '{patient}'"
        columns = "id, unit_id, patient_id, placed_at, review_at, lifted_at, sealed"
        change(w.settings.database_url, f"INSERT INTO legal_hold ({columns}) SELECT {hold}")
        assert await retained(w) == {"kept_by_hold": 1}
        change(w.settings.database_url, "UPDATE legal_hold SET lifted_at = 1")
        assert await retained(w) == {"deleted": 1}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_looks_at_who_was_erased_are_kept_like_those_of_nobody_known(kind: str) -> None:
    async with world(kind) as w:
        await asked(w)
        patient, look = await looked(w)
        all_under(w, EU)
        under(w, COURT, US)
        aged(w, look, 4 * YEAR_US, "first")
        assert await retained(w) == {"deleted": 1}  # clinic and patient are under the law of the Union
        aged(w, look, 4 * YEAR_US, "second")
        await erase_patient(w.hub, patient)
        assert await retained(w) == {"kept_by_law": 1}  # whose patient it was is no longer known, and 6 years the most


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_more_than_a_batch_of_one_instant_is_looked_at_once_each(kind: str) -> None:
    async with world(kind) as w:
        _, refused = await asked(w)
        for age, most in ((7, 1201), (5, 701)):
            numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) "
            row = f"'{age}-' || n.i, c.at - {age * YEAR_US}, c.unit_id, c.entry, c.request_id"
            change(
                w.settings.database_url,
                f"{numbers} INSERT INTO consultation SELECT {row} FROM consultation c, n WHERE c.id = '{refused}'",
            )
        assert await retained(w) == {"deleted": 1201, "kept_by_law": 701}
        assert {name[:2] for name in left(w)} == {"5-"}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_command_prints_what_went_and_what_stayed(kind: str) -> None:
    async with world(kind) as w:
        _, refused = await asked(w)
        aged(w, refused, 7 * YEAR_US, "refused")
        environ = os.environ | json.loads((w.folder / "environment.json").read_text())
        line = [sys.executable, "-m", "app", "retain"]
        done = subprocess.run(line, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == dict.fromkeys(OUTCOMES, 0) | {"deleted": 1}
        assert left(w) == set()
