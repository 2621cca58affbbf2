"""Court orders over the API: only what was ordered, only to whom, only once a second person said so (cases 29-33)."""

from typing import Any

import pytest

from app.exchange.closings import set_profile
from app.exchange.erasure import erase_patient
from app.sandbox.steps import must
from tests.api.orders import (
    FIRST,
    OFFICER,
    PROCEEDING,
    SECOND,
    approved,
    entered,
    now,
    order,
    week_with_tests,
)
from tests.api.scene import CLINIC, MARIA, PROBATION, Scene, refer, scene
from tests.service import DATABASES, World, run, world


async def _told(s: Scene, **query: Any) -> set[str]:
    """The elements that the judge reads for the proceeding."""
    values = await s.values(purpose=PROCEEDING, **query)
    return {name for _, elements in values for name in elements}


async def _bytes(s: Scene) -> bytes:
    return (await s.seen(purpose=PROCEEDING)).content


async def _scene(w: World) -> Scene:
    s = await scene(w)
    await week_with_tests(s)
    return s


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_only_what_was_ordered_leaves_and_only_once_a_second_person_approved(kind: str) -> None:
    async with world(kind) as w:
        s = await _scene(w)
        nothing = await _bytes(s)
        shown = await entered(s)
        assert (shown["state"], await _bytes(s)) == ("held", nothing)
        path = f"/v1/court-orders/{shown['id']}/decision"
        same = await s.clinic.post(path, {"approve": True}, **FIRST)
        assert (same.status_code, same.json()["code"]) == (409, "second_person_required")
        unnamed = await s.clinic.post(path, {"approve": True})
        assert (unnamed.status_code, unnamed.json()["errors"][0]["code"]) == (422, "acting_user_missing")
        assert await _bytes(s) == nothing
        decided = await must(await s.clinic.post(path, {"approve": True, "note": "Read."}, **SECOND), 201)
        assert decided["state"] == "approved"
        assert await _told(s) == {"testing.result_summary"}
        assert await s.values() == [], "for another purpose there is nothing"
        assert await s.values(kind="assessments", purpose=PROCEEDING) == []
        again = await s.clinic.post(path, {"approve": True}, **SECOND)
        assert (again.status_code, again.json()["code"]) == (409, "order_decided")


@run
async def test_an_item_under_an_order_carries_the_order_banner_and_not_the_notice_of_a_consent() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        await approved(s, sealed=True)
        items = (await must(await s.seen(purpose=PROCEEDING)))["items"]
        assert items
        for item in items:
            notice = item["obligations"]["notice"]
            assert notice.startswith("This record is released under an order of a court (42 CFR 2.64)")
            assert notice.endswith(
                "No other use or disclosure is permitted. The court has ordered it to be kept under seal."
            )
            assert "consent of the patient, except" not in notice
            assert [scope["basis"] for scope in item["obligations"]["scope"]] == ["court_order"]
        report = await must(await s.judge.get(f"/v1/cases/{s.case_id}/report?purpose={PROCEEDING}"))
        assert len(report["obligations"]["notices"]) == 1


@run
async def test_an_order_names_its_persons() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        await approved(s, persons=[{"role": "judge", "staff_id": "j-7"}])
        path = f"/v1/treatment-statuses?case={s.case_id}&purpose={PROCEEDING}"
        assert (await must(await s.judge.get(path)))["items"] == []
        assert (await must(await s.judge.get(path, Acting_User='"j-8"')))["items"] == []
        assert (await must(await s.judge.get(path, Acting_User='"j-7"')))["items"]


@run
async def test_an_order_without_a_mandate_releases_nothing_until_its_mandate_is_entered_and_it_is_decided() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        nothing = await _bytes(s)
        shown = await entered(s, mandate_ref=None)
        assert shown["state"] == "authorised_not_compelled"
        path = f"/v1/court-orders/{shown['id']}"
        refused = await s.clinic.post(f"{path}/decision", {"approve": True}, **SECOND)
        assert (refused.status_code, refused.json()["code"]) == (409, "order_not_compelled")
        assert await _bytes(s) == nothing
        held = await must(await s.clinic.post(f"{path}/mandate", {"mandate_ref": "subpoena"}, **SECOND), 201)
        assert held["state"] == "held"
        twice = await s.clinic.post(f"{path}/mandate", {"mandate_ref": "another"}, **SECOND)
        assert (twice.status_code, twice.json()["code"]) == (409, "order_not_waiting")
        own = await s.clinic.post(f"{path}/decision", {"approve": True}, **SECOND)
        assert own.json()["code"] == "second_person_required", "who entered the mandate does not decide either"
        officer = w.party(OFFICER)
        decided = await officer.post(f"{path}/decision", {"approve": True}, Acting_User='"dpo-1"')
        assert (await must(decided, 201))["state"] == "approved"
        assert await _told(s) == {"testing.result_summary"}


@run
async def test_a_subpoena_alone_opens_nothing_and_is_a_task_for_the_clinic() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        nothing = await _bytes(s)
        body = {"type": "subpoena", "findings_recorded": False, "notice_given": False, "elements": [], "persons": []}
        shown = await entered(s, **body)
        assert (shown["state"], await _bytes(s)) == ("refused", nothing)
        reviews = (await must(await s.clinic.get("/v1/reviews")))["items"]
        assert [(one["kind"], one["subject_id"]) for one in reviews] == [("legal_process", shown["id"])]
        decide = await s.clinic.post(f"/v1/court-orders/{shown['id']}/decision", {"approve": True}, **SECOND)
        assert decide.status_code == 409


@run
async def test_an_order_that_is_decided_by_its_review_opens_what_it_names() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        shown = await entered(s)
        review = (await must(await s.clinic.get("/v1/reviews")))["items"][0]
        assert (review["kind"], review["subject_id"]) == ("court_order", shown["id"])
        body = {"upheld": True, "note": "Findings on page 3."}
        await must(await s.clinic.post(f"/v1/reviews/{review['id']}/decision", body, **SECOND), 201)
        assert await _told(s) == {"testing.result_summary"}
        assert (await must(await s.clinic.get(f"/v1/court-orders/{shown['id']}")))["state"] == "approved"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_was_vacated_opens_nothing_at_once_and_what_left_since_is_an_incident(kind: str) -> None:
    async with world(kind) as w:
        s = await _scene(w)
        nothing = await _bytes(s)
        identifier, at = await approved(s), now()
        assert await _bytes(s) != nothing
        path, why = f"/v1/court-orders/{identifier}/vacating", {"ground": "vacated", "vacated_at": at}
        ended = await must(await s.clinic.post(path, why, **FIRST), 201)
        assert (ended["state"], await _bytes(s)) == ("vacated", nothing)
        again = await s.clinic.post(path, why, **FIRST)
        assert (again.status_code, again.json()["code"]) == (409, "order_decided")
        drafts = (await must(await s.clinic.get("/v1/incidents")))["items"]
        assert [(one["kind"], one["court_order"]) for one in drafts] == [("vacated_order", identifier)]
        assert drafts[0]["recipients"][0]["elements"] == ["testing.result_summary"]


@run
async def test_an_order_of_another_person_never_stood() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        identifier = await approved(s)
        assert await _told(s)
        path = f"/v1/court-orders/{identifier}/vacating"
        await must(await s.clinic.post(path, {"ground": "wrong_subject"}, **FIRST), 201)
        assert await _told(s) == set()
        assert len((await must(await s.clinic.get("/v1/incidents")))["items"]) == 1


@run
async def test_an_order_whose_referral_is_not_of_the_patient_is_refused() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        other = await refer(s.judge, s.case_id)
        refused = await s.clinic.post("/v1/court-orders", order(s, referral_id=other), **FIRST)
        assert [flaw["code"] for flaw in refused.json()["errors"]] == ["order_not_of_patient"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"findings_recorded": False}, "order_findings_missing"),
        ({"notice_given": False}, "order_notice_missing"),
        ({"elements": []}, "order_scope_empty"),
        ({"elements": ["*"]}, "order_scope_wildcard"),
        ({"elements": ["all"]}, "order_scope_wildcard"),
        ({"elements": ["chart"]}, "element_unknown"),
        ({"elements": ["restricted.counselling_notes"]}, "order_notes_not_admitted"),
        ({"elements": ["progress.narrative"]}, "order_confidential_not_covered"),
        ({"covers_confidential_communications": True}, "order_confidential_ground_missing"),
        ({"records_held_for": "research"}, "order_research_or_audit"),
        ({"records_held_for": "audit_or_evaluation"}, "order_research_or_audit"),
        ({"type": "national_law"}, "order_type_not_admitted"),
        ({"valid_to": "2020-01-01"}, "order_dates_reversed"),
        ({"valid_from": "2020-01-01", "valid_to": "2020-02-01"}, "order_expired"),
        ({"persons": []}, "order_persons_missing"),
        ({"persons": [{"role": "prosecutor"}]}, "order_role_not_of_court"),
        ({"persons": [{"role": "judge", "staff_id": ""}]}, "person_malformed"),
        ({"court_unit": PROBATION}, "order_not_of_court"),
        ({"court_unit": "u-nowhere"}, "order_not_of_court"),
        ({"order_ref": " "}, "order_ref_missing"),
        ({"mandate_ref": " "}, "text_blank"),
        ({"patient_id": "0" * 32}, "patient_unknown"),
    ],
)
@run
async def test_an_order_that_lacks_what_the_law_asks_for_is_refused(changes: dict[str, Any], code: str) -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        refused = await s.clinic.post("/v1/court-orders", order(s, **changes), **FIRST)
        assert refused.status_code == 422
        assert code in [flaw["code"] for flaw in refused.json()["errors"]]


@run
async def test_a_patient_cannot_revoke_an_order_and_no_list_of_consents_has_it() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        identifier = await approved(s)
        consent = await s.sign()
        listed = await must(await s.clinic.get(f"/v1/patients/{s.patient}/consents"))
        assert [one["id"] for one in listed["items"]] == [consent]
        assert (await s.clinic.get(f"/v1/consents/{identifier}")).status_code == 404
        body = {"on_behalf_of": "patient", "all": True}
        revoked = await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", body))
        assert [one["consent_id"] for one in revoked["consents"]] == [consent]
        assert await _told(s) == {"testing.result_summary"}
        orders = await must(await s.clinic.get(f"/v1/patients/{s.patient}/court-orders"))
        assert [(one["id"], one["state"]) for one in orders["items"]] == [(identifier, "approved")]


@run
async def test_the_accounting_says_that_a_court_had_ordered_it() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        identifier = await approved(s)
        await _told(s)
        rows = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures")))["items"]
        assert rows
        assert {row["basis"] for row in rows} == {"court_order"}
        assert {row["court_order_id"] for row in rows} == {identifier}
        assert all("consent_id" not in row for row in rows)
        assert all(row["sentence"].endswith("; a court had ordered it.") for row in rows)
        assert {row["obligations"]["notice_version"] for row in rows} == {"court_order"}


@run
async def test_an_order_and_a_consent_stand_each_for_itself() -> None:
    """Case 12: unrelated elements leave under their own instrument; the order adds nothing to the consent's purpose."""
    async with world("sqlite") as w:
        s = await _scene(w)
        await s.sign()
        before = (await s.seen()).content
        await approved(s)
        assert (await s.seen()).content == before
        assert await _told(s) == {"testing.result_summary"}


@run
async def test_an_order_is_of_its_clinic_alone() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        identifier = (await entered(s))["id"]
        other = w.party("c-prison-health-prison-clinician")
        assert (await other.get(f"/v1/court-orders/{identifier}")).status_code == 404
        path = f"/v1/court-orders/{identifier}"
        for act, body in (
            ("decision", {"approve": True}),
            ("vacating", {"ground": "vacated"}),
            ("mandate", {"mandate_ref": "x"}),
        ):
            assert (await other.post(f"{path}/{act}", body, **SECOND)).status_code == 404, act
        assert (await s.judge.get(path)).status_code == 403
        assert (await s.judge.post("/v1/court-orders", order(s))).status_code == 403


@run
async def test_an_erased_patient_has_no_orders() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        nothing = await _bytes(s)
        identifier = await approved(s)
        counts = await erase_patient(w.hub, s.patient)
        assert counts["court_orders"] == 1
        assert (await s.clinic.get(f"/v1/court-orders/{identifier}")).status_code == 404
        assert await _bytes(s) == nothing


@run
async def test_an_order_entered_in_a_case_of_a_record_that_turns_out_to_be_anothers_ends_with_the_merge() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        twin = await must(await s.clinic.post("/v1/patients", MARIA), 201)
        survivor = twin["id"]
        await must(await s.clinic.post(f"/v1/patients/{survivor}/merge", {"merged": s.patient}))
        identifier = await approved(s, patient_id=survivor)
        await must(await s.clinic.post(f"/v1/patients/{survivor}/unmerge", {"merged": s.patient}))
        assert (await must(await s.clinic.get(f"/v1/court-orders/{identifier}")))["state"] == "vacated"


@run
async def test_a_clinic_of_the_union_takes_an_order_of_its_national_law_and_one_of_the_generic_profile_none() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        await set_profile(w.hub, CLINIC, "unodc-generic@1")
        for type_ in ("2.64", "national_law"):
            refused = await s.clinic.post("/v1/court-orders", order(s, type=type_), **FIRST)
            assert [flaw["code"] for flaw in refused.json()["errors"]] == ["order_type_not_admitted"]
        await set_profile(w.hub, CLINIC, "eu-gdpr-led@1")
        await approved(s, type="national_law")
        items = (await must(await s.seen(purpose=PROCEEDING)))["items"]
        assert items
        assert "an order of a court (national law)" in items[0]["obligations"]["notice"]
