"""Findings: corrections that fail or tell whom they should not, and incidents that are missed or made up."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.scene import COURT, END, MARIA, MONITOR, Scene, scene
from tests.api.test_feed import pull
from tests.service import DATABASES, run, world
from tests.storage.direct import change, count


def _at(days: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def _received() -> str:
    """An instant that lies between what was done before and what is done after."""
    await asyncio.sleep(0.01)
    at = _at()
    await asyncio.sleep(0.01)
    return at


def _later(s: Scene, days: int) -> None:
    """Let the service's clock stand so many days ahead."""
    at = int((datetime.now(UTC) + timedelta(days=days)).timestamp() * 1_000_000)
    change(s.w.settings.database_url, f"UPDATE clock_floor SET at = {at}")


async def _revoke(s: Scene, **body: Any) -> dict[str, Any]:
    answer = await s.clinic.post(f"/v1/patients/{s.patient}/revocations", body or {"all": True})
    return await must(answer)


async def _on_paper(s: Scene, consent: str, recipient: dict[str, str]) -> None:
    told = {"kind": "treatment_status", "elements": ["enrolment.status"], "purpose": MONITOR, "channel": "paper"}
    said = {"basis": "consent", "consent_id": consent, "made_by": "N. Reyes, LCSW", "at": _at()}
    path = f"/v1/patients/{s.patient}/disclosures"
    await must(await s.clinic.post(path, told | said | {"recipient": recipient}), 201)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_was_told_on_paper_can_be_corrected(kind: str) -> None:
    """GDPR 16, 42 CFR 2.25: a letter under a consent is recorded; from then on every correction and retraction of what
    it told is a 500, since its row has no marks of values, and the clinic can never put that right.
    """
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await steps.report(s.clinic, s.patient, monday, ("missed", "missed"))
        await _on_paper(s, await s.sign(elements=["enrolment.status"]), {"name": "County Attorney"})
        await steps.report(s.clinic, s.patient, monday, ("attended",), supersedes=filed, status="paused")


@run
async def test_a_stub_is_for_the_person_who_was_named() -> None:
    """Non-interference; case 3: a consent to one judge by name. To any other of the same court the answer was empty,
    and a correction of what the named one read makes it say ``withdrawn``: there is a patient, and something was
    shared.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await steps.report(s.clinic, s.patient, monday, ("missed", "missed"))
        await s.sign(recipients=[{"org_unit": COURT, "role": "judge", "person": "jdg-8"}])
        path = f"/v1/treatment-statuses?case={s.case_id}&purpose={MONITOR}"
        assert (await must(await s.judge.get(path, Acting_User='"jdg-8"')))["items"]
        before = await s.judge.get(path, Acting_User='"jdg-9"')
        await steps.report(s.clinic, s.patient, monday, ("attended", "attended"), supersedes=filed)
        assert (await s.judge.get(path, Acting_User='"jdg-9"')).content == before.content


@run
async def test_a_stub_stands_on_the_referral_that_was_answered_wrongly() -> None:
    """LED 7(3): what is said of data must be right. The stub of one clinic's answer stands on every referral of the
    case, also on one to a clinic that never answered wrongly and from which nothing was ever read.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        other = (await steps.refer(s.judge, "u-clinic-hillside", s.case_id, MARIA))["id"]
        await s.sign(elements=["referral.decision"], purposes=["referral_coordination"])
        path = f"/v1/referrals/{s.referral}"
        said = await must(await s.clinic.post(f"{path}/response", {"decision": "not_reached"}), 201)
        await must(await s.judge.get(path))
        right = {"decision": "accepted", "supersedes": said["id"]}
        await must(await s.clinic.post(f"{path}/response", right), 201)
        await _revoke(s)
        assert "withdrawn" in await must(await s.judge.get(path))
        assert "withdrawn" not in await must(await s.judge.get(f"/v1/referrals/{other}"))


@run
async def test_a_stub_that_was_sent_is_in_the_accounting() -> None:
    """Every disclosure is recorded before it is sent (42 CFR 2.25). A stub is about one patient's item and goes out
    without a live consent; the record says that the read was denied, and the patient's accounting has no row of it.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await steps.report(s.clinic, s.patient, monday, ("missed", "missed"))
        await s.sign()
        await s.seen()
        await _revoke(s)
        await steps.report(s.clinic, s.patient, monday, ("attended", "attended"), supersedes=filed)
        before = count(w.settings.database_url, "disclosure")
        assert (await must(await s.seen()))["withdrawn"]
        assert count(w.settings.database_url, "disclosure") > before


@pytest.mark.parametrize("ended", ["expired", "revoked"])
@run
async def test_a_late_revocation_counts_though_the_consent_is_over_by_now(ended: str) -> None:
    """42 CFR 2.31(a)(6), 2.16: what left between the patient's letter and its entry lacked its basis, also when the
    consent has run out, or was revoked again at the desk, before the clerk came to the letter. No draft is made.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign(expiry={"at": _at(1)})
        received = await _received()
        assert await s.values()
        if ended == "expired":
            _later(s, 2)
        else:
            await _revoke(s)
        assert "incident_id" in await _revoke(s, all=True, received_at=received)


@run
async def test_what_left_while_a_2_35_revocation_waited_is_no_incident() -> None:
    """42 CFR 2.35(c): until ``revocable_from`` the consent stands. The answer itself says from when the revocation is
    in force; the draft counts releases from its receipt on, and so reports lawful ones (and a clock of 60 days
    begins).
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await steps.sign(s.clinic, s.cjs(revocable_from={"at": _at(1)}))
        received = await _received()
        assert await s.values()
        _later(s, 2)
        done = await _revoke(s, all=True, received_at=received)
        assert done["consents"][0]["in_force_from"]["at"] > received
        assert "incident_id" not in done


@run
async def test_a_revocation_takes_nothing_that_was_signed_after_it() -> None:
    """42 CFR 2.31(a)(6): the later word of the patient stands. A letter of three days ago takes a consent that was
    signed today, ``in_force_from`` before its signature, and every release under it becomes an incident.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign()
        assert await s.values()
        answer = await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True, "received_at": _at(-3)})
        assert answer.status_code == 422 or "incident_id" not in answer.json()


@run
async def test_a_letter_sent_after_the_revocation_is_an_incident() -> None:
    """42 CFR 2.16: a disclosure on paper, made under the consent after it was revoked and recorded as such, is none of
    the draft's: its row has no role, and the comparison asks for one.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        consent = await s.sign()
        received = await _received()
        await _on_paper(s, consent, {"unit_id": COURT})
        assert "incident_id" in await _revoke(s, all=True, received_at=received)


@run
async def test_an_entry_told_after_the_revocation_is_an_incident() -> None:
    """42 CFR 2.13(c), 2.16: an entry of the feed says that there is a patient; it is a disclosure, recorded as one, and
    left out of the draft because it names no element.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign()
        received = await _received()
        assert (await pull(s.judge))["items"]
        assert "incident_id" in await _revoke(s, all=True, received_at=received)


@run
async def test_an_event_reported_twice_is_one_incident() -> None:
    """45 CFR 164.402: one release is judged once. A court that sends its event again, as after an outage, makes the
    clinic a second draft of the very same releases, as often as it likes.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign(expiry={"at": END, "event": "final_disposition"})
        await s.values()
        event = {"code": "final_disposition", "occurred_at": _at(-3)}
        for _ in range(2):
            await must(await s.judge.post(f"/v1/cases/{s.case_id}/events", event), 202)
        assert len((await must(await s.clinic.get("/v1/incidents")))["items"]) == 1
