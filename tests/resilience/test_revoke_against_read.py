"""Revoke against read: once a revocation is acknowledged, every release before it is committed and none comes after.

A release and a revocation are each held open for a second before their commit, in both orders. The same checks must
catch a record that takes no lock. ``test_revoke_under_load.py`` lets 64 readers hammer one patient.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from app.main import create_app
from tests.exchange.raw import call
from tests.exchange.witness import Witness, nothing
from tests.resilience.held import SECONDS, asleep, hold_narrowing, hold_releases, take_no_lock
from tests.resilience.patient import NAMES, Patient, begin
from tests.service import DATABASES, run, world
from tests.storage.direct import count


@dataclass
class Seen:
    """What one confrontation left: disclosures when the revocation was acknowledged, and in the end."""

    at_acknowledgement: int
    in_the_end: int
    read: int
    """Items that the reader received."""
    waited: float
    """Seconds until the acknowledgement."""


def disclosed(url: str, consent: str) -> int:
    """Committed disclosures under a consent."""
    return count(url, "disclosure", f"instrument_id = '{consent}'")


@asynccontextmanager
async def patient(*prepare: Callable[[str], None]) -> AsyncIterator[tuple[Patient, str]]:
    """The seeded patient on PostgreSQL, whose database is prepared after the story so far."""
    async with world("postgresql") as w:
        someone = await begin(*(w.party(name) for name in NAMES))
        for step in prepare:
            step(w.settings.database_url)
        yield someone, w.settings.database_url


async def release_first(*planted: Callable[[str], None]) -> Seen:
    """A release is held before its commit; meanwhile the patient revokes."""
    async with patient(hold_releases, *planted) as (someone, url):
        reading = asyncio.create_task(someone.read())
        await asleep(url)
        begun = time.monotonic()
        await someone.revoke()
        waited = time.monotonic() - begun
        acknowledged = disclosed(url, someone.consent)
        read = len(await reading)
        return Seen(acknowledged, disclosed(url, someone.consent), read, waited)


async def revocation_first(*planted: Callable[[str], None]) -> Seen:
    """A revocation is held before its commit; meanwhile the judge reads, and still finds the consent in force."""
    async with patient(hold_narrowing, *planted) as (someone, url):
        begun = time.monotonic()
        revoking = asyncio.create_task(someone.revoke())
        await asleep(url)
        reading = asyncio.create_task(someone.read())
        await revoking
        waited = time.monotonic() - begun
        acknowledged = disclosed(url, someone.consent)
        read = len(await reading)
        return Seen(acknowledged, disclosed(url, someone.consent), read, waited)


@run
async def test_a_revocation_waits_for_a_release_that_was_first() -> None:
    seen = await release_first()
    assert seen.at_acknowledgement == seen.in_the_end == seen.read == 5
    assert SECONDS / 2 < seen.waited < SECONDS + 4


@run
async def test_a_release_that_comes_second_decides_again_and_records_nothing() -> None:
    seen = await revocation_first()
    assert seen.at_acknowledgement == seen.in_the_end == seen.read == 0


@run
async def test_a_record_without_its_lock_is_caught_in_both_orders() -> None:
    """The bug that these tests exist for: a disclosure commits a second after the patient was told that all is over."""
    first, second = await release_first(take_no_lock), await revocation_first(take_no_lock)
    assert (first.at_acknowledgement, first.in_the_end) == (0, 5)
    assert first.waited < SECONDS / 2
    assert second.in_the_end == second.read == 5


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_revocation_between_decision_and_record(kind: str) -> None:
    """The judge's read was decided and its rows are in hand; the revocation is acknowledged before it is recorded."""
    async with world(kind) as w:
        someone = await begin(*(w.party(name) for name in NAMES))
        app, witness = create_app(w.settings), Witness(w.hub.database)
        app.state.hub = replace(w.hub, database=witness)

        async def revoke(_: bool) -> None:
            witness.before_record = nothing
            await someone.revoke()

        witness.before_record = revoke
        answer = await call(app, await someone.judge.token(), "GET", someone.path, heard=witness.events.append)
        assert answer.json["items"] == []
        assert witness.events[:2] == ["shared moved", "shared commit"]
        assert disclosed(w.settings.database_url, someone.consent) == 0
