"""What an attacker or a clumsy client wrote into a body: each once taken, each refused or bounded since."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from app.sandbox.steps import must, register_case
from app.sandbox.weeks import past_mondays, week
from tests.api.contract import check
from tests.api.scene import MARIA, Scene, scene, signing
from tests.service import DATABASES, run, world

BIDIRECTIONAL: Final = "Mar\u202eia"


@asynccontextmanager
async def accepted(kind: str = "sqlite") -> AsyncIterator[Scene]:
    """A referral that the clinic accepted."""
    async with world(kind) as w:
        yield await scene(w)


def codes(answer: httpx.Response) -> list[tuple[str, str]]:
    """(pointer, code) of every flaw of a 422."""
    assert answer.status_code == 422, answer.text
    return [(flaw["pointer"], flaw["code"]) for flaw in answer.json()["errors"]]


def soon(seconds: float) -> str:
    """An instant so many seconds ahead."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@run
async def test_evidence_stays_evidence() -> None:
    async with accepted() as s:
        for first, then, refused in (
            ("treatment", "evidence_only", True),
            ("evidence_only", "referral", True),
            ("treatment", "referral", False),
            ("evidence_only", "evidence_only", False),
        ):
            filed = await must(await s.clinic.post("/v1/assessments", assessment(s, purpose=first)), 201)
            answer = await s.clinic.post("/v1/assessments", assessment(s, purpose=then, supersedes=filed["id"]))
            if refused:
                assert codes(answer) == [("/purpose", "purpose_switched")]
                assert answer.json()["errors"][0]["section"] == "42 CFR 2.12(e)(4)(i)"
            else:
                assert answer.status_code == 201


def assessment(s: Scene, **changes: Any) -> dict[str, Any]:
    """A sound assessment but for the changes."""
    day = past_mondays(1)[0].isoformat()
    return {"patient_id": s.patient, "assessed_on": day, "purpose": "treatment", "need_indicated": "yes"} | changes


def report(s: Scene, **more: Any) -> dict[str, Any]:
    """A status of the last whole week."""
    return {"patient_id": s.patient, "period": week(past_mondays(1)[0]), "status": "active"} | more


@run
async def test_numbers_have_bounds() -> None:
    async with accepted() as s:
        day = past_mondays(1)[0].isoformat()
        many = {"sessions": [{"date": day, "outcome": "attended"}] * 101}
        for counts in ((201, 201, 0, 0), (0, 1, -1, 0)):
            attendance = dict(zip(("offered", "attended", "excused", "missed"), counts, strict=True))
            sent = await s.clinic.post("/v1/treatment-statuses", report(s, attendance=attendance))
            assert codes(sent) == [("/attendance", "counts_out_of_range")]
        assert codes(await s.clinic.post("/v1/treatment-statuses", report(s) | many)) == [
            ("/sessions", "sessions_too_many")
        ]
        for weeks in (0, 521):
            recommended = assessment(s, recommendation={"service": "outpatient", "weeks_max": weeks})
            assert codes(await s.clinic.post("/v1/assessments", recommended)) == [
                ("/recommendation/weeks_max", "weeks_out_of_range")
            ]
        unclear = assessment(s, need_indicated="insufficient_data")
        assert codes(await s.clinic.post("/v1/assessments", unclear)) == [("/need_indicated", "need_unclear")]


@run
async def test_a_clock_may_be_a_little_ahead() -> None:
    async with accepted() as s:
        for ahead, status in ((3, 201), (30, 422)):
            at = soon(ahead)
            signature = signing()["signatures"][0] | {"signed_at": at}
            body = signing(
                signatures=[signature],
                copy_given_at=at,
                capacity=signing()["capacity"] | {"at": at},
                notice_given=signing()["notice_given"] | {"at": at},
            )
            consent = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
            answer = await s.clinic.post(f"/v1/consents/{consent}/signatures", body)
            assert answer.status_code == status, answer.text
            if status == 201:
                assert answer.json()["state"] == "active"
                revoked = {"consents": [consent], "received_at": soon(3)}
                taken = await s.clinic.post(f"/v1/patients/{s.patient}/revocations", revoked)
                assert taken.status_code == 200


@run
async def test_a_signature_of_another_age_is_refused() -> None:
    async with accepted() as s:
        consent = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
        for year in ("1970", "2010"):
            old = f"{year}-06-01T00:00:00Z"
            body = signing(signatures=[signing()["signatures"][0] | {"signed_at": old}], copy_given_at=old)
            assert codes(await s.clinic.post(f"/v1/consents/{consent}/signatures", body)) == [
                ("/copy_given_at", "signed_at_implausible"),
                ("/signatures/0/signed_at", "signed_at_implausible"),
            ]


@run
async def test_a_name_is_a_name() -> None:
    async with accepted() as s:
        for name in ("Mar\u0007ia", BIDIRECTIONAL, "Mar\u2066ia", "12", "--", "\u0085x"):
            for member in ("given_name", "sur_name"):
                added = await s.clinic.post("/v1/patients", MARIA | {member: name})
                assert codes(added) == [(f"/{member}", "name_malformed")], ascii(name)
                sent = await s.judge.post("/v1/referrals", referral(s, person=MARIA | {member: name}))
                assert codes(sent) == [(f"/person/{member}", "name_malformed")], ascii(name)
        for name in ("O'Neil-Núñez", "李", "محمد"):
            assert (await s.clinic.post("/v1/patients", MARIA | {"given_name": name})).status_code == 201
        for staff, status in (("123", 422), ("A. Officer", 200), (BIDIRECTIONAL, 422)):
            header = f'"ofc-1"; name="{staff}"'.encode()
            token = {"Authorization": f"Bearer {await s.judge.token()}", "Acting-User": header}
            answer = await s.w.http.get("/v1/me", headers=token)  # type: ignore[arg-type]  # bytes as they are sent
            assert answer.status_code == status, staff


def referral(s: Scene, **more: Any) -> dict[str, Any]:
    """A referral of the scene's case."""
    return {
        "recipient": "u-clinic-harbor",
        "case_id": s.case_id,
        "stage": "trial",
        "person": MARIA,
        "conditions": {"service_asked": "outpatient"},
    } | more


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_senders_identifier_names_one_referral_for_ever(kind: str) -> None:
    async with accepted(kind) as s:
        named = referral(s, identifier={"system": "urn:court", "value": "R-1"})
        first = await s.judge.post("/v1/referrals", named)
        assert first.status_code == 201
        await s.judge.post(f"/v1/referrals/{first.json()['id']}/cancellation", None)
        await must(await s.clinic.get("/v1/referrals?direction=received"))
        for key in ({}, {"Idempotency_Key": uuid.uuid4().hex}):
            again = await s.judge.post("/v1/referrals", named, **key)
            check(again, "POST", "/v1/referrals")
            assert (again.status_code, again.content) == (201, first.content)
        other = await s.judge.post("/v1/referrals", named | {"urgency": "soon"})
        check(other, "POST", "/v1/referrals")
        assert (other.status_code, other.json()["code"]) == (409, "identifier_in_use")
        third = await s.judge.post("/v1/referrals", named | {"identifier": {"system": "urn:court", "value": "r-1"}})
        assert third.status_code == 201 and third.json()["id"] != first.json()["id"]
        police = s.w.party("c-police-diversion-police-diversion")
        own = await register_case(police, "u-court-treatment", "docket", "CR-2026-0417")
        foreign = await police.post("/v1/referrals", named | {"case_id": own, "stage": "pre_arrest"})
        assert foreign.status_code == 201 and foreign.json()["id"] != first.json()["id"]
