"""Where races are run: a court with two parts, registered for one lane alone, and the persons whom it refers."""

import itertools
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.exchange import administration
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.register import private_jwk
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from app.vocabulary import AgencyKind, Role
from tests.resilience.race import Look, Narrowed, Part, Race, confront
from tests.resilience.race_arena import CLINIC, Arena
from tests.resilience.race_looks import Tells, asked, looking, some_kind

MONITOR: Final = "condition_monitoring"
COORDINATE: Final = "referral_coordination"
ELEMENTS: Final = ("referral.decision", "enrolment.status", "attendance.summary")
MONDAY: Final = past_mondays(2)[0]
_NAMES: Final = itertools.count()


@dataclass(eq=False)
class Person:
    """Someone whom a lane's judge referred and the clinic accepted."""

    lane: "Lane"
    name: str
    cases: dict[str, str]
    """Unit of the lane -> its case_id."""
    id: str
    referral: str
    filed: str
    """The status of the first week."""

    @property
    def gates(self) -> list[str]:
        """Names of the gate rows of this person and either part of the court."""
        return [f"p:{self.id}:{unit}" for unit in (self.lane.court, self.lane.annex)]

    def form(self, **changes: Any) -> dict[str, Any]:
        """A consent to both parts of the court, for both purposes."""
        both = [{"org_unit": self.lane.court, "role": "judge"}, {"org_unit": self.lane.annex, "role": "court_team"}]
        more = {"recipients": both, "purposes": [MONITOR, COORDINATE], "elements": [*ELEMENTS]}
        more |= {"records_from": MONDAY.isoformat()}
        return steps.form(self.id, self.referral, f"{self.name} Avery", CLINIC, **more | changes)

    async def sign(self, **changes: Any) -> str:
        """Consent; its id."""
        return await steps.sign(self.lane.arena.clinic, self.form(**changes))

    async def revoke(self, **taken: Any) -> None:
        """Take back at the desk: everything, or what is named."""
        path = f"/v1/patients/{self.id}/revocations"
        told = await must(await self.lane.arena.clinic.post(path, taken or {"all": True}))
        assert told["consents"], "this revocation took nothing"

    def looks(
        self, count: int, purpose: str = MONITOR, *, team: bool = False, feed: bool = True, tells: Tells | None = None
    ) -> list[Look]:
        """So many looks of the judge, or of the team in the other part, each of a kind at random."""
        lane = self.lane
        party, case_id = (lane.team, self.cases[lane.annex]) if team else (lane.judge, self.cases[lane.court])
        others = () if team else lane.some_cases(case_id)
        kinds = [some_kind(feed=feed) for _ in range(count)]
        return [looking(party, *asked(kind, case_id, purpose, others=others), tells=tells) for kind in kinds]

    def referral_look(self, purpose: str = COORDINATE, tells: Tells | None = None) -> Look:
        """The judge looks at the referral and at what the patient allows of its answer."""
        return looking(self.lane.judge, f"/v1/referrals/{self.referral}?purpose={purpose}", tells=tells)


@dataclass(eq=False)
class Lane:
    """One court, its two clients, its persons. What happens in a lane touches no other one."""

    arena: Arena
    agency: str
    court: str
    annex: str
    judge: Party
    team: Party
    client: str
    """Of the judge."""
    key: dict[str, Any]
    _crew: list[Person] = field(default_factory=list)
    _cases: list[str] = field(default_factory=list)

    def some_cases(self, but: str) -> list[str]:
        """Up to three of the judge's other newest cases."""
        return [case_id for case_id in self._cases[-4:] if case_id != but][:3]

    async def case(self) -> dict[str, str]:
        """A new case as either part of the court names it."""
        docket = f"CR-{uuid.uuid4().hex[:12]}"
        cases = {p.unit: await steps.register_case(p, self.court, "docket", docket) for p in (self.judge, self.team)}
        self._cases.append(cases[self.court])
        return cases

    async def person(self, cases: dict[str, str] | None = None) -> Person:
        """Refer someone, in a case of their own unless one is given; match, accept, report a week."""
        cases, clinic = cases or await self.case(), self.arena.clinic
        name = f"Person {next(_NAMES)}"
        known = {"given_name": name, "sur_name": "Avery", "birth_date": "1988-02-17"}
        imposed = {"condition_imposed": True, "final_disposition_due": "2035-06-30", "stage": "trial"}
        conditions = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
        sent = await steps.refer(self.judge, CLINIC, cases[self.court], known, conditions=conditions, **imposed)
        patient = await steps.add_patient(clinic, known)
        await steps.accept(clinic, sent["id"], patient)
        filed = await steps.report(clinic, patient, MONDAY, ("attended", "attended"))
        return Person(self, name, cases, patient, sent["id"], filed)

    async def crew(self, count: int) -> list[Person]:
        """Persons who consented for good; the same ones each time."""
        while len(self._crew) < count:
            person = await self.person()
            await person.sign()
            self._crew.append(person)
        return self._crew[:count]

    async def race(self, writer: str, parts: Sequence[Part], act: Any, gates: Sequence[str] = ()) -> list[Race]:
        """Run one act against the looks of its parts and keep the races."""
        races = await confront(self.arena, self.arena.pace, writer, parts, act, gates)
        self.arena.races += races
        return races

    async def race_one(self, writer: str, ends: Narrowed, person: Person, looks: Sequence[Look], act: Any) -> Race:
        """The same for one person; the last of the looks is repeated once the act is acknowledged."""
        (race,) = await self.race(writer, [Part(ends, looks, looks[-1:])], act, person.gates)
        return race


async def open_lane(arena: Arena, number: int) -> Lane:
    """Register a court of two parts with a judge and a court team."""
    hub, agency = arena.hub, f"a-race-{number}"
    await administration.add_agency(hub, AgencyKind.COURT, f"Court {number}", agency)
    parties, keys = [], []
    for unit, role in ((f"u-race-{number}", Role.JUDGE), (f"u-race-{number}-annex", Role.COURT_TEAM)):
        await administration.add_unit(
            hub, agency, unit, alias=unit, time_zone="America/Chicago", profile="us-42cfr2@1", identifier=unit
        )
        keys.append(new_key())
        client = await administration.add_client(hub, unit, role, jwk=public(keys[-1]), identifier=f"c-{unit}")
        parties.append(arena.party(client, unit, keys[-1]))
    judge, team = parties
    return Lane(arena, agency, judge.unit, team.unit, judge, team, f"c-{judge.unit}", keys[0])


def new_key() -> dict[str, Any]:
    """A new P-256 key as a private JWK."""
    return private_jwk(os.urandom(32), uuid.uuid4().hex)


def public(key: dict[str, Any]) -> dict[str, object]:
    """Its public half."""
    return {name: value for name, value in key.items() if name != "d"}
