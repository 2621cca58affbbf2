"""A unit that closes, is renamed or comes under another law; a patient who moves to a clinic under another one."""

from typing import Any

import pytest

from app.errors import Conflict
from app.exchange import administration, closings
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from app.vocabulary import AgencyKind, Role
from tests.api.contract import check
from tests.api.handing import NURSE, NURSES, allow, handed
from tests.api.plain import key, public
from tests.api.scene import CLINIC, COURT, MARIA, MONITOR, PROBATION, Scene, refer, scene
from tests.service import DATABASES, World, run, world
from tests.storage.direct import rows

US, EU = "us-42cfr2@1", "eu-gdpr-led@1"
OFFICER = "c-privacy-privacy-officer"
HILLSIDE = "u-clinic-hillside"


async def reported(w: World, **form: Any) -> Scene:
    """A consent to the judge, and a week to read."""
    s = await scene(w)
    await s.sign(**form)
    await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended", "attended"))
    return s


async def clinic_under(w: World, profile: str) -> Party:
    """One more clinic, under this profile."""
    agency = await administration.add_agency(w.hub, AgencyKind.CLINIC, "Clinic Abroad")
    place = {"alias": "Treatment provider X", "time_zone": "Europe/Vienna", "profile": profile}
    unit = await administration.add_unit(w.hub, agency, "Clinic Abroad", **place, identifier="u-clinic-abroad")
    client = await administration.add_client(w.hub, unit, Role.CLINIC_STAFF, jwk=public("abroad"))
    entry = {"client_id": client, "unit_id": unit, "private_jwk": key("abroad")}
    return Party(w.http, entry, f"{w.settings.issuer}/oauth/token")


async def elements(s: Scene) -> set[str]:
    """Everything that the judge reads, whatever it speaks of."""
    return {name for _, values in await s.values() for name in values}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_a_programme_disclosed_ends_when_it_closes_and_its_clients_are_let_in_no_more(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        assert await s.values()
        assert (await s.clinic.get(f"/v1/patients/{s.patient}")).status_code == 200
        await closings.close_unit(w.hub, CLINIC)
        assert await s.values() == []
        assert (await s.clinic.get(f"/v1/patients/{s.patient}")).status_code == 401
        listed = {unit["id"] for unit in (await must(await s.judge.get("/v1/units")))["items"]}
        assert CLINIC not in listed
        assert COURT in listed


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_privacy_office_still_reads_the_accounting_of_a_programme_that_closed(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        assert await s.values()
        await closings.close_unit(w.hub, CLINIC)
        answer = await w.party(OFFICER).get(f"/v1/patients/{s.patient}/disclosures")
        check(answer, "GET", "/v1/patients/{patient_id}/disclosures")
        assert {row["recipient"]["unit_id"] for row in (await must(answer))["items"]} == {COURT}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_referral_to_a_programme_that_closed_is_undeliverable_and_its_answer_says_nothing_else(
    kind: str,
) -> None:
    async with world(kind) as w:
        s = await reported(w)
        waiting = await refer(s.judge, s.case_id)
        await closings.close_unit(w.hub, CLINIC)
        later = await refer(s.judge, s.case_id)
        for referral in (waiting, later):
            shown = await must(await s.judge.get(f"/v1/referrals/{referral}"))
            assert (shown["status"], shown["transmission"]) == ("sent", "undeliverable")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_justice_unit_that_closed_receives_nothing_and_other_units_go_on(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        officer = w.party("c-probation-adult-probation-officer")
        theirs = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
        both = [{"org_unit": COURT, "role": "judge"}, {"org_unit": PROBATION, "role": "probation_officer"}]
        await s.sign(recipients=both)
        await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended",))
        assert await s.values(officer, case=theirs)
        await closings.close_unit(w.hub, PROBATION)
        assert (await officer.get(steps.reading("treatment-statuses", theirs, MONITOR))).status_code == 401
        assert await s.values()


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_a_programme_handed_over_is_no_more_fetched_once_it_closed(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        await allow(s.clinic, s.patient, recipients=NURSES)
        transfer = await handed(s.clinic, s.patient)
        nurse = w.party(NURSE)
        assert (await nurse.get(f"/v1/transfers/{transfer}")).status_code == 200
        await closings.close_unit(w.hub, CLINIC)
        assert (await nurse.get(f"/v1/transfers/{transfer}")).status_code == 404


@run
async def test_a_closed_unit_stays_closed() -> None:
    async with world("sqlite") as w:
        await closings.close_unit(w.hub, CLINIC)
        with pytest.raises(Conflict, match="unit_closed"):
            await administration.suspend(w.hub, unit=CLINIC, lift=True)
        with pytest.raises(Conflict, match="unit_closed"):
            await closings.close_unit(w.hub, CLINIC)
        await administration.suspend(w.hub, agency="a-clinic-harbor")
        await administration.suspend(w.hub, agency="a-clinic-harbor", lift=True)
        assert (await w.party("c-clinic-hillside-clinician").get("/v1/me")).status_code == 200
        assert CLINIC not in {unit["id"] for unit in await _units(w)}
        with pytest.raises(Conflict, match="unknown"):
            await closings.close_unit(w.hub, "u-nobody")


async def _units(w: World) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await must(await w.party("c-defence-defence-counsel").get("/v1/units")))["items"]
    return listed


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_another_profile_only_takes_away_from_what_was_signed_and_its_return_gives_no_more_than_before(
    kind: str,
) -> None:
    """Decided under the intersection of the profile of then and that of today."""
    async with world(kind) as w:
        s = await reported(w)
        before = await elements(s)
        assert before
        for profile in (EU, "unodc-generic@1"):
            await closings.set_profile(w.hub, CLINIC, profile)
            assert await elements(s) <= before
        await closings.set_profile(w.hub, CLINIC, EU)
        assert await elements(s) == set(), "this law knows no consent of that kind to a court"
        await closings.set_profile(w.hub, CLINIC, US)
        assert await elements(s) == before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_law_of_the_recipient_takes_away_as_well_and_never_adds(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w, elements=["enrolment.status", "attendance.summary"])
        before = await elements(s)
        for profile in (EU, "unodc-generic@1", US):
            await closings.set_profile(w.hub, COURT, profile)
            assert await elements(s) <= before
        assert await elements(s) == before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_each_profile_of_a_unit_is_kept_with_the_instant_since_when(kind: str) -> None:
    async with world(kind) as w:
        await closings.set_profile(w.hub, HILLSIDE, EU)
        await closings.set_profile(w.hub, HILLSIDE, US)
        text = f"SELECT profile FROM unit_profile WHERE unit_id = '{HILLSIDE}' ORDER BY since"
        assert rows(w.settings.database_url, text) == [(US,), (EU,), (US,)]
        with pytest.raises(Conflict, match="profile_unknown"):
            await closings.set_profile(w.hub, HILLSIDE, "xx@1")
        with pytest.raises(Conflict, match="unknown"):
            await closings.set_profile(w.hub, "u-nobody", EU)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_old_consent_does_not_cover_the_clinic_of_another_law_that_the_patient_moved_to(kind: str) -> None:
    """Domain rules, case 76: another discloser is another consent, under that discloser's law."""
    async with world(kind) as w:
        s = await reported(w)
        before = await must(await s.seen())
        abroad = await clinic_under(w, EU)
        patient = await steps.add_patient(abroad, MARIA)
        sent = await steps.refer(s.judge, abroad.unit, s.case_id, MARIA)
        await steps.accept(abroad, sent["id"], patient)
        await steps.report(abroad, patient, past_mondays(1)[0], ("attended", "missed"))
        assert await must(await s.seen()) == before, "nothing of the new clinic leaves under the old one's consent"
        form = s.form(patient_id=patient, referral_id=sent["id"], disclosers=[abroad.unit])
        refused = await must(await abroad.post("/v1/consents", form), 422)
        assert refused["errors"], "and a form of the old law is none under the new one"
        ground = {"article": "6(1)(e)", "law": "Suchtmittelgesetz, sections 11, 35"}
        agreed = form | {"kind": "agreement", "lawful_basis": ground, "elements": ["enrolment.engaged"]}
        await steps.sign(abroad, agreed)
        told = await s.values()
        assert ("current", {"enrolment.engaged": "yes"}) in told or len(told) > len(before["items"])


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_renamed_unit_changes_no_signed_form_and_no_answer_that_does_not_name_it(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        consent = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/consents")))["items"][0]["id"]
        path = f"/v1/consents/{consent}/form?lang=en"
        form, seen = await must(await s.clinic.get(path)), await s.seen()
        await administration.rename(w.hub, CLINIC, "Harbor House")
        await administration.rename(w.hub, PROBATION, "Adult Supervision")
        assert await must(await s.clinic.get(path)) == form
        again = await s.seen()
        assert (again.content, again.headers["etag"]) == (seen.content, seen.headers["etag"])
        names = {unit["id"]: unit["name"] for unit in await _units(w)}
        assert (names[CLINIC], names[PROBATION]) == ("Harbor House", "Adult Supervision")
        with pytest.raises(Conflict, match="unknown"):
            await administration.rename(w.hub, "u-nobody", "Nobody")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_who_may_read_the_providers_name_reads_the_one_in_force_under_the_same_item(
    kind: str,
) -> None:
    async with world(kind) as w:
        s = await reported(w, elements=["enrolment.provider"])
        before = (await must(await s.seen()))["items"]
        await administration.rename(w.hub, CLINIC, "Harbor House")
        after = (await must(await s.seen()))["items"]
        assert [item["id"] for item in after] == [item["id"] for item in before]
        assert [item["discloser"] for item in after] == ["Harbor House"]
        assert [item["elements"] for item in after] == [item["elements"] for item in before], "as it was filed"
        await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended",))
        later = (await must(await s.seen()))["items"]
        assert [item["id"] for item in later] == [item["id"] for item in before]
        assert [item["elements"]["enrolment.provider"]["value"] for item in later] == ["Harbor House"]
