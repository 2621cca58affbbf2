"""Ids of somebody else, in every place of every operation that takes one: like ids that never existed.

Asked by two units of the owner's own agencies, by two units of other agencies in the same roles, and by every other
client of the sandbox. What answers is compared byte for byte, with the id that was sent taken out where it is echoed.
"""

import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import orjson
import pytest

from tests.api.contract import check, operation
from tests.api.replay import OFFICER, STEPS
from tests.attack import ground
from tests.attack.ground import ID_MEMBERS, NOT_SECRET, Asked, Place, Side, asked_of, guarded, members, places
from tests.service import DATABASES, World, run, world

ADDRESSED = {("c-prison-health-prison-clinician", "show_transfer")}
"""What is meant for a client of another unit: the transfer was sent to it."""
ALIKE = {"assign_case", "end_case_assignment"}
"""What is answered alike whatever the case is, the owner's own included: 202, received."""
OFFICES = {step.operation for step in STEPS if step.client == OFFICER}
"""What only an office may do, or the second of two persons: a clinic is told so before anything is looked up."""
LIKE_AN_ID = re.compile(
    r"(^|_)ids?$|^supersedes$|^cases?$|^consents?$|^merged$|^patients?$|^referrals?$|^messages?$|^with$"
)


@dataclass
class Ground:
    """One world in which all have what is theirs."""

    w: World
    owner: Side
    neighbours: tuple[Side, Side]


@asynccontextmanager
async def _ground(kind: str = "sqlite") -> AsyncIterator[Ground]:
    async with world(kind) as w:
        await ground.more_units(w)
        sides = [await ground.settle(w, side) for side in (ground.owner(), *ground.neighbours())]
        yield Ground(w, sides[0], (sides[1], sides[2]))


def told(answer: httpx.Response, sent: str) -> tuple[Any, ...]:
    """All of an answer but its request id, and the sent id taken out; what is signed over an echo goes with it."""
    headers = [(name, value) for name, value in answer.headers.items() if name != "x-request-id"]
    text = answer.text
    if sent in text:
        body = answer.json()
        body.pop("signature", None)
        headers = [(name, value) for name, value in headers if name != "etag"]
        text = orjson.dumps(body).decode().replace(sent, "{sent}")
    return answer.status_code, headers, text


def _foreign(side: Side, place: Place) -> list[str]:
    """The owner's ids of the kind that the place takes; where a message or form is put right, of any kind."""
    kinds = side.ids if place.pointer[-1] == "supersedes" else {place.kind: side.ids[_kind(place)]}
    return [one for kind in kinds for one in side.ids[kind] if kind != "unit_id"]


def _kind(place: Place) -> str:
    return "patient_id" if place.kind == "other_patient_id" else place.kind


def _variants(name: str, side: Side) -> Iterator[tuple[Asked, list[Place]]]:
    """The operation with all its own ids and one place for another's, and with all places for others'."""
    asked, found = asked_of(name, side), list(places(name))
    yield from ((asked, [place]) for place in found)
    if len(found) > 1:
        yield asked, found


def _with(asked: Asked, name: str, chosen: list[Place], side: Side, value: str) -> Asked:
    template = operation(name)[1]
    own = dict(side.known)
    for place in chosen:
        asked = place.put(asked, template, own, value)
        if place.where == "path":
            own[str(place.pointer[0])] = value
    return asked


async def _reach(g: Ground, attacker: Side, client: str, name: str) -> int:
    """Every place of an operation tried with every id of the owner's; how many there were."""
    method, template, _ = operation(name)
    counted = 0
    for asked, chosen in _variants(name, attacker):
        nothing = secrets.token_hex(16)
        answer = await ground.send(g.w, client, _with(asked, name, chosen, attacker, nothing))
        check(answer, method, template)
        expected = told(answer, nothing)
        for one in _foreign(g.owner, chosen[0]):
            answer = await ground.send(g.w, client, _with(asked, name, chosen, attacker, one))
            assert told(answer, one) == expected, f"{client} {name} {[place.pointer for place in chosen]}"
            counted += 1
    return counted


@pytest.mark.parametrize("which", [0, 1], ids=["units of the same agencies", "units of other agencies"])
@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_id_of_another_unit_is_like_one_that_never_existed(kind: str, which: int) -> None:
    """In one place with the asker's own ids in all others, so that nothing earlier refuses; and in all places."""
    async with _ground(kind) as g:
        attacker = g.neighbours[which]
        counted = 0
        for name in guarded():
            for client in attacker.client(operation(name)[2]):
                counted += await _reach(g, attacker, client, name)
        assert counted > 120
        await _untouched(g)


@run
async def test_no_client_of_the_sandbox_can_tell_an_id_of_another_from_none() -> None:
    """All of them, scope or not, in path, query and body at once."""
    async with _ground() as g:
        inside = {g.owner.justice, g.owner.clinic, "c-court-treatment-court-team", "c-clinic-harbor-clinician"}
        appointed = {"c-privacy-privacy-officer"}  # it may account for patients of clinics that appointed it
        for client in sorted(set(g.w.clients) - inside - appointed):
            for name in guarded():
                if (client, name) in ADDRESSED:
                    continue
                for asked, chosen in list(_variants(name, g.owner))[-1:]:
                    nothing = secrets.token_hex(16)
                    answer = await ground.send(g.w, client, _with(asked, name, chosen, g.owner, nothing))
                    expected = told(answer, nothing)
                    for one in _foreign(g.owner, chosen[0])[:2]:
                        answer = await ground.send(g.w, client, _with(asked, name, chosen, g.owner, one))
                        assert told(answer, one) == expected, f"{client} {name}"
        await _untouched(g)


@run
async def test_the_owner_is_answered_otherwise() -> None:
    """The test of the test: with its own ids the owner gets another answer than with unknown ones, on each route."""
    async with _ground() as g:
        for name in guarded():
            for client in g.owner.client(operation(name)[2]):
                for asked, chosen in list(_variants(name, g.owner))[-1:]:
                    if client == g.owner.justice and name.startswith(("read_", "search_", "list_")):
                        continue  # what nobody filed for it is empty either way: that is the rule
                    if name in ALIKE:
                        continue
                    nothing = secrets.token_hex(16)
                    answer = await ground.send(g.w, client, _with(asked, name, chosen, g.owner, nothing))
                    own = await ground.send(g.w, client, replace(asked_of(name, g.owner)))
                    if own.status_code == 403 and name in OFFICES:
                        continue
                    assert (answer.status_code, answer.text) != (own.status_code, own.text), f"{client} {name}"


@run
async def test_an_idempotency_key_of_another_client_is_a_key_like_any_other() -> None:
    """With the owner's own words and key, neither its answer nor a trace of it; a key never used answers alike."""
    async with _ground() as g:
        for name, key, asked in g.owner.keys:
            for attacker in g.neighbours:
                for client in attacker.client(operation(name)[2]):
                    used = await ground.send(g.w, client, replace(asked, key=key))
                    fresh = await ground.send(g.w, client, replace(asked, key=secrets.token_hex(8)))
                    assert used.status_code == fresh.status_code, f"{client} {name}"
                    if not used.is_success:
                        assert told(used, "-" * 9) == told(fresh, "-" * 9), f"{client} {name}"
                    made = {one for ids in g.owner.ids.values() for one in ids} - set(_words(asked.body))
                    assert not [one for one in made if one in used.text and one != "u-clinic-harbor"], name


def _words(value: Any) -> Iterator[str]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, str):
        yield value
    for part in parts:
        yield from _words(part)


@run
async def test_an_identifier_of_another_clinic_is_free() -> None:
    """Two clinics number their messages alike: a number that one has used tells the other nothing."""
    async with _ground() as g:
        for name in ("file_assessment", "file_treatment_status", "send_transfer"):
            taken, fresh = ({"system": "https://ehr.example/messages", "value": f"{name}-{n}"} for n in (1, 2))
            first = await ground.send(g.w, g.owner.clinic, _numbered(name, g.owner, taken, 5))
            assert first.status_code == 201, first.text
            for attacker in g.neighbours:
                for day, number in ((5, taken), (12, fresh)):
                    answer = await ground.send(g.w, attacker.clinic, _numbered(name, attacker, number, day))
                    assert answer.status_code == 201, f"{name} {number} {answer.text}"


def _numbered(name: str, side: Side, number: dict[str, str], day: int) -> Asked:
    """A message under a number of its sender's; a status of its own week, which begins on this day of October."""
    asked = asked_of(name, side)
    body = asked.body | {"identifier": number}
    if name == "file_treatment_status":
        kept = {member: body[member] for member in ("patient_id", "status", "identifier")}
        body = kept | {"period": {"start": f"2026-10-{day:02}", "end": f"2026-10-{day + 6:02}"}}
    return replace(asked, body=body)


async def _untouched(g: Ground) -> None:
    """After all of it the owner's things are as they were."""
    ids = g.owner.known
    for client, path in (
        (g.owner.clinic, f"/v1/consents/{ids['consent_id']}"),
        (g.owner.clinic, f"/v1/transfers/{ids['transfer_id']}"),
        (g.owner.clinic, f"/v1/patients/{ids['patient_id']}"),
        (g.owner.justice, f"/v1/referrals/{ids['referral_id']}"),
    ):
        answer = await ground.send(g.w, client, Asked("GET", path, {}))
        assert answer.status_code == 200, path
        assert answer.json().get("state", "active") in ("active", "waiting"), answer.text


def test_every_member_that_takes_an_id_is_tried() -> None:
    """A member of a request body that is named like an id is in the table of places, or in that of public ones."""
    named = set()
    for name in guarded():
        content = operation(name)[2].get("requestBody", {}).get("content", {}).get("application/json")
        if content is not None:
            named |= {str(pointer[-1]) for pointer in members(content["schema"])}
    assert {one for one in named if LIKE_AN_ID.search(one)} == set(ID_MEMBERS) | NOT_SECRET
