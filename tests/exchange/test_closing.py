"""Recipients that are closed for good: what a read passes over could not have given anything (docs/decisions/0031)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.consent.ask import Facts
from app.exchange.closing import spent
from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.scene import COURT, END, MARIA, MONITOR, PROBATION, Scene, scene
from tests.core.worlds import EDGES, facts, leaves
from tests.core.worlds import decided as decided_now
from tests.service import DATABASES, World, run, world
from tests.storage.direct import change, rows

BOTH = [{"org_unit": COURT, "role": "judge"}, {"org_unit": PROBATION, "role": "probation_officer"}]
LOPES = MARIA | {"sur_name": "Lopes"}
CLOSED = "SELECT unit_id FROM consent_recipient WHERE closed_at IS NOT NULL ORDER BY unit_id"
databases = pytest.mark.parametrize("kind", DATABASES)


@given(facts(), st.sampled_from(EDGES), st.booleans())
def test_what_is_spent_gives_nothing_now_or_later_whatever_else_happens(world: Facts, now: int, told: bool) -> None:
    """Closed at any instant before, with the events of the case known by then or not: the same leaves."""
    if now > world.at:
        return
    events = world.events if told else {}
    open_ = tuple(one for one in world.instruments if world.ask.unit not in spent(one, events, now))
    assert leaves(decided_now(replace(world, instruments=open_))) == leaves(decided_now(world))


async def _closed(w: World) -> list[str]:
    return [row[0] for row in rows(w.settings.database_url, CLOSED)]


async def _reads(s: Scene) -> list[bytes]:
    """Every gated answer of judge and officer in the case."""
    officer = s.w.party("c-probation-adult-probation-officer")
    case_id = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
    paths = ["/v1/{kind}?case={case}&purpose=" + MONITOR, "/v1/cases/{case}/report?purpose=" + MONITOR]
    asked = [(p, k) for p in paths for k in ("assessments", "treatment-statuses")]
    found = [await s.judge.get(p.format(kind=k, case=s.case_id)) for p, k in asked]
    found += [await officer.get(p.format(kind=k, case=case_id)) for p, k in asked]
    found += [await s.judge.get(f"/v1/referrals/{s.referral}?purpose={MONITOR}")]
    return [answer.content + answer.headers["etag"].encode() for answer in found if answer.status_code == 200]


async def _same_without(s: Scene) -> None:
    """With every mark taken off the answers are the same bytes."""
    before = await _reads(s)
    change(s.w.settings.database_url, "UPDATE consent_recipient SET closed_at = NULL")
    assert await _reads(s) == before and len(before) == 9


async def _signed(s: Scene, **more: Any) -> str:
    monday = past_mondays(1)[0]
    await steps.report(s.clinic, s.patient, monday, ("attended", "attended"))
    return await s.sign(recipients=BOTH, records_from=past_mondays(2)[0].isoformat(), **more)


async def _revoked(s: Scene, **what: Any) -> str:
    answer = await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", what or {"all": True}))
    return str(answer["state"])


@databases
@run
async def test_a_whole_revocation_closes_every_recipient_and_a_new_signature_opens_its_own(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        await _signed(s)
        assert await _closed(w) == []
        assert await _revoked(s) == "in_force"
        assert await _closed(w) == [COURT, PROBATION]
        assert await s.values() == []
        await s.sign()
        assert await s.values() != []
        assert await _closed(w) == [COURT, PROBATION]
        await _same_without(s)


@databases
@run
async def test_a_revocation_of_one_recipient_closes_that_one_and_of_an_element_none(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        await _signed(s)
        await _revoked(s, elements=["attendance.summary"])
        assert await _closed(w) == []
        await _revoked(s, recipients=[PROBATION])
        assert await _closed(w) == [PROBATION]
        assert await s.values() != []
        await _same_without(s)


@databases
@run
async def test_parts_that_together_take_everything_close(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        await _signed(s)
        await _revoked(s, elements=["attendance.compliant"])
        await _revoked(s, elements=["enrolment.engaged"])
        assert await _closed(w) == [COURT, PROBATION]
        await _same_without(s)


@databases
@run
async def test_a_revocation_that_waits_closes_nothing(kind: str) -> None:
    """42 CFR 2.35(c): until final disposition everything still flows."""
    async with world(kind) as w:
        s = await scene(w)
        await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended", "attended"))
        await steps.sign(s.clinic, s.cjs(records_from=past_mondays(2)[0].isoformat()))
        path = f"/v1/patients/{s.patient}/revocations"
        assert (await must(await s.clinic.post(path, {"all": True}), 202))["state"] == "pending"
        assert await _closed(w) == [] and await s.values() != []


@databases
@run
async def test_a_consent_that_takes_the_place_of_another_closes_it(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        old = await _signed(s)
        await s.sign(recipients=[BOTH[0]], elements=["enrolment.status"], supersedes=[old])
        assert await _closed(w) == [COURT, PROBATION]
        told = {name for _, values in await s.values() for name in values}
        assert "enrolment.status" in told and "attendance.summary" not in told
        await _same_without(s)


@databases
@run
async def test_what_a_merge_takes_is_closed_and_stays_so_when_it_is_undone(kind: str) -> None:
    """Only the patient gives it again: undoing needs no row that was closed."""
    async with world(kind) as w:
        s = await scene(w)
        await _signed(s)
        other = await steps.add_patient(s.clinic, LOPES)
        imposed = {"condition_imposed": True, "supervising_units": [PROBATION], "final_disposition_due": END}
        asked = {"stage": "trial", "conditions": {"service_asked": "outpatient"}} | imposed
        sent = (await steps.refer(s.judge, s.clinic.unit, s.case_id, LOPES, **asked))["id"]
        await steps.accept(s.clinic, sent, other)
        form = s.form(patient_id=other, referral_id=sent, recipients=[BOTH[0]], elements=["enrolment.status"])
        await steps.sign(s.clinic, form | {"subject": {"name_on_form": "Maria Lopes"}})
        for act in ("merge", "unmerge"):
            await must(await s.clinic.post(f"/v1/patients/{s.patient}/{act}", {"merged": other}))
            assert await _closed(w) == [PROBATION]
        assert await s.values() != []
        await _same_without(s)
