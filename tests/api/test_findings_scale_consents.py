"""Findings: consents that are signed and carry nothing or never end; values that say more or worse than they may."""

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from app.consent.local_time import end_of_day, zone_of
from app.routers.examples_transfer import TREATMENT_CONSENT
from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from tests.api.handing import filled, sent
from tests.api.scene import CLINIC, COURT, END, refer, scene, signing
from tests.service import run, world
from tests.storage.direct import change, rows


@run
async def test_a_week_without_enough_sessions_is_not_the_persons_failure() -> None:
    """Domain rules 3.3: lack of places must not read as non-compliance. A person who waits for a place, and one who
    came to every session that there was, are told to the court as not compliant.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        first, second = past_mondays(2)
        one = {"offered": 1, "attended": 1, "excused": 0, "missed": 0}
        for monday, counts, status in ((first, dict.fromkeys(one, 0), "planned"), (second, one, "active")):
            body = {"patient_id": s.patient, "period": week(monday), "status": status, "attendance": counts}
            await must(await s.clinic.post("/v1/treatment-statuses", body), 201)
        await s.sign(elements=["attendance.compliant"], records_from=first.isoformat())
        assert "no" not in {elements["attendance.compliant"] for _, elements in await s.values()}


@run
async def test_an_appointment_does_not_tell_the_clinics_time_zone() -> None:
    """Design 6: discloser name, time zone and facility stay under the alias unless enrolment.provider is permitted. The
    instant is shown with the offset that the clinic typed.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign(elements=["referral.appointment"], purposes=["referral_coordination"])
        body = {"decision": "accepted", "appointment": {"start": "2035-01-08T09:00:00-06:00", "site": "Site 1"}}
        await must(await s.clinic.post(f"/v1/referrals/{s.referral}/response", body), 201)
        shown = await must(await s.judge.get(f"/v1/referrals/{s.referral}"))
        assert datetime.fromisoformat(shown["appointment"]["value"]["start"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "site", ["Methadone unit, 12 Main St. She relapsed and has hepatitis C. " * 50, " ", "S\u202eite"]
)
@run
async def test_a_site_is_a_neutral_label(site: str) -> None:
    """Domain rules 4.1: free text toward justice nowhere; 4.3: a neutral site label. Whatever is typed goes to the
    court.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        start = (datetime.now(UTC) + timedelta(days=5)).isoformat()
        body = {"decision": "accepted", "appointment": {"start": start, "site": site}}
        assert (await s.clinic.post(f"/v1/referrals/{s.referral}/response", body)).status_code == 422


@run
async def test_a_consent_of_no_case_does_not_end_with_an_event_of_one() -> None:
    """42 CFR 2.31(a)(7): the patient signs that the treatment consent ends when treatment ends. Events are of a case
    and this consent has none, so nothing can ever end it before its latest date.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        form = filled(TREATMENT_CONSENT, s.patient, expiry={"event": "treatment_ended", "at": END})
        assert (await s.clinic.post("/v1/consents", form)).status_code == 422


@run
async def test_a_treatment_consent_names_no_referral_or_carries_transfers_all_the_same() -> None:
    """42 CFR 2.33(a)(2), design 4a: tpo binds no case. With a referral_id it is taken, signed and active, and then no
    transfer is allowed under it, with a detail that asks for the very consent that there is.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        form = filled(TREATMENT_CONSENT, s.patient, referral_id=s.referral)
        proposed = await s.clinic.post("/v1/consents", form)
        if proposed.status_code == 201:
            await steps.complete(s.clinic, proposed.json()["id"], "Maria Lopez")
            assert (await sent(s.clinic, s.patient)).status_code == 201


@run
async def test_an_end_that_has_come_is_told_before_the_patient_signs() -> None:
    """Domain rules 5.3, ``expiry_past``: after a disposition a new referral is a new measure, and a form that ends with
    final_disposition is drawn up and signed for it. It is expired the moment it is signed: the old event ends it.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await steps.happened(s.judge, s.case_id, "final_disposition")
        await asyncio.sleep(0.01)
        second = await refer(s.judge, s.case_id)
        await steps.accept(s.clinic, second, s.patient)
        proposed = await s.clinic.post("/v1/consents", s.cjs(referral_id=second))
        if proposed.status_code == 201:
            signed = await s.clinic.post(f"/v1/consents/{proposed.json()['id']}/signatures", signing())
            assert (await must(signed, 201))["state"] == "active"


@run
async def test_who_was_found_unfit_signs_no_other_form_either() -> None:
    """Domain rules 5.2, case 44: intoxicated or in withdrawal, the form is offered again after hours. The finding is
    kept with one form; another, drawn up the same minute, is signed and active.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        first, second = [
            (await must(await s.clinic.post("/v1/consents", s.form(additional=True)), 201))["id"] for _ in range(2)
        ]
        unfit = signing()["capacity"] | {"status": "intoxicated_or_withdrawal"}
        await must(await s.clinic.post(f"/v1/consents/{first}/signatures", {"capacity": unfit}), 201)
        assert (await s.clinic.post(f"/v1/consents/{second}/signatures", signing())).status_code == 422


@pytest.mark.parametrize("person", ["Judge Roe", "", "x" * 65])
@run
async def test_a_person_on_the_form_is_one_that_can_ever_ask(person: str) -> None:
    """42 CFR 2.31(a)(4): who may receive is named so that they can be told. Acting-User is 1 to 64 visible characters
    without a space; a form with any other text is signed, active, and never answers anybody.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        form = s.form(recipients=[{"org_unit": COURT, "role": "judge", "person": person}])
        assert (await s.clinic.post("/v1/consents", form)).status_code == 422


@run
async def test_the_end_is_that_of_the_form_that_was_signed() -> None:
    """42 CFR 2.31(a)(7), case 8: the form says "at the end of 30 June 2035 (time zone America/Chicago)". The instrument
    takes the clinic's zone of the day of signing: moved meanwhile, the consent ends at another instant than was signed.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        url = w.settings.database_url
        consent = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
        change(url, f"UPDATE unit SET time_zone = 'Asia/Tokyo' WHERE id = '{CLINIC}'")
        await steps.complete(s.clinic, consent, "Maria Lopez")
        form = await must(await s.clinic.get(f"/v1/consents/{consent}/form?lang=en"))
        assert "America/Chicago" in form["text"]
        facts = orjson.loads(rows(url, f"SELECT facts FROM consent WHERE id = '{consent}'")[0][0])
        assert facts["expiry"][0] == end_of_day(datetime.fromisoformat(END).date(), zone_of("America/Chicago"))
