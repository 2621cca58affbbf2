"""A later grant hides nothing, an alias widens nothing, a consultation says in which case and for whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from app.ledger.entry import commitment
from app.sandbox import steps
from app.sandbox.start import CLINIC, COURT, PERSON
from app.sandbox.steps import must, reading
from app.sandbox.weeks import past_mondays
from app.storage import tables
from app.storage.statement import Statement
from tests.service import DATABASES, World, run, world

JUDGE, STAFF, ADULT = "c-court-treatment-judge", "c-clinic-harbor-clinic-staff", "c-probation-adult-probation-officer"
MONDAYS = past_mondays(4)
EVENTS = Statement(select(tables.case_event.c.occurred_at, tables.case_event.c.received_at))
ENTRIES = Statement(select(tables.consultation.c.id, tables.consultation.c.entry))


def proposal(patient: str, referral: str, **more: Any) -> dict[str, Any]:
    """A consent for the judge: attendance counts."""
    return {
        "patient_id": patient,
        "kind": "named_disclosure",
        "referral_id": referral,
        "subject": {"name_on_form": "Sam Avery"},
        "disclosers": [CLINIC],
        "recipients": [{"org_unit": COURT, "role": "judge"}],
        "purposes": ["condition_monitoring"],
        "elements": ["attendance.summary"],
        "expiry": {"at": "2034-01-01"},
        "records_from": MONDAYS[0].isoformat(),
        "statements": {"revocation": True},
    } | more


async def reported(w: World, docket: str) -> tuple[str, str, str]:
    """Case, referral and patient with four reported weeks and one missed session."""
    judge, clinic = w.party(JUDGE), w.party(STAFF)
    case_id = await steps.register_case(judge, COURT, "docket", docket)
    asked = {"service_asked": "outpatient", "attendance_threshold": 2}
    referral = (await steps.refer(judge, CLINIC, case_id, PERSON, conditions=asked))["id"]
    patient = await steps.add_patient(clinic, PERSON)
    await steps.accept(clinic, referral, patient)
    for number, monday in enumerate(MONDAYS):
        await steps.report(clinic, patient, monday, ("attended", "missed" if number == 2 else "attended"))
    return case_id, referral, patient


async def read(w: World, client: str, case_id: str, more: str = "") -> list[dict[str, Any]]:
    """The items of a read of statuses."""
    answer = await w.party(client).get(reading("treatment-statuses", case_id, "condition_monitoring") + more)
    items: list[dict[str, Any]] = (await must(answer))["items"]
    return items


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_further_grant_of_later_weeks_hides_no_earlier_one(kind: str) -> None:
    async with world(kind) as w:
        case_id, referral, patient = await reported(w, "G-1")
        clinic = w.party(STAFF)
        await steps.sign(clinic, proposal(patient, referral))
        before = await read(w, JUDGE, case_id)
        assert len(before) == 4
        later = {"additional": True, "expiry": {"at": "2035-01-01"}, "records_from": MONDAYS[3].isoformat()}
        await steps.sign(clinic, proposal(patient, referral, elements=["attendance.sessions"], **later))
        after = await read(w, JUDGE, case_id)
        assert [sorted(item["elements"]) for item in after] == [["attendance.sessions"]] + [["attendance.summary"]] * 3
        assert [item["elements"] for item in after[1:]] == [item["elements"] for item in before[1:]]


@run
async def test_a_second_referral_neither_flips_a_value_nor_empties_a_read_of_the_first() -> None:
    async with world("sqlite") as w:
        case_id, first, patient = await reported(w, "G-2")
        judge, clinic = w.party(JUDGE), w.party(STAFF)
        compliant = {"elements": ["attendance.compliant"]}
        await steps.sign(clinic, proposal(patient, first, **compliant))
        before = await read(w, JUDGE, case_id, f"&referral={first}")
        assert [item["elements"]["attendance.compliant"]["value"] for item in before] == ["yes", "no", "yes", "yes"]
        asked = {"service_asked": "outpatient", "attendance_threshold": 1}
        second = (await steps.refer(judge, CLINIC, case_id, PERSON, conditions=asked))["id"]
        await steps.accept(clinic, second, patient)
        more = {"additional": True, "expiry": {"at": "2033-01-01"}}
        await steps.sign(clinic, proposal(patient, second, **compliant, **more))
        assert await read(w, JUDGE, case_id, f"&referral={first}") == before
        assert len(await read(w, JUDGE, case_id, f"&referral={second}")) == 4


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_alias_made_after_the_signature_opens_nothing(kind: str) -> None:
    async with world(kind) as w:
        case_id, referral, patient = await reported(w, "G-3")
        judge, clinic = w.party(JUDGE), w.party(STAFF)
        named = {"recipients": [{"org_unit": "u-probation-adult", "role": "probation_officer"}]}
        await steps.sign(clinic, proposal(patient, referral, **named))
        drawn = await must(
            await clinic.post("/v1/consents", proposal(patient, referral, **named, additional=True)), 201
        )
        alias = {"type": "docket", "value": "G-3-JOINED"}
        assert (await judge.post(f"/v1/cases/{case_id}/identifiers", alias)).status_code == 202
        joined = await steps.register_case(w.party(ADULT), COURT, "docket", "G-3-JOINED")
        assert await read(w, ADULT, joined) == []
        await steps.complete(clinic, drawn["id"], "Sam Avery")
        assert await read(w, ADULT, joined) == [], "nor a form drawn up before it and signed after"
        own = await steps.register_case(w.party(ADULT), COURT, "docket", "G-3")
        assert len(await read(w, ADULT, own)) == 4
        await steps.sign(clinic, proposal(patient, referral, **named, additional=True))
        assert len(await read(w, ADULT, joined)) == 4


@run
async def test_a_consultation_says_in_which_case_and_on_whose_behalf() -> None:
    async with world("sqlite") as w:
        case_id, _, _ = await reported(w, "G-4")
        path = "/v1/treatment-statuses?purpose=condition_monitoring&case="
        for asked in (case_id, "never-registered"):
            await must(await w.party(JUDGE).get(path + asked, Acting_User='"jdg-8"; name="J. Roe"'))
        async with w.hub.database.read() as reader:
            rows = await reader.all(ENTRIES)
        found = []
        for row in rows:
            entry = orjson.loads(row["entry"])
            opening: Any = w.hub.vault.open(bytes.fromhex(entry["opening"]), "consultation", row["id"])
            found.append((opening["case"][1], opening["person"][1]))
            assert "jdg-8" not in str(entry) and case_id not in str(entry)
        assert sorted(found) == sorted([(case_id, "jdg-8\nJ. Roe"), ("never-registered", "jdg-8\nJ. Roe")])


@run
async def test_two_records_that_match_one_person_are_told_of_neither(capfd: Any) -> None:
    async with world("sqlite") as w:
        case_id, first, patient = await reported(w, "G-5")
        judge, clinic = w.party(JUDGE), w.party(STAFF)
        await steps.sign(clinic, proposal(patient, first, elements=["enrolment.status"]))
        assert len(await read(w, JUDGE, case_id)) == 1
        second = (await steps.refer(judge, CLINIC, case_id, PERSON))["id"]
        twin = await steps.add_patient(clinic, PERSON)
        await steps.accept(clinic, second, twin)
        await steps.sign(clinic, proposal(twin, second, elements=["enrolment.status"]))
        capfd.readouterr()
        assert await read(w, JUDGE, case_id) == []
    assert "ambiguous_subject" in capfd.readouterr().err


@run
async def test_the_patient_is_told_of_the_coarser_steps_that_stop_as_well() -> None:
    async with world("sqlite") as w:
        _, referral, patient = await reported(w, "G-6")
        clinic = w.party(STAFF)
        await steps.sign(clinic, proposal(patient, referral, elements=["attendance.sessions", "enrolment.status"]))
        done = await clinic.post(f"/v1/patients/{patient}/revocations", {"elements": ["attendance.sessions"]})
        (one,) = (await must(done))["consents"]
        stopped = one["stopped"][0]["elements"]
        assert stopped == ["attendance.compliant", "attendance.sessions", "attendance.summary"]


@run
async def test_what_an_earlier_revocation_took_does_not_stop_a_second_time() -> None:
    async with world("sqlite") as w:
        _, referral, patient = await reported(w, "G-7")
        clinic, path = w.party(STAFF), f"/v1/patients/{patient}/revocations"
        await steps.sign(clinic, proposal(patient, referral, elements=["attendance.sessions", "enrolment.status"]))
        await must(await clinic.post(path, {"elements": ["attendance.sessions"]}))
        (one,) = (await must(await clinic.post(path, {"all": True})))["consents"]
        stopped = one["stopped"][0]
        assert "enrolment.status" in stopped["elements"] and "attendance.sessions" not in stopped["elements"]
        assert stopped["purposes"] == ["condition_monitoring"]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_clinic_that_looks_at_a_preview_or_an_accounting_is_recorded(kind: str) -> None:
    async with world(kind) as w:
        _, referral, patient = await reported(w, "G-8")
        clinic = w.party(STAFF)
        acting = {"Acting_User": '"nr-1"; name="N. Reyes"'}
        await must(await clinic.post("/v1/consents/preview", proposal(patient, referral), **acting))
        await must(await clinic.get(f"/v1/patients/{patient}/disclosures", **acting))
        assert (await clinic.get("/v1/patients/unknown/disclosures", **acting)).status_code == 404
        async with w.hub.database.read() as reader:
            rows = await reader.all(ENTRIES)
        entries = [orjson.loads(row["entry"]) for row in rows]
        told = sorted((one["outcome"], one["purpose"], one["op"], one["unit"]) for one in entries)
        assert told == [
            ("accounting", "operations", "consultation", CLINIC),
            ("preview", "condition_monitoring", "consultation", CLINIC),
        ]
        assert len({one["subject"] for one in entries}) == 1 and patient not in str(entries)
        openings: list[Any] = [
            w.hub.vault.open(bytes.fromhex(one["opening"]), "consultation", one["id"]) for one in entries
        ]
        assert {opening["person"][1] for opening in openings} == {"nr-1\nN. Reyes"}
        for one, opening in zip(entries, openings, strict=True):
            assert one["committed"] == {name: commitment(*pair) for name, pair in opening.items()}


@run
async def test_a_hit_a_refusal_and_an_unknown_case_leave_rows_of_one_shape() -> None:
    async with world("sqlite") as w:
        case_id, referral, patient = await reported(w, "G-9")
        await steps.sign(w.party(STAFF), proposal(patient, referral))
        path = "/v1/treatment-statuses?case="
        for asked in (case_id, "0" * len(case_id)):
            for purpose in ("condition_monitoring", "proceeding"):
                await must(await w.party(JUDGE).get(f"{path}{asked}&purpose={purpose}"))
        async with w.hub.database.read() as reader:
            entries = [orjson.loads(row["entry"]) for row in await reader.all(ENTRIES)]
        assert sorted(one["outcome"] for one in entries) == ["deny"] * 3 + ["permit"]
        assert len({(tuple(one), tuple(one["committed"]), len(one["opening"])) for one in entries}) == 1


@pytest.mark.parametrize("scope", ["x", "r/two/1/739000"])
@run
async def test_a_stored_frame_that_cannot_be_read_forbids(scope: str, capfd: Any) -> None:
    async with world("sqlite") as w:
        case_id, referral, patient = await reported(w, "G-10")
        await steps.sign(w.party(STAFF), proposal(patient, referral, elements=["enrolment.status"]))
        assert len(await read(w, JUDGE, case_id)) == 1
        database: Any = w.hub.database
        database._writer.execute("update consent set facts = json_set(facts, '$.scope', ?)", (scope,))
        assert await read(w, JUDGE, case_id) == []
    assert "rule_error" in capfd.readouterr().err


@run
async def test_an_event_a_few_seconds_ahead_is_taken_as_now() -> None:
    async with world("sqlite") as w:
        case_id, _, _ = await reported(w, "G-11")
        judge, path = w.party(JUDGE), f"/v1/cases/{case_id}/events"

        def event(ahead: int) -> dict[str, str]:
            return {
                "code": "final_disposition",
                "occurred_at": (datetime.now(UTC) + timedelta(seconds=ahead)).isoformat(),
            }

        assert (await judge.post(path, event(60))).status_code == 422
        assert (await judge.post(path, event(4))).status_code == 202
        async with w.hub.database.read() as reader:
            (row,) = await reader.all(EVENTS)
        assert row["occurred_at"] == row["received_at"]
