"""A privacy office that a clinic never appointed, and the one that it did: what only an office may do is tried as both.

A clinic is told that it is the wrong kind of caller before anything is looked up, so that no neighbouring clinic tries
these operations; another office does.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from app.exchange import administration
from app.sandbox.register import private_jwk
from app.vocabulary import SCOPES_OF_ROLE, AgencyKind, Role, Scope
from tests.api.contract import check, operation
from tests.api.replay import OFFICER, STEPS
from tests.attack import ground
from tests.attack.ground import Side, asked_of, guarded, places
from tests.attack.test_foreign_ids import told
from tests.service import DATABASES, World, run, world

STRANGER = "c-privacy-neighbour"
DONE = {step.operation for step in STEPS if step.client == OFFICER}
"""What the replay of the examples carries out as an office."""


@dataclass
class Offices:
    """The owner's things, those of a neighbour of its agencies, and an office that only the neighbour appointed."""

    w: World
    owner: Side
    neighbour: Side


@asynccontextmanager
async def _offices(kind: str = "sqlite") -> AsyncIterator[Offices]:
    async with world(kind) as w:
        await ground.more_units(w)
        sides = [await ground.settle(w, side) for side in (ground.owner(), ground.neighbours()[0])]
        await _another_office(w)
        yield Offices(w, *sides)


async def _another_office(w: World) -> None:
    agency = await administration.add_agency(w.hub, AgencyKind.PRIVACY_OFFICE, "Neighbouring Office", "a-privacy-other")
    unit, zone, profile = "u-privacy-other", "America/Chicago", "us-42cfr2@1"
    await administration.add_unit(w.hub, agency, unit, alias=unit, time_zone=zone, profile=profile, identifier=unit)
    key = private_jwk(secrets.token_bytes(32), STRANGER)
    public = {name: value for name, value in key.items() if name != "d"}
    role = Role.PRIVACY_OFFICER
    await administration.add_client(w.hub, unit, role, jwk=public, secret=None, identifier=STRANGER)
    w.clients[STRANGER] = {"client_id": STRANGER, "private_jwk": key, "unit_id": unit, "role": role.value}
    await administration.appoint(w.hub, unit, "u-clinic-annex")


def _of_office() -> list[str]:
    """Every operation whose scope a privacy officer holds."""
    scopes = SCOPES_OF_ROLE[Role.PRIVACY_OFFICER]
    return [name for name in guarded() if Scope(operation(name)[2]["x-scope"]) in scopes]


async def _answers(o: Offices, client: str, name: str, side: Side, kind: str, value: str) -> list[httpx.Response]:
    """With the side's own ids, and this one in one place after the other that takes an id of this kind."""
    found = []
    method, template, _ = operation(name)
    for place in places(name):
        if place.kind == kind:
            asked = place.put(asked_of(name, side), template, side.known, value)
            found.append(await ground.send(o.w, client, asked))
            check(found[-1], method, template)
    return found


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_office_that_the_clinic_never_appointed_cannot_tell_its_ids_from_none(kind: str) -> None:
    """With its own clinic's ids in all other places, so that nothing earlier refuses."""
    async with _offices(kind) as o:
        tried = set()
        for name in _of_office():
            for taken in {place.kind for place in places(name)}:
                nothing = secrets.token_hex(16)
                expected = await _answers(o, STRANGER, name, o.neighbour, taken, nothing)
                for one in o.owner.ids.get(taken, ()):
                    answers = await _answers(o, STRANGER, name, o.neighbour, taken, one)
                    assert [told(each, one) for each in answers] == [told(each, nothing) for each in expected], name
                    tried.add(name)
        assert tried >= {name for name in DONE if list(places(name))}, DONE - tried


@run
async def test_an_appointed_office_is_answered_otherwise_with_the_ids_of_its_clinic() -> None:
    """The test of the test above: for each operation of an office alone, each of the two offices knows its own."""
    async with _offices() as o:
        for client, side in ((OFFICER, o.owner), (STRANGER, o.neighbour)):
            for name in sorted(DONE):
                for place in places(name):
                    nothing = secrets.token_hex(16)
                    known = side.known[place.kind]
                    (own,) = await _answers(o, client, name, side, place.kind, known)
                    (none,) = await _answers(o, client, name, side, place.kind, nothing)
                    assert none.status_code == 404, f"{client} {name} {none.text}"
                    assert own.status_code != 404, f"{client} {name} {own.text}"
