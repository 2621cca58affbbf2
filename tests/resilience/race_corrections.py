"""What puts right what was filed: the old value is over once the correction is acknowledged.

The record keeps no value in the clear, so what is over is what a read told that showed the old one.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import week
from tests.resilience.race import Look, Narrowed, Part, Race
from tests.resilience.race_lane import MONDAY, MONITOR, Lane, Person
from tests.resilience.race_looks import Tells, looking

TIMES: Final = 10
"""Corrections of one report."""
_OUTCOMES: Final = (("attended", "attended"), ("attended", "missed"))

Correct = Callable[[Person, str, int], Awaitable[str]]
"""Correct a report of a person, which has this id, with one of two values; the id of the correction."""


async def _correct(
    lane: Lane, writer: str, races: int, begin: Correct, correct: Correct, looks: Callable[[Person, Tells], list[Look]]
) -> None:
    """Set one of two values after the other; ``looks`` are told how to know the one that is over."""
    for begun in range(0, races, TIMES):
        person = await lane.person()
        named = ["referral.decision", "attendance.summary", "clinical.need_indicated"]
        ends = Narrowed(frozenset({await person.sign(elements=named)}), told=True)
        message = await begin(person, "", 0)
        last: Race | None = None
        for number in range(1, 1 + min(TIMES, races - begun)):
            if last is not None:
                last.until, _ = await lane.arena.stamp(())
            old, replaced = _value(person, writer, number - 1), [message]

            async def act(value: int = number, replaced: list[str] = replaced, person: Person = person) -> None:
                replaced[:] = [await correct(person, replaced[0], value)]

            these = looks(person, old)
            (last,) = await lane.race(writer, [Part(ends, these, these[-1:])], act, person.gates)
            message = replaced[0]


def _value(person: Person, writer: str, number: int) -> Tells:
    """How to see the value that a report had after so many corrections."""
    odd = number % 2
    if writer == "correct an assessment":
        return lambda body: _shows(
            person,
            body,
            "clinical.need_indicated",
            lambda value: _member(value, "need_indicated") == ("yes", "no")[odd],
        )
    if writer == "answer a referral":
        return lambda body: (
            ("accepted", "waitlisted")[odd] == _member(body.get("decision", {}).get("value"), "decision")
        )
    attended = (2, 1)[odd]
    return lambda body: _shows(person, body, "attendance.summary", lambda value: _member(value, "attended") == attended)


def _member(value: Any, name: str) -> Any:
    """A member of a value that has members; the value itself where it is a code."""
    return value.get(name) if isinstance(value, dict) else value


def _shows(person: Person, body: Any, element: str, same: Callable[[Any], bool]) -> bool:
    own = person.cases.values()
    results = [one for one in body["results"] if one["case_id"] in own] if "results" in body else [body]
    items = [item for result in results for item in result["items"] if element in item.get("elements", {})]
    windows = [item for item in items if item.get("period", {}).get("start") in (None, MONDAY.isoformat())]
    return any(same(item["elements"][element]["value"]) for item in windows)


def status(person: Person, outcomes: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """The body of the first week's status."""
    dated = [{"date": (MONDAY + timedelta(days=n)).isoformat(), "outcome": o} for n, o in enumerate(outcomes)]
    return {"patient_id": person.id, "period": week(MONDAY), "status": "active", "sessions": dated} | more


def _clinic(person: Person) -> Party:
    return person.lane.arena.clinic


async def _first(person: Person, _: str, __: int) -> str:
    return person.filed


async def _one(person: Person, old: str, number: int) -> str:
    body = status(person, _OUTCOMES[number % 2], supersedes=old)
    return str((await must(await _clinic(person).post("/v1/treatment-statuses", body), 201))["id"])


async def _batch(person: Person, old: str, number: int) -> str:
    items = [status(person, _OUTCOMES[number % 2], supersedes=old)]
    told = await must(await _clinic(person).post("/v1/treatment-statuses/batch", {"items": items}))
    return str(told["results"][0]["id"])


async def correct_status(lane: Lane, races: int) -> None:
    """A week's status."""
    await _correct(lane, "correct a status", races, _first, _one, _weeks)


async def correct_in_batch(lane: Lane, races: int) -> None:
    """The same, in a batch."""
    await _correct(lane, "correct in a batch", races, _first, _batch, _weeks)


async def retract(lane: Lane, races: int) -> None:
    """A week's status is taken back whole, then filed anew."""
    for begun in range(0, races, TIMES):
        person = await lane.person()
        ends = Narrowed(frozenset({await person.sign(elements=["attendance.summary"])}), told=True)
        message = person.filed
        for number in range(min(TIMES, races - begun)):
            looks = _weeks(person, _value(person, "retract", 0))
            body = {"reason": ("entered_in_error", "wrong_patient")[number % 2]}
            path = f"/v1/treatment-statuses/{message}/retraction"
            act = partial(_clinic(person).post, path, body)
            (race,) = await lane.race("retract", [Part(ends, looks, looks[-1:])], act, person.gates)
            race.until, _ = await lane.arena.stamp(())
            filing = status(person, _OUTCOMES[0])
            message = str((await must(await _clinic(person).post("/v1/treatment-statuses", filing), 201))["id"])


def _weeks(person: Person, tells: Tells) -> list[Look]:
    return [*person.looks(2, feed=False, tells=tells), *person.looks(1, team=True, feed=False, tells=tells)]


async def correct_assessment(lane: Lane, races: int) -> None:
    """Whether there is a need."""

    async def file(person: Person, old: str, number: int) -> str:
        day = (date.today() - timedelta(days=1)).isoformat()
        body = {"patient_id": person.id, "assessed_on": day, "purpose": "treatment"}
        body |= {"need_indicated": ("yes", "no")[number % 2]} | ({"supersedes": old} if old else {})
        return str((await must(await _clinic(person).post("/v1/assessments", body), 201))["id"])

    def looks(person: Person, tells: Tells) -> list[Look]:
        path = f"/v1/assessments?case={person.cases[person.lane.court]}&purpose={MONITOR}"
        cases = {"cases": [person.cases[person.lane.court]], "purpose": MONITOR}
        judge = person.lane.judge
        search = looking(judge, "/v1/assessments/search", cases, tells)
        return [search, looking(judge, path, tells=tells), looking(judge, path, tells=tells)]

    await _correct(lane, "correct an assessment", races, file, file, looks)


async def answer(lane: Lane, races: int) -> None:
    """The clinic answers a referral otherwise."""

    async def respond(person: Person, _: str, number: int) -> str:
        start = (date.today() + timedelta(days=7)).isoformat() + "T09:00:00Z"
        accepted = {"decision": "accepted", "appointment": {"start": start, "site": "Site 1"}}
        body = accepted if number % 2 == 0 else {"decision": "waitlisted", "reason": "capacity"}
        path = f"/v1/referrals/{person.referral}/response"
        return str((await must(await _clinic(person).post(path, body), 201))["id"])

    def looks(person: Person, tells: Tells) -> list[Look]:
        return [person.referral_look(MONITOR, tells) for _ in range(3)]

    await _correct(lane, "answer a referral", races, respond, respond, looks)
