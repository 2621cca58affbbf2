"""The synthetic county: its shares, its state machines, that it is the same every time, and that the API takes it."""

import contextlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter

from app.errors import Flaw
from app.messages.assessment import Assessment, flaws_of_assessment
from app.messages.treatment_status import TreatmentStatus, flaws_of_status
from app.sandbox.county import Call, Course, Leg, Week, calls, people
from app.sandbox.county.call import filled
from app.sandbox.county.consenting import ELEMENTS, conditioned
from app.sandbox.county.course import FOLLOWS, Session, broken, completed, relapsed, transferred
from app.sandbox.county.load import batched, load, play
from app.sandbox.county.names import SURNAMES, is_synthetic
from app.sandbox.county.outcomes import SCRIPTS, SHARES, Outcome
from app.sandbox.county.people import CONSENTS, Resident
from app.sandbox.party import Party
from app.sandbox.seeds import AGENCIES, client_id
from app.sandbox.start import bring_in
from app.sandbox.steps import must
from app.vocabulary import Element
from app.vocabulary.codes import Closure, EnrolmentStatus, PlanChange, SessionOutcome, Stage
from tests.service import DATABASES, World, run, world

TODAY = date(2026, 11, 24)
EVERYBODY = people()
REPORTS: Mapping[str, tuple[TypeAdapter[Any], Callable[[Any, int], list[Flaw]]]] = {
    "/v1/assessments": (TypeAdapter(Assessment), flaws_of_assessment),
    "/v1/treatment-statuses": (TypeAdapter(TreatmentStatus), flaws_of_status),
}
A, P, E = EnrolmentStatus.ACTIVE, EnrolmentStatus.PAUSED, EnrolmentStatus.ENDED


def _bytes(residents: Iterable[Resident], today: date = TODAY) -> bytes:
    return orjson.dumps([[call for call in calls(resident, today)] for resident in residents])


def _share(holds: Callable[[Course], bool]) -> float:
    return sum(holds(resident.course) for resident in EVERYBODY) / len(EVERYBODY)


def test_shares() -> None:
    """At least 500 people; 15 % relapse, 10 % transfer, 30 % completion, of everybody and not of the enrolled alone."""
    assert len(EVERYBODY) >= 500
    assert _share(relapsed) >= 0.15
    assert _share(transferred) >= 0.10
    assert _share(completed) >= 0.30


@pytest.mark.parametrize("seed", [2026, 1, 7])
def test_every_course_obeys_the_state_machine(seed: int) -> None:
    """Nothing follows what it may not follow, and no week is skipped unless paused."""
    found = [(one.number, words) for one in people(seed, 1000) for words in broken(one.course)]
    assert found == []


def _course(*weeks: Week) -> Course:
    return (Leg("u-clinic-harbor", weeks),)


@pytest.mark.parametrize(
    "course",
    [
        _course(Week(2, E, closure=Closure.MOVED)),
        _course(Week(3, P), Week(2, A)),
        _course(Week(3, A), Week(1, A)),
        _course(Week(3, A), Week(3, A)),
        _course(Week(3, A), Week(2, EnrolmentStatus.PLANNED)),
        _course(Week(3, A), Week(2, E)),
        _course(Week(3, A, closure=Closure.MOVED)),
        _course(Week(3, A), Week(2, P, (Session(1, SessionOutcome.ATTENDED),))),
        (*_course(Week(3, A)), *_course(Week(2, A))),
        (*_course(Week(3, A), Week(1, E, closure=Closure.TRANSFERRED)), *_course(Week(1, A))),
    ],
)
def test_a_broken_course_is_found(course: Course) -> None:
    """The check above can fail: each rule of the state machine, broken once."""
    assert list(broken(course))


def test_every_transition_occurs() -> None:
    """The county shows all that may happen between two reported weeks, and all stages, closures and outcomes."""
    seen = {
        (None if before is None else before.status, after.status)
        for resident in EVERYBODY
        for leg in resident.course
        for before, after in [(None, leg.weeks[0]), *pairwise(leg.weeks)]
    }
    assert seen == {(before, after) for before, follows in FOLLOWS.items() for after in follows}
    closures = {week.closure for one in EVERYBODY for leg in one.course for week in leg.weeks} - {None}
    assert closures == set(Closure) - {Closure.OTHER}
    assert {one.stage for one in EVERYBODY} == set(Stage)
    assert {one.outcome for one in EVERYBODY} == set(Outcome)
    assert {one.consent for one in EVERYBODY} == set(CONSENTS)


def test_tables_are_whole() -> None:
    """The shares make a hundred; an outcome has a script exactly if somebody enrols."""
    assert sum(SHARES.values()) == sum(CONSENTS.values()) == 100
    unenrolled = {"waitlisted", "declined", "person_declined", "not_reached", "cancelled", "unanswered"}
    assert {one.value for one in Outcome if one not in SCRIPTS} == unenrolled


def test_relapse_is_what_it_says() -> None:
    """Use before things were eased, and a transfer, are none; use or a step up afterwards, and coming back, are."""
    eased, up = Week(4, A, plan_change=PlanChange.STEP_DOWN), Week(3, A, plan_change=PlanChange.STEP_UP)
    gone = Week(4, E, closure=Closure.LEFT_EARLY)
    assert relapsed(_course(eased, up))
    assert relapsed(_course(Week(5, A), gone, Week(2, A)))
    assert not relapsed(_course(replace(up, back=5), eased))
    assert not relapsed((*_course(Week(5, A), replace(gone, closure=Closure.TRANSFERRED)), *_course(Week(3, A))))


def test_same_seed_same_bytes() -> None:
    """Twice the same; a larger county begins with the smaller; another seed is another county."""
    assert _bytes(people(3, 120)) == _bytes(people(3, 120)) == _bytes(people(3, 333)[:120])
    assert _bytes(people(3, 120)) != _bytes(people(4, 120))


def test_the_day_moves_the_dates_and_nothing_else() -> None:
    """A year later the same people did the same things: no decision depends on the day."""
    told = [[call for call in calls(one, TODAY)] for one in EVERYBODY[:100]]
    later = [[call for call in calls(one, TODAY + timedelta(weeks=52))] for one in EVERYBODY[:100]]
    assert [[(c.path, c.status) for c in made] for made in told] == [[(c.path, c.status) for c in m] for m in later]


def test_every_report_can_be_meant() -> None:
    """Each of the assessments and statuses of the whole county, held against the messages' own checks."""
    told: Counter[str] = Counter()
    for resident in EVERYBODY:
        for call in calls(resident, TODAY):
            if call.path in REPORTS:
                body, flaws_of = REPORTS[call.path]
                told[call.path] += 1
                assert flaws_of(body.validate_python(call.body), TODAY.toordinal()) == [], resident.number
    assert told["/v1/assessments"] > 500 and told["/v1/treatment-statuses"] > 4000


def test_nobody_is_real() -> None:
    """Every record is marked as synthetic, no two people are one, and a real surname would not pass."""
    patients = [c.body for one in EVERYBODY for c in calls(one, TODAY) if c.path == "/v1/patients"]
    assert len(patients) > 500
    assert all(is_synthetic(body["sur_name"], body["local_id"]) for body in patients)
    assert not is_synthetic("Lopez", "SYN-1") and not is_synthetic(SURNAMES[0], "1")
    named = Counter((one.given_name, one.sur_name, one.born) for one in people(1, 5000))
    assert max(named.values()) == 1


def test_only_clients_of_the_sandbox_call() -> None:
    """Each call is one that a client of the sandbox makes, and all agencies that refer or treat take part."""
    clients = {client_id(unit, role) for agency in AGENCIES for unit in agency.units for role in unit.roles}
    made = Counter(f"c-{call.client}" for one in EVERYBODY for call in calls(one, TODAY))
    assert set(made) <= clients
    assert len(made) >= 10


def test_consents_stay_within_the_roles() -> None:
    """Only known elements; the API itself holds the ceiling, for the sample below."""
    named = {name for usual, more in ELEMENTS.values() for name in (*usual, *more)}
    assert named <= {element.value for element in Element}


def test_filling_in() -> None:
    """Every ``$name`` is replaced, the longer first, at any depth; what is unknown stays to be seen."""
    known = {"case": "1", "case_id": "2"}
    assert filled({"a": ["$case_id", {"b": "x/$case/y"}], "n": 3}, known) == {"a": ["2", {"b": "x/1/y"}], "n": 3}


def test_batches() -> None:
    """Statuses in a row are one request; order and everything else stay."""
    told = list(batched([Call("a", "POST", "/v1/x"), *[Call("b", "POST", "/v1/treatment-statuses", n) for n in "12"]]))
    assert [(c.path, c.body) for c in told] == [
        ("/v1/x", None),
        ("/v1/treatment-statuses/batch", {"items": ["1", "2"]}),
    ]


def _parties(w: World) -> Callable[[str], Party]:
    made: dict[str, Party] = {}
    return lambda name: made.setdefault(name, w.party(f"c-{name}"))


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_api_takes_every_kind_of_resident(kind: str) -> None:
    """One resident of every stage and of every outcome, as it is today; each call answered as planned."""
    wanted: dict[Any, Resident] = {}
    for one in EVERYBODY:
        for trait in (one.outcome, (one.stage, one.sender.role), one.consent, one.language):
            wanted.setdefault(trait, one)
    sample = sorted(set(wanted.values()), key=lambda one: one.number)
    async with world(kind) as w:
        said: list[str] = []
        assert await load(_parties(w), sample, date.today(), said.append) == len(sample)
        assert said[-1].startswith(f"  {len(sample)} of {len(sample)} people")
        assert await load(_parties(w), sample, date.today() + timedelta(days=1), said.append) == 0


@run
async def test_bringing_in_says_how_far_it_is() -> None:
    """Whoever waits is told; what the service logs of so many requests is kept in a file and not on the terminal."""
    said, logged = io.StringIO(), io.StringIO()
    async with world("sqlite") as w:
        parties = {name: w.party(name) for name in w.clients}
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(logged):
            await bring_in(parties, EVERYBODY[:2], w.folder / "county.log")
            await bring_in(parties, EVERYBODY[:3], w.folder / "county.log")
        assert (w.folder / "county.log").read_text().count('"event":"request"') > 20
    assert logged.getvalue() == ""
    assert [line for line in said.getvalue().splitlines() if line.endswith(".")] == [
        "A county of 2 synthetic people comes in through the API ...",
        "2 came in, 0 were there.",
        "A county of 3 synthetic people comes in through the API ...",
        "1 came in, 2 were there.",
    ]


@run
async def test_what_was_decided_is_what_stands() -> None:
    """The state of each consent is the one that the person chose, however it came about."""
    states = {
        "standing": ["active"], "refused": ["refused"], "unsigned": ["proposed"], "expiring": ["active"],
        "superseded": ["superseded", "active"], "revoked": ["revoked"], "narrowed": ["active"], "never_asked": [],
    }  # fmt: skip
    async with world("sqlite") as w:
        party = _parties(w)
        enrolled = [one for one in EVERYBODY if len(one.course) == 1 and not conditioned(one)]
        ongoing = [one for one in enrolled if not completed(one.course)]
        for consent, expected in states.items():
            resident = next(one for one in ongoing if one.consent == consent)
            known = await play(party, calls(resident, date.today()))
            staff = party(f"{resident.course[0].clinic.removeprefix('u-')}-clinic-staff")
            listed = await must(await staff.get(f"/v1/patients/{known['patient']}/consents"))
            assert [one["state"] for one in listed["items"]] == expected, consent


@run
async def test_a_call_that_is_answered_otherwise_stops_the_load() -> None:
    """Nothing is skipped in silence: not a refused request, and not a refused item of a batch."""
    async with world("sqlite") as w:
        party = _parties(w)
        with pytest.raises(AssertionError, match="expected 201, got 422"):
            await play(party, [Call("clinic-harbor-clinic-staff", "POST", "/v1/patients", {}, 201)])
        status = Call("clinic-harbor-clinic-staff", "POST", "/v1/treatment-statuses", {"patient_id": "0" * 32}, 201)
        with pytest.raises(AssertionError, match="422"):
            await play(party, [status])
