"""Who leaves: a court that assigns the case to other staff or leaves it, a programme under another law or closed."""

from functools import partial
from typing import Final

from app.exchange import administration, closings
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.vocabulary import AgencyKind, Role
from tests.resilience.race import Narrowed, Part
from tests.resilience.race_lane import ELEMENTS, MONDAY, MONITOR, Lane, Person, new_key, public

PATIENTS: Final = 4
"""Of one programme; what it does touches them all."""
US, EU = "us-42cfr2@1", "eu-gdpr-led@1"


async def assign(lane: Lane, races: int) -> None:
    """The judge's unit names somebody else, then the team's unit leaves the case."""
    for _ in range(0, races, 2):
        person = await lane.person()
        consent = await person.sign()
        for party, body, verb, team in (
            (lane.judge, {"staff_id": "jdg-2"}, "assignments", False),
            (lane.team, {}, "assignments/ending", True),
        ):
            case_id = person.cases[party.unit]
            key = await lane.arena.ask("SELECT case_key FROM case_view WHERE case_id = $1", case_id)
            ends = Narrowed(frozenset({consent}), units=frozenset({party.unit}))
            part = Part(ends, person.looks(3, team=team), person.looks(1, team=team))
            act = partial(_say, party, f"/v1/cases/{case_id}/{verb}", body)
            await lane.race("assign a case", [part], act, [f"a:{key}:{party.unit}"])


async def _say(party: Party, path: str, body: dict[str, str]) -> None:
    await must(await party.post(path, body), 202)


async def close(lane: Lane, races: int) -> None:
    """A programme comes under a law that knows no such consent, and back; then it closes."""
    for _ in range(0, races, 2 * PATIENTS):
        clinic = await _programme(lane)
        persons = [await _patient(lane, clinic) for _ in range(PATIENTS)]
        parts = [Part(ends, person.looks(2), person.looks(1)) for person, ends in persons]
        gates = [gate for person, _ in persons for gate in person.gates]
        hub = lane.arena.hub
        run = await lane.race("set a profile", parts, partial(closings.set_profile, hub, clinic.unit, EU), gates)
        until, _ = await lane.arena.stamp(())
        for race in run:
            race.until = until
        await closings.set_profile(hub, clinic.unit, US)
        parts = [Part(ends, person.looks(2), person.looks(1)) for person, ends in persons]
        await lane.race("close a programme", parts, partial(closings.close_unit, hub, clinic.unit), gates)


async def _programme(lane: Lane) -> Party:
    hub, secret = lane.arena.hub, new_key()
    agency = await administration.add_agency(hub, AgencyKind.CLINIC, "A programme that closes")
    place = {"alias": "A provider", "time_zone": "America/Chicago", "profile": US}
    unit = await administration.add_unit(hub, agency, "A programme that closes", **place)
    client = await administration.add_client(hub, unit, Role.CLINIC_STAFF, jwk=public(secret))
    return lane.arena.party(client, unit, secret)


async def _patient(lane: Lane, clinic: Party) -> tuple[Person, Narrowed]:
    """Somebody whom the judge referred there and who signed, and what is over once the programme is."""
    cases = await lane.case()
    known = {"given_name": "Leaving", "sur_name": "Avery", "birth_date": "1988-02-17"}
    conditions = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
    sent = await steps.refer(lane.judge, clinic.unit, cases[lane.court], known, conditions=conditions)
    patient = await steps.add_patient(clinic, known)
    await steps.accept(clinic, sent["id"], patient)
    filed = await steps.report(clinic, patient, MONDAY, ("attended", "attended"))
    person = Person(lane, "Leaving", cases, patient, sent["id"], filed)
    more = {"recipients": [{"org_unit": lane.court, "role": "judge"}], "purposes": [MONITOR]}
    more |= {"elements": [*ELEMENTS], "records_from": MONDAY.isoformat()}
    consent = await steps.sign(clinic, steps.form(patient, sent["id"], "Leaving Avery", clinic.unit, **more))
    return person, Narrowed(frozenset({consent}))
