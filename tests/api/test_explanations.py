"""Why something was told or refused, for the patient side and the privacy officer; never for a justice unit."""

import asyncio
from typing import Any

import httpx
import pytest

from app.exchange.erasure import erase_patient
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.api.orders import approved, week_with_tests
from tests.api.scene import COURT, MONITOR, PROBATION, Scene, refer, scene
from tests.api.test_accounting_suspended import both_read, suspend
from tests.exchange.test_replay import every
from tests.service import DATABASES, World, run, world
from tests.storage.direct import rows

OFFICER = "c-privacy-privacy-officer"
SUMMARY, STATUS = "attendance.summary", "enrolment.status"
HILLSIDE = "c-clinic-hillside-clinic-staff"
databases = pytest.mark.parametrize("kind", DATABASES)


async def reported(w: World, *elements: str) -> Scene:
    """The judge may read some elements, and read them."""
    s = await scene(w)
    await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended", "missed"))
    await s.sign(elements=list(elements or (SUMMARY,)), records_from=past_mondays(2)[0].isoformat())
    await s.seen()
    return s


async def accounted(party: Party, patient: str, **query: str) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found: list[dict[str, Any]] = (await must(await party.get(f"/v1/patients/{patient}/disclosures?{asked}")))["items"]
    return found


async def of_disclosure(party: Party, patient: str, disclosure: str, lang: str = "en") -> httpx.Response:
    answer = await party.get(f"/v1/patients/{patient}/disclosures/{disclosure}/explanation?lang={lang}")
    check(answer, "GET", "/v1/patients/{patient_id}/disclosures/{disclosure_id}/explanation")
    return answer


async def of_look(party: Party, look: str, lang: str = "en") -> httpx.Response:
    answer = await party.get(f"/v1/consultations/{look}/explanation?lang={lang}")
    check(answer, "GET", "/v1/consultations/{consultation_id}/explanation")
    return answer


def last_look(w: World, unit: str = COURT) -> str:
    """The id of the last look of a unit."""
    text = f"SELECT id FROM consultation WHERE unit_id = '{unit}' ORDER BY at DESC, id LIMIT 1"
    return str(rows(w.settings.database_url, text)[0][0])


@databases
@run
async def test_the_patient_side_reads_why_each_element_left_or_stayed_after_everything_changed(kind: str) -> None:
    """Revoked since, the look of then is explained as of then: consent, sentence and section, in both languages."""
    async with world(kind) as w:
        s = await reported(w)
        (row, *_) = await accounted(s.clinic, s.patient)
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}))
        shown = await must(await of_disclosure(s.clinic, s.patient, row["disclosure_id"]))
        assert (shown["same_as_recorded"], shown["decided_by"], shown["role"]) == (True, "rules", "judge")
        assert "consultation_id" not in shown
        (decision,) = shown["decisions"]
        assert (decision["patient_id"], decision["case"]) == (s.patient, "docket CR-2026-0417")
        (consent,) = decision["instruments"]
        assert consent["speaks"] and consent["consent_id"] == row["consent_id"] and consent["section"]
        said = {one["element"]: one for one in decision["elements"]}
        assert said[SUMMARY]["allowed"] and said[SUMMARY]["consent_id"] == row["consent_id"]
        kept = said["attendance.sessions"]
        assert (kept["allowed"], kept["reason"], kept["section"]) == (False, "element_not_granted", "42 CFR 2.31(a)(3)")
        assert kept["sentence"].endswith("was not told, since the patient did not allow this element.")
        spanish = await must(await of_disclosure(s.clinic, s.patient, row["disclosure_id"], "es"))
        words = {one["element"]: one["sentence"] for one in spanish["decisions"][0]["elements"]}
        assert words["attendance.sessions"].endswith("no se comunicó, porque el paciente no permitió este dato.")


@databases
@run
async def test_a_look_that_released_nothing_names_nobody_and_is_the_officers_alone(kind: str) -> None:
    """The reason is told although the read passed the spent consent over, and neither patient nor consent is named."""
    async with world(kind) as w:
        s = await reported(w)
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}))
        await s.seen()
        look, officer = last_look(w), w.party(OFFICER)
        answer = await of_look(officer, look)
        shown = await must(answer)
        assert (shown["outcome"], shown["same_as_recorded"]) == ("deny", True)
        (decision,) = shown["decisions"]
        reasons = {one["element"]: one.get("reason") for one in decision["elements"]}
        assert reasons[SUMMARY] == "revoked"
        assert not {"patient_id", "case"} & set(decision)
        consents = {row["consent_id"] for row in await accounted(s.clinic, s.patient)}
        for secret in (s.patient, "0417", "Lopez", *consents, s.case_id):
            assert secret not in answer.text
        for party in (s.clinic, s.judge):
            assert (await of_look(party, look)).status_code == 403


@databases
@run
async def test_a_look_at_a_case_that_nobody_knows_says_that_no_consent_names_the_unit(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        await s.seen(case="f" * 64)
        shown = await must(await of_look(w.party(OFFICER), last_look(w), "es"))
        assert (shown["decisions"], shown["reason"], shown["same_as_recorded"]) == ([], "no_instrument", True)
        assert shown["sentence"].startswith("No se encontró nada, porque ningún consentimiento nombra a esta unidad")


@databases
@run
async def test_the_officer_reads_a_look_that_released_something_with_the_patient_it_was_about(kind: str) -> None:
    """And reaches it from the accounting; a court order in it is told as one."""
    async with world(kind) as w:
        s = await scene(w)
        await week_with_tests(s)
        order = await approved(s)
        await s.seen(purpose="proceeding")
        officer = w.party(OFFICER)
        (row, *_) = await accounted(officer, s.patient)
        first = await must(await of_disclosure(officer, s.patient, row["disclosure_id"]))
        assert first["consultation_id"] == last_look(w)
        shown = await must(await of_look(officer, first["consultation_id"]))
        (decision,) = shown["decisions"]
        assert (shown["outcome"], shown["same_as_recorded"], decision["patient_id"]) == ("permit", True, s.patient)
        (instrument,) = decision["instruments"]
        assert (instrument["court_order_id"], instrument["kind"]) == (order, "court_order")
        told = [one for one in decision["elements"] if one["allowed"]]
        assert {one["section"] for one in told} == {"42 CFR 2.61"} and told[0]["court_order_id"] == order


@databases
@run
async def test_unknown_and_others_ids_are_the_same_404_and_every_look_is_recorded(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        officer, hillside = w.party(OFFICER), w.party(HILLSIDE)
        (row, *_) = await accounted(s.clinic, s.patient)
        mine = row["disclosure_id"]
        other = await steps.add_patient(s.clinic, {"given_name": "Ann", "sur_name": "Bo", "birth_date": "1990-01-01"})
        refused = [
            await of_disclosure(s.clinic, s.patient, "0" * 32),
            await of_disclosure(s.clinic, other, mine),
            await of_disclosure(hillside, s.patient, mine),
            await of_look(officer, "0" * 32),
            await of_look(officer, last_look(w, "u-clinic-harbor")),
        ]
        assert {answer.status_code for answer in refused} == {404}
        assert len({answer.content.replace(answer.headers["x-request-id"].encode(), b"") for answer in refused}) == 1
        assert (await of_disclosure(s.judge, s.patient, mine)).status_code == 403
        text = "SELECT entry FROM consultation WHERE unit_id = 'u-clinic-harbor'"
        before = sum(b'"explanation"' in bytes(entry) for (entry,) in rows(w.settings.database_url, text))
        await must(await of_disclosure(s.clinic, s.patient, mine))
        after = sum(b'"explanation"' in bytes(entry) for (entry,) in rows(w.settings.database_url, text))
        assert after == before + 1


@run
async def test_what_the_patient_may_not_be_told_yet_is_not_explained_and_what_is_erased_is_gone() -> None:
    async with world("sqlite") as w:
        s, _ = await both_read(w)
        officer = w.party(OFFICER)
        (row, *_) = await accounted(s.clinic, s.patient, recipient=PROBATION)
        await must(await suspend(officer, s), 201)
        assert (await of_disclosure(s.clinic, s.patient, row["disclosure_id"])).status_code == 404
        seen = await must(await of_disclosure(officer, s.patient, row["disclosure_id"]))
        assert seen["same_as_recorded"] and seen["unit_id"] == PROBATION
        await erase_patient(w.hub, s.patient)
        assert (await of_disclosure(officer, s.patient, row["disclosure_id"])).status_code == 404


@run
async def test_what_a_person_told_on_paper_is_said_to_be_decided_by_no_rule() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        told = {
            "recipient": {"name": "County Attorney"},
            "at": "2026-11-20T15:30:00Z",
            "kind": "treatment_status",
            "elements": [STATUS],
            "purpose": MONITOR,
            "basis": "court_order",
            "channel": "paper",
            "made_by": "N. Reyes",
        }
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/disclosures", told), 201)
        (row,) = await accounted(s.clinic, s.patient)
        shown = await must(await of_disclosure(s.clinic, s.patient, row["disclosure_id"]))
        assert (shown["decided_by"], shown["basis"], shown["decisions"]) == ("discloser", "court_order", [])
        assert "same_as_recorded" not in shown and shown["sentence"].startswith("No rule of this service decided it")


@run
async def test_reads_that_race_with_acts_are_decided_again_as_they_were_recorded() -> None:
    """An act has its instant before it is committed: a read between the two did not know of it."""
    async with world("postgresql") as w:
        s = await reported(w, SUMMARY, STATUS)
        await refer(s.judge, s.case_id)
        path = f"/v1/patients/{s.patient}/revocations"
        for taken in ({"elements": [STATUS]}, {"recipients": [COURT]}, {"all": True}):
            acts = [s.clinic.post(path, taken), *(s.seen() for _ in range(12))]
            await asyncio.gather(*acts)
            await s.sign(elements=[SUMMARY, STATUS]) if taken == {"recipients": [COURT]} else None
        looks = await every(w)
        assert len(looks) >= 36 and all(one.same for one in looks)
