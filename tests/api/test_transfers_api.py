"""Transfers over HTTP: from clinic to clinic or prison health, under the patient's treatment consent."""

import asyncio

import httpx
import pytest

from app.exchange import administration, clock
from app.identity.tokens import issue_access_token
from app.routers.examples_transfer import TRANSFER, TREATMENT_CONSENT
from app.sandbox import steps
from app.sandbox.steps import must
from app.vocabulary import Scope
from tests.api.contract import check
from tests.api.handing import (
    CLINICIAN,
    CONTENT,
    GUARD,
    HILLSIDE,
    LIST,
    NURSE,
    ONE,
    STAFF,
    allow,
    filled,
    handed,
    listed,
    read,
    revoke,
    sent,
)
from tests.api.scene import MARIA
from tests.service import DATABASES, World, run, world
from tests.storage.direct import count


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_nurse_reads_what_the_patient_allows_and_a_guard_nothing(kind: str) -> None:
    """Case 78: care data flows from health to health; the sender sees it delivered, the patient sees who read."""
    async with world(kind) as w:
        clinic, nurse = w.party(STAFF), w.party(NURSE)
        patient = await steps.add_patient(clinic, MARIA)
        consent = await allow(clinic, patient)
        transfer = await handed(clinic, patient)
        assert [one["transmission"] for one in await listed(clinic, direction="sent")] == ["queued"]
        answer = await read(nurse, transfer)
        body = await must(answer)
        assert list(body)[:9] == ["id", "direction", "issuer", "sent_at", *CONTENT[:5]]
        assert {name: body[name] for name in (*CONTENT, "person", "language")} == {
            name: TRANSFER[name] for name in (*CONTENT, "person", "language")
        }
        assert body["issuer"] == {"unit_id": "u-clinic-harbor", "unit_name": "Harbor Clinic"}
        assert "patient_id" not in body and "recipient" not in body
        said = body["obligations"]
        assert said["notice"].startswith("This record which has been disclosed to you is protected by Federal")
        assert "not in any civil, criminal" in said["use_limit"]
        (scope,) = said["scope"]
        assert scope["recipient"] == {"unit": "Medical Wing", "role": "prison_clinician"}
        assert (scope["purpose"], scope["ends"]) == ("treatment", {"date": "none"})
        assert scope["elements"] == sorted(TREATMENT_CONSENT["elements"])
        assert await listed(nurse) == [body]
        assert (await must(await read(clinic, transfer)))["transmission"] == "delivered"
        await _guard_gets_nothing(w, transfer)
        account = await must(await clinic.get(f"/v1/patients/{patient}/disclosures"))
        (row,) = account["items"]
        assert (row["kind"], row["purpose"], row["times"], row["consent_id"]) == ("transfer", "treatment", 2, consent)
        assert row["recipient"]["unit_id"] == "u-prison-health"
        assert {*row["elements"]} == {*TREATMENT_CONSENT["elements"], "identity.match", "identity.demographics"}
        assert "Medical Wing (clinician of the prison's health service) read: your medication" in row["sentence"]


async def _guard_gets_nothing(w: World, transfer: str) -> None:
    """Neither with its own token, nor with one that claims every scope: its unit is no treating unit."""
    guard = w.party(GUARD)
    claimed = await _claiming(w, GUARD)
    for method, path in (("GET", LIST), ("GET", f"{LIST}/{transfer}"), ("POST", f"{LIST}/{transfer}/cancellation")):
        own = await guard.call(method, path)
        assert (own.status_code, own.json()["code"]) == (403, "insufficient_scope")
        answer = await w.http.request(method, path, headers={"Authorization": f"Bearer {claimed}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "kind_not_allowed")


async def _claiming(w: World, client: str) -> str:
    me = (await w.party(client).get("/v1/me")).json()
    return issue_access_token(
        w.hub.keys,
        issuer=w.hub.issuer,
        audience=w.hub.issuer,
        client_id=client,
        scope=" ".join(sorted(scope.value for scope in Scope)),
        assignment=me["assignments"][0]["id"],
        client_key="secret",
        now=clock.seconds(),
        jti="j-1234567890123456",
        lifetime=300,
    )


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_is_not_allowed_is_named_and_nothing_is_stored(kind: str) -> None:
    """Without a consent every field; with one each that it leaves out; for another unit and once revoked all again."""
    async with world(kind) as w:
        clinic = w.party(STAFF)
        patient = await steps.add_patient(clinic, MARIA)
        everything = {(f"/{name}", "element_not_consented") for name in CONTENT}
        assert _errors(await sent(clinic, patient)) == everything
        await allow(clinic, patient, elements=["clinical.medication", "enrolment.closure_reason"])
        refused = _errors(await sent(clinic, patient, status="ended", closure="custody", summary="Stable on 60 mg."))
        assert refused == (everything - {("/medication", "element_not_consented")}) | {
            ("/summary", "element_not_consented")
        }
        assert _errors(await sent(clinic, patient, recipient="u-clinic-hillside")) == everything
        await revoke(clinic, patient)
        assert _errors(await sent(clinic, patient)) == everything
        assert (await listed(clinic, direction="sent"), count(w.settings.database_url, "transfer")) == ([], 0)


def _errors(answer: httpx.Response) -> set[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return {(error["pointer"], error["code"]) for error in answer.json()["errors"]}


@run
async def test_a_transfer_that_cannot_be_meant() -> None:
    """Every flaw at once: another person, no such unit, impossible doses, an old appointment, nothing at all."""
    async with world("sqlite") as w:
        clinic = w.party(STAFF)
        patient = await steps.add_patient(clinic, MARIA)
        await allow(clinic, patient)
        (medicine,) = TRANSFER["medication"]
        answer = await sent(
            clinic,
            patient,
            recipient="u-clinic-harbor",
            person=MARIA | {"birth_date": "1991-04-13"},
            medication=[
                medicine | {"dose": 0, "last_dose_at": "2035-01-01T00:00:00Z"},
                medicine | {"system": "rxnorm", "code": "methadone"},
            ],
            next_appointment={"start": "2026-01-05T09:00:00Z", "site": "Site 1"},
            language="Spanish language",
            closure="custody",
        )
        assert _errors(answer) == {
            ("/recipient", "unit_unknown"),
            ("/person", "person_not_of_patient"),
            ("/medication/0/dose", "dose_out_of_range"),
            ("/medication/0/last_dose_at", "last_dose_in_future"),
            ("/medication/1/code", "medication_code_unknown"),
            ("/next_appointment/start", "appointment_past"),
            ("/language", "language_malformed"),
            ("/closure", "closure_and_status"),
        }
        nothing = dict.fromkeys(CONTENT)
        assert _errors(await sent(clinic, patient, **nothing)) == {("", "transfer_empty")}
        assert _errors(await sent(clinic, patient, recipient="u-custody")) == {("/recipient", "unit_unknown")}
        assert _errors(await sent(w.party(HILLSIDE), patient)) == {("/patient_id", "patient_unknown")}
        spelt = await sent(
            clinic, patient, person={"given_name": "MARIA", "sur_name": " lopez", "birth_date": "1991-04-12"}
        )
        assert spelt.status_code == 201


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_revoking_stops_a_fetch_at_once(kind: str) -> None:
    """Before the first fetch and after one; element by element; what is left carries no name alone."""
    async with world(kind) as w:
        clinic, nurse = w.party(STAFF), w.party(NURSE)
        patient = await steps.add_patient(clinic, MARIA)
        await allow(clinic, patient)
        transfer = await handed(clinic, patient)
        await revoke(clinic, patient, elements=["clinical.safety_alert"])
        first = await must(await read(nurse, transfer))
        assert {name for name in CONTENT if name in first} == {*CONTENT} - {"withdrawal", "overdose", "naloxone"}
        assert first["obligations"]["scope"][0]["elements"] == sorted(
            {*TREATMENT_CONSENT["elements"]} - {"clinical.safety_alert"}
        )
        await revoke(clinic, patient, recipients=["u-prison-health"])
        told = count(w.settings.database_url, "disclosure")
        gone, unknown = await read(nurse, transfer), await read(nurse, "0" * 32)
        assert (gone.status_code, gone.content) == (404, unknown.content)
        assert await listed(nurse) == []
        assert count(w.settings.database_url, "disclosure") == told == 1
        assert (await must(await read(clinic, transfer)))["status"] == "sent"
        await allow(clinic, patient, elements=["clinical.medication"])
        again = await must(await read(nurse, transfer))
        assert {name for name in CONTENT if name in again} == {"medication"}
        await revoke(clinic, patient)
        assert (await read(nurse, transfer)).status_code == 404


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_each_role_reads_under_its_own_grant(kind: str) -> None:
    """Never stitched: clinician and clinic staff of one unit see each what was granted to them, or nothing."""
    async with world(kind) as w:
        sender, staff, clinician = w.party(NURSE), w.party(STAFF), w.party(CLINICIAN)
        patient = await steps.add_patient(sender, MARIA)
        recipients = [
            {"org_unit": "u-clinic-harbor", "role": "clinician", "elements": ["clinical.medication"]},
            {"org_unit": "u-clinic-harbor", "role": "clinic_staff", "elements": ["referral.appointment"]},
        ]
        elements = ["clinical.medication", "referral.appointment"]
        shared = {"disclosers": ["u-prison-health"], "recipients": recipients, "elements": elements}
        await allow(sender, patient, **shared)
        keep = {name: None for name in CONTENT if name not in ("medication", "next_appointment")}
        transfer = await handed(sender, patient, recipient="u-clinic-harbor", **keep)
        seen = [await must(await read(one, transfer)) for one in (staff, clinician)]
        assert [[name for name in CONTENT if name in one] for one in seen] == [["next_appointment"], ["medication"]]
        assert all(one["person"] == TRANSFER["person"] for one in seen)
        assert (await read(w.party(HILLSIDE), transfer)).status_code == 404
        await revoke(sender, patient, elements=["referral.appointment"])
        assert (await read(staff, transfer)).status_code == 404
        assert (await read(clinician, transfer)).status_code == 200


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_prison_health_hands_over_at_release(kind: str) -> None:
    """Prison health takes the consent itself, and the patient's accounting there shows who read."""
    async with world(kind) as w:
        nurse, clinic = w.party(NURSE), w.party(CLINICIAN)
        patient = await steps.add_patient(nurse, MARIA)
        to = [{"org_unit": "u-clinic-harbor", "role": "clinician"}]
        await allow(nurse, patient, disclosers=["u-prison-health"], recipients=to)
        overdose = {"risk": "high", "reduced_tolerance": True}
        transfer = await handed(
            nurse, patient, recipient="u-clinic-harbor", reason="custody_release", overdose=overdose
        )
        (item,) = await listed(clinic)
        assert (item["id"], item["overdose"], item["reason"]) == (transfer, overdose, "custody_release")
        (row,) = (await must(await nurse.get(f"/v1/patients/{patient}/disclosures")))["items"]
        assert (row["recipient"]["unit_id"], row["kind"]) == ("u-clinic-harbor", "transfer")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_identifier_names_one_transfer_for_ever(kind: str) -> None:
    """Again the first answer, other words 409; beside the Idempotency-Key, whose replay is rendered as things stand."""
    async with world(kind) as w:
        clinic, nurse = w.party(STAFF), w.party(NURSE)
        patient = await steps.add_patient(clinic, MARIA)
        await allow(clinic, patient)
        named = {"identifier": TRANSFER["identifier"]}
        first = await must(await sent(clinic, patient, **named), 201)
        assert (await must(await sent(clinic, patient, **named), 201)) == first
        other = await sent(clinic, patient, **named, withdrawal={"risk": "low"})
        assert (other.status_code, other.json()["code"]) == (409, "identifier_in_use")
        assert count(w.settings.database_url, "transfer") == 1
        body = filled(TRANSFER, patient, identifier=None)
        once = await must(await clinic.post(LIST, body, Idempotency_Key="k1"), 201)
        await must(await read(nurse, once["id"]))
        replay = await must(await clinic.post(LIST, body, Idempotency_Key="k1"), 201)
        assert replay == once | {"transmission": "delivered"}
        assert count(w.settings.database_url, "transfer") == 2
        both = await asyncio.gather(
            *(sent(clinic, patient, identifier={"system": "s", "value": "2"}) for _ in range(2))
        )
        assert sorted({answer.status_code for answer in both}) in ([201], [201, 409])
        assert count(w.settings.database_url, "transfer") == 3


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_transfer_is_cancelled_only_before_it_is_fetched(kind: str) -> None:
    """The answer is always the same; the transfer itself says what came of it, and the other side learns nothing."""
    async with world(kind) as w:
        clinic, nurse = w.party(STAFF), w.party(NURSE)
        patient = await steps.add_patient(clinic, MARIA)
        await allow(clinic, patient)
        early, late = await handed(clinic, patient), await handed(clinic, patient)
        await must(await read(nurse, late))
        answers = set()
        for transfer in (early, early, late):
            answer = await clinic.post(f"{LIST}/{transfer}/cancellation", None)
            check(answer, "POST", f"{ONE}/cancellation")
            answers.add((answer.status_code, answer.content))
        assert answers == {(200, b'{"status":"received"}')}
        assert (await read(nurse, early)).status_code == 404
        assert [item["id"] for item in await listed(nurse)] == [late]
        shown = [await must(await read(clinic, transfer)) for transfer in (early, late)]
        assert [(one["status"], one["transmission"]) for one in shown] == [
            ("cancelled", "queued"),
            ("sent", "delivered"),
        ]
        for party in (nurse, w.party(HILLSIDE)):
            assert (await party.post(f"{LIST}/{early}/cancellation", None)).status_code == 404


@run
async def test_the_other_system_is_gone() -> None:
    async with world("sqlite") as w:
        clinic = w.party(STAFF)
        patient = await steps.add_patient(clinic, MARIA)
        await allow(clinic, patient)
        transfer = await handed(clinic, patient)
        await administration.suspend(w.hub, unit="u-prison-health")
        assert (await must(await read(clinic, transfer)))["transmission"] == "undeliverable"
