"""What patient, clinic and court do that narrows an answer: each runs so many races in a lane.

Once signed, a consent gives several races: a part of it is taken back, then another, then the rest; then it is signed
again.
"""

import random
from functools import partial
from typing import Any, Final

from app.exchange.erasure import erase_patient
from app.routers.examples_transfer import TREATMENT_CONSENT
from app.sandbox import steps
from app.sandbox.steps import must
from tests.api.handing import NURSES, filled, handed
from tests.resilience.race import Look, Narrowed, Part
from tests.resilience.race_arena import PRISON
from tests.resilience.race_lane import COORDINATE, MONITOR, Lane, Person
from tests.resilience.race_looks import looking

ROUNDS: Final = 5
"""Consents that one person signs: each is weighed in every read of theirs."""
SUMMARY: Final = frozenset({"attendance.summary", "attendance.compliant"})
"""What the attendance summary gives: taking it back takes the coarser step with it, which only it covered."""


def _of(consent: str, **named: Any) -> Narrowed:
    return Narrowed(frozenset({consent}), **named)


async def revoke(lane: Lane, races: int) -> None:
    """An element, a purpose, a recipient, then everything that is left."""
    for _ in range(0, races, 4 * ROUNDS):
        person = await lane.person()
        for _ in range(min(ROUNDS, -(-races // 4))):
            await _piece_by_piece(lane, person, await person.sign())


async def _piece_by_piece(lane: Lane, person: Person, consent: str) -> None:
    one = _of(consent, elements=SUMMARY)
    await lane.race_one(
        "revoke an element",
        one,
        person,
        [*person.looks(2, feed=False), *person.looks(1, team=True, feed=False)],
        lambda: person.revoke(elements=["attendance.summary"]),
    )
    one = _of(consent, purposes=frozenset({COORDINATE}))
    looks = [*person.looks(1, COORDINATE, feed=False), person.referral_look(), *person.looks(1, COORDINATE)]
    await lane.race_one("revoke a purpose", one, person, looks, lambda: person.revoke(purposes=[COORDINATE]))
    one, looks = _of(consent, units=frozenset({lane.annex})), person.looks(3, team=True)
    await lane.race_one("revoke a recipient", one, person, looks, lambda: person.revoke(recipients=[lane.annex]))
    looks = [person.referral_look(MONITOR), *person.looks(3)]
    await lane.race_one("revoke all", _of(consent), person, looks, person.revoke)


async def supersede(lane: Lane, races: int) -> None:
    """Each signature puts a narrower or a wider consent in the place of the one before."""
    narrow = [["enrolment.status"], ["enrolment.status", "attendance.summary"]]
    for begun in range(0, races, 2 * ROUNDS):
        person = await lane.person()
        consent = await person.sign()
        for number in range(min(2 * ROUNDS, races - begun)):
            form = person.form(supersedes=[consent], elements=narrow[number % 2])
            later = str((await must(await lane.arena.clinic.post("/v1/consents", form), 201))["id"])

            async def sign(chosen: str = later, name: str = person.name) -> None:
                await steps.complete(lane.arena.clinic, chosen, f"{name} Avery")

            looks = [*person.looks(2), *person.looks(1, team=True)]
            await lane.race_one("supersede", _of(consent), person, looks, sign)
            consent = later


async def happen(lane: Lane, races: int) -> None:
    """The court disposes of a case in which four persons' consents end with it."""
    for _ in range(0, races, 4):
        cases = await lane.case()
        persons = [await lane.person(cases) for _ in range(4)]
        until = {"event": "final_disposition", "at": "2035-06-30"}
        ends = [_of(await person.sign(expiry=until)) for person in persons]
        key = await lane.arena.ask("SELECT case_key FROM case_view WHERE case_id = $1", cases[lane.court])
        parts = [
            Part(one, [*person.looks(1), *person.looks(1, team=True)], person.looks(1))
            for one, person in zip(ends, persons, strict=True)
        ]
        act = partial(steps.happened, lane.judge, cases[lane.court], "final_disposition")
        await lane.race("case event", parts, act, [f"k:{key}"])


async def merge(lane: Lane, races: int) -> None:
    """Two records, each with a consent in a case of its own, become one: what only one of them allows is over."""
    for _ in range(0, races, 3):
        one, other = await lane.person(), await lane.person()
        pair = {one: await one.sign(), other: await other.sign()}
        parts = [Part(_of(consent), person.looks(2), person.looks(1)) for person, consent in pair.items()]
        body = {"merged": other.id}
        post, path = lane.arena.clinic.post, f"/v1/patients/{one.id}"
        gates = [*one.gates, *other.gates]
        await lane.race("merge", parts, partial(post, f"{path}/merge", body), gates)
        form = other.form(patient_id=one.id, subject={"name_on_form": f"{one.name} Avery"})
        for_both = await steps.sign(lane.arena.clinic, form)
        ends = [Part(_of(for_both), other.looks(2), other.looks(1))]
        await lane.race("unmerge", ends, partial(post, f"{path}/unmerge", body), gates)


async def restrict(lane: Lane, races: int) -> None:
    """The clinic agrees to keep attendance from the court, then everything that is left."""
    post = lane.arena.clinic.post
    steps_of_it = (["attendance.compliant"], SUMMARY), (["enrolment.engaged", "referral.decision"], None)
    for _ in range(0, races, len(steps_of_it)):
        person = await lane.person()
        consent, path = await person.sign(), f"/v1/patients/{person.id}/restrictions"
        for asked, ended in steps_of_it:
            one = (await must(await post(path, {"elements": asked}), 201))["id"]
            looks = [*person.looks(2, feed=ended is None), *person.looks(1, team=True, feed=ended is None)]
            act = partial(post, f"{path}/{one}/decision", {"agreed": True})
            await lane.race_one("restrict", _of(consent, elements=ended), person, looks, act)


async def erase(lane: Lane, races: int) -> None:
    """The operator erases a person while both parts of the court read about them."""
    for _ in range(races):
        person = await lane.person()
        ends = _of(await person.sign())
        looks = [*person.looks(2), *person.looks(1, team=True)]
        await lane.race_one("erase a patient", ends, person, looks, partial(erase_patient, lane.arena.hub, person.id))


async def treat(lane: Lane, races: int) -> None:
    """A treatment consent is taken back while the prison's nurse fetches what the clinic hands over."""
    for begun in range(0, races, 2 * ROUNDS):
        person = await lane.person()
        for _ in range(min(2 * ROUNDS, races - begun)):
            consent, transfer = await _handed(lane, person)
            # The whole inbox seldom: it holds what all lanes ever sent.
            looks = [_fetch(lane, transfer), _fetch(lane, transfer), *[_inbox(lane)] * (random.random() < 0.2)]
            ends = [Part(_of(consent), looks, looks[:1])]
            await lane.race("revoke treatment", ends, person.revoke, [f"p:{person.id}:{PRISON}"])


async def take_back(lane: Lane, races: int) -> None:
    """A transfer is cancelled while the nurse fetches it: it is either fetched or cancelled."""
    clinic = lane.arena.clinic
    for begun in range(0, races, 2 * ROUNDS):
        person = await lane.person()
        consent, transfer = await _handed(lane, person)
        for number in range(min(2 * ROUNDS, races - begun)):
            transfer = await _transfer(lane, person) if number else transfer
            path = f"/v1/transfers/{transfer}"
            fetch = _fetch(lane, transfer)
            ends = Narrowed(frozenset({consent}), told=True)
            act = partial(clinic.post, f"{path}/cancellation", None)
            gates = [f"p:{person.id}:{PRISON}"]
            (race,) = await lane.race("cancel a transfer", [Part(ends, [fetch, fetch], [fetch])], act, gates)
            shown = await must(await clinic.get(path))
            race.void = shown["status"] != "cancelled"
            assert any(read.told for read in race.reads) is (shown["transmission"] == "delivered") is race.void
        await person.revoke()


async def _handed(lane: Lane, person: Person) -> tuple[str, str]:
    form = filled(TREATMENT_CONSENT, person.id, recipients=NURSES, subject={"name_on_form": f"{person.name} Avery"})
    return await steps.sign(lane.arena.clinic, form), await _transfer(lane, person)


async def _transfer(lane: Lane, person: Person) -> str:
    known = {"given_name": person.name, "sur_name": "Avery", "birth_date": "1988-02-17"}
    return await handed(lane.arena.clinic, person.id, person=known)


def _fetch(lane: Lane, transfer: str) -> Look:
    return looking(lane.arena.nurse, f"/v1/transfers/{transfer}", tells=lambda body: True)


def _inbox(lane: Lane) -> Look:
    return looking(lane.arena.nurse, "/v1/transfers?limit=50")
