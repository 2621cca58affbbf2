"""Secret-looking words in every place that a caller can fill: they come out where they may, and nowhere else."""

import json
from typing import Any

import httpx
import pytest

from app.log import LOG_KEYS
from app.sandbox import steps
from app.sandbox.steps import must, reading
from app.sandbox.weeks import past_mondays, week
from tests.api.scene import CLINIC, COURT, MONITOR, signing
from tests.service import run, world

PLACES = ("given", "sur", "docket", "reason", "phone", "email", "note", "site", "local", "staff", "key", "request")
WORDS = {place: f"Zq{place}Canary" for place in PLACES}
PERSON = {"given_name": WORDS["given"], "sur_name": WORDS["sur"], "birth_date": "1991-04-12"}


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


@run
async def _everything(kept: list[httpx.Response]) -> None:
    """A whole exchange about one person, good requests and refused ones, with the words wherever they fit."""
    async with world("sqlite") as w:

        async def keep(response: httpx.Response) -> None:
            await response.aread()
            kept.append(response)

        w.http.event_hooks = {"response": [keep]}
        judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
        case_id = await steps.register_case(judge, COURT, "docket", WORDS["docket"])
        contact = {"telephone": WORDS["phone"], "email": f"{WORDS['email']}@example.org"}
        sent = await steps.refer(judge, CLINIC, case_id, PERSON, contact=contact, referral_reason=WORDS["reason"])
        person = PERSON | {"local_id": WORDS["local"]}
        patient = (await must(await clinic.post("/v1/patients", person, Idempotency_Key=WORDS["key"]), 201))["id"]
        await must(await clinic.call("PATCH", f"/v1/referrals/{sent['id']}/patient", {"patient_id": patient}))
        booked = {"start": "2026-12-01T09:00:00Z", "site": WORDS["site"]}
        body: dict[str, Any] = {"decision": "accepted", "appointment": booked}
        await clinic.post(f"/v1/referrals/{sent['id']}/response", body)  # no neutral label: refused, and not repeated
        body = {"decision": "accepted", "appointment": booked | {"site": "Site 1"}}
        await must(await clinic.post(f"/v1/referrals/{sent['id']}/response", body), 201)
        body = {"patient_id": patient, "assessed_on": "2026-11-20", "purpose": "treatment", "need_indicated": "yes"}
        await must(await clinic.post("/v1/assessments", body | {"counselling_notes": WORDS["note"]}), 201)
        form = {
            "patient_id": patient,
            "kind": "named_disclosure",
            "referral_id": sent["id"],
            "subject": {"name_on_form": f"{WORDS['given']} {WORDS['sur']}"},
            "disclosers": [CLINIC],
            "recipients": [{"org_unit": COURT, "role": "judge"}],
            "purposes": [MONITOR],
            "elements": ["enrolment.status"],
            "expiry": {"at": "2035-06-30"},
            "statements": {"revocation": True},
        }
        consent = (await must(await clinic.post("/v1/consents", form), 201))["id"]
        await must(await clinic.post(f"/v1/consents/{consent}/signatures", signing()), 201)
        acting = f'"{WORDS["staff"]}"; name="{WORDS["staff"]}"'
        read = reading("treatment-statuses", case_id, MONITOR)
        assert (await must(await judge.get(read, Acting_User=acting)))["items"]
        everything = " ".join(WORDS.values())
        for party in (judge, clinic):
            for path in (f"/v1/{WORDS['sur']}", f"/v1/referrals/{WORDS['sur']}", f"{read}&{WORDS['sur']}=1"):
                await party.get(path, Acting_User=everything, X_Request_Id=everything)
            await party.post("/v1/referrals", PERSON | {everything: everything, "referral_reason": None})
            await party.post("/v1/consents", form | {"kind": everything, "elements": [everything], "expiry": {}})
            period = week(past_mondays(1)[0])
            await party.post("/v1/treatment-statuses", {"patient_id": everything, "period": period, "status": "active"})
        await w.http.get("/v1/me", headers={"Authorization": f"Bearer {WORDS['sur']}"})
        await w.http.post("/oauth/token", data={"grant_type": everything, "scope": everything})


def test_words_stay_where_they_belong(capsys: pytest.CaptureFixture[str]) -> None:
    """In no log line, in no error body, in no header and no address that the service gives."""
    kept: list[httpx.Response] = []
    _everything(kept)
    refused = [answer for answer in kept if answer.status_code >= 400]
    assert len(kept) > 20 and len(refused) >= 14
    assert not [answer.status_code for answer in kept if answer.status_code >= 500]
    for answer in refused:
        assert "Canary" not in answer.text, answer.text
    for answer in kept:
        assert "Canary" not in str(answer.headers), answer.headers
    lines = _lines(capsys)
    assert len(lines) >= len(kept)
    for line in lines:
        assert "Canary" not in json.dumps(line), line
        assert set(line) <= LOG_KEYS | {"time", "level", "event"}, line
        assert line.get("route") is None or "{" in line["route"] or not any(c.isdigit() for c in line["route"][3:])


def test_good_answers_do_hold_them() -> None:
    """The search above can find them: the sender's own words are in the sender's own answer."""
    kept: list[httpx.Response] = []
    _everything(kept)
    assert any(WORDS["reason"] in answer.text for answer in kept if answer.status_code == 201)
