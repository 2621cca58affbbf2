"""A correction that was read is settled: what a unit holds is right again, and nothing is said of it any more."""

import pytest

from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.scene import scene
from tests.api.test_corrections_api import file, retract, revoke, withdrawn
from tests.service import DATABASES, run, world
from tests.storage.direct import count


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_who_read_it_put_right_hears_nothing_when_the_consent_ends(kind: str) -> None:
    """Nothing may appear because an authorisation ended (design 6)."""
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await file(s, monday, ("missed", "missed"))
        await s.sign(elements=["attendance.summary"])
        await s.seen()
        corrected = await file(s, monday, ("attended", "attended"), supersedes=filed)
        first, second = await s.seen(), await s.seen()
        assert first.content == second.content and "withdrawn" not in first.json()
        assert count(w.settings.database_url, "withdrawal", "settled = 1") == 1, "settled once"
        await revoke(s)
        assert await withdrawn(s) == []
        await file(s, monday, ("attended", "missed"), supersedes=corrected)
        assert len(await withdrawn(s)) == 1, "what it read since is wrong as well"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_who_has_not_read_it_put_right_still_holds_what_is_wrong(kind: str) -> None:
    """A read of another purpose, of a part, or that shows less, settles nothing."""
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await file(s, monday, ("missed", "missed"))
        await s.sign(elements=["attendance.sessions"])
        await s.seen()
        await file(s, monday, ("attended", "attended"), supersedes=filed)
        await s.seen(purpose="referral_coordination")
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"elements": ["attendance.sessions"]}))
        assert len(await withdrawn(s)) == 1
        await s.sign(elements=["attendance.summary"])
        assert len(await withdrawn(s)) == 1, "counts alone do not put the days right"
        assert count(w.settings.database_url, "withdrawal", "settled = 1") == 0


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_item_with_nothing_left_in_it_is_withdrawn_from_who_may_still_read_it(kind: str) -> None:
    """A retracted assessment leaves no corrected value behind: the entitled must not take its absence for an end."""
    async with world(kind) as w:
        s = await scene(w)
        day = past_mondays(1)[0].isoformat()
        body = {"patient_id": s.patient, "assessed_on": day, "purpose": "treatment", "need_indicated": "yes"}
        filed = (await must(await s.clinic.post("/v1/assessments", body), 201))["id"]
        await s.sign(elements=["clinical.need_indicated"])
        (item,) = (await must(await s.seen(kind="assessments")))["items"]
        assert (await retract(s, "assessments", filed)).status_code == 200
        assert await withdrawn(s, kind="assessments") == [item["id"]]
        await steps.assess(s.clinic, s.patient, past_mondays(1)[0])
        assert await withdrawn(s, kind="assessments") == []
        await revoke(s)
        assert await withdrawn(s, kind="assessments") == [], "a new value was read in its place"
