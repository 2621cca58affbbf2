"""Every element over HTTP: filed in full, allowed one at a time, read by who may have it; what is refused."""

from typing import Any, Final

import pytest

from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from app.vocabulary import COVERS, FINEST_ONLY, OUTBOUND, WINDOWED, Element, MessageKind
from tests.api.scene import COURT, Scene, scene
from tests.service import DATABASES, run, world

DEFENCE, PREPARE = "u-defence", "defence_preparation"
LAST = past_mondays(1)[0]
DAY: Final = LAST.isoformat()
NOTES: Final = Element.RESTRICTED_COUNSELLING_NOTES
LEVEL: Final = {"system": "asam-4", "code": "4.0"}
RESULT: Final = "unprescribed_use_confirmed"
PANEL: Final = [{"analyte": "cocaine", "method": "confirm", "result": RESULT, "loinc": "75624-7"}]
STATUS: Final[dict[str, Any]] = {
    "period": week(LAST),
    "status": "ended",
    "dates": {"start": DAY, "end": DAY},
    "closure": "ended_by_provider",
    "closure_reason": {"system": "teds-d", "code": "3"},
    "level_of_care": LEVEL,
    "sessions": [
        {"date": DAY, "outcome": "attended"},
        {"date": DAY, "outcome": "missed", "absence_reason": "illness"},
    ],
    "engagement": "moderate",
    "goals": {"met": 1, "of": 3},
    "plan_change": "step_up",
    "testing": [
        {"collected_on": DAY, "participation": "given", "result": RESULT, "panel": PANEL},
        {"collected_on": DAY, "participation": "declined"},
    ],
    "narrative": "She asked for a higher level herself.",
}
NEEDS: Final = {"housing": "high", "mental": "low"}
ADVICE: Final = {"service": "residential", "weeks_min": 4, "weeks_max": 12, "needs": NEEDS}
ASSESSMENT: Final[dict[str, Any]] = {
    "assessed_on": DAY,
    "purpose": "treatment",
    "status": "completed",
    "need_indicated": "yes",
    "recommendation": ADVICE | {"level_of_care": LEVEL},
    "screening": [{"instrument": "assist", "substance": "cocaine", "score": 27}],
    "asi": [{"domain": "family", "rating": {"composite": 0.5, "severity": 4}}],
    "diagnosis": [{"system": "icd-11", "code": "6C45.2"}],
    "medication": [{"system": "atc", "code": "N07BC02"}],
    "safety_alert": ["overdose"],
    "counselling_notes": "counselling",
    "infectious_disease": "infection",
    "other_health": "other",
    "third_party": "sister",
    "self_incrimination": "incriminating",
    "asi_legal": {"severity": 7},
}
SESSIONS: Final = [{"date": DAY, "outcome": "attended"}, {"date": DAY, "outcome": "missed"}]
TESTS: Final = [
    {"collected_on": DAY, "participation": "given", "result": RESULT},
    {"collected_on": DAY, "participation": "declined"},
]
SHOWN_LEVEL: Final = {"system": "asam-4", "code": "4"}
CLOSURE_REASON: Final = {"system": "teds-d", "code": "3", "label": "terminated by facility"}
EXPECTED: Final[dict[str, tuple[Any, str]]] = {
    "enrolment.engaged": (False, "fact"),
    "enrolment.status": ("ended", "fact"),
    "enrolment.dates": ({"start": DAY, "end": DAY}, "fact"),
    "enrolment.provider": ("Harbor Clinic", "fact"),
    "enrolment.level_of_care": (SHOWN_LEVEL, "fact"),
    "enrolment.closure": ("ended_by_provider", "fact"),
    "enrolment.closure_reason": (CLOSURE_REASON, "fact"),
    "attendance.compliant": ("no", "fact"),
    "attendance.summary": ({"offered": 2, "attended": 1, "excused": 0, "missed": 1}, "fact"),
    "attendance.sessions": (SESSIONS, "fact"),
    "attendance.absence_reason": ([SESSIONS[0], SESSIONS[1] | {"absence_reason": "illness"}], "self_report"),
    "progress.engagement": ("moderate", "assessment"),
    "progress.goals": ({"met": 1, "of": 3}, "assessment"),
    "progress.plan_change": ("step_up", "assessment"),
    "progress.narrative": ("She asked for a higher level herself.", "assessment"),
    "testing.participation": ({"offered": 2, "given": 1, "missed": 0, "declined": 1}, "fact"),
    "testing.result_summary": (TESTS, "assessment"),
    "testing.result_panel": ([TESTS[0] | {"panel": PANEL}, TESTS[1]], "assessment"),
    "clinical.need_indicated": ({"status": "completed", "need_indicated": "yes"}, "assessment"),
    "clinical.recommendation": (ADVICE | {"level_of_care": SHOWN_LEVEL}, "assessment"),
    "clinical.screening_band": ([{"instrument": "assist", "substance": "cocaine", "band": "high"}], "assessment"),
    "clinical.screening_detail": (
        [
            {"instrument": "assist", "substance": "cocaine", "score": 27},
            {"instrument": "asi", "domain": "family", "composite": 0.5, "severity": 4},
        ],
        "assessment",
    ),
    "clinical.diagnosis": (ASSESSMENT["diagnosis"], "assessment"),
    "clinical.medication": (ASSESSMENT["medication"], "fact"),
    "clinical.safety_alert": (["overdose"], "assessment"),
    "restricted.counselling_notes": ("counselling", "assessment"),
    "restricted.infectious_disease": ("infection", "assessment"),
    "restricted.other_health": ("other", "assessment"),
    "restricted.third_party": ("sister", "self_report"),
    "restricted.self_incrimination": ({"notes": "incriminating", "asi_legal": {"severity": 7}}, "self_report"),
}
ROUTES: Final = {MessageKind.ASSESSMENT: "assessments", MessageKind.TREATMENT_STATUS: "treatment-statuses"}


def left(element: Element) -> set[str]:
    """What leaves under a consent to one element alone: of two ladders the step itself, else the coarser ones too."""
    ladder = {step for steps in FINEST_ONLY for step in steps}
    return {element.value} if element in ladder else {step.value for step in COVERS[element]}


async def _filed(s: Scene) -> None:
    await must(await s.clinic.post("/v1/treatment-statuses", STATUS | {"patient_id": s.patient}), 201)
    await must(await s.clinic.post("/v1/assessments", ASSESSMENT | {"patient_id": s.patient}), 201)


def test_the_table_is_whole() -> None:
    """Every element that a clinic states in these two kinds; those of an answer to a referral go to its sender."""
    assert {*EXPECTED} == {element.value for kind in ROUTES for element in OUTBOUND[kind]}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_each_element_is_read_by_who_may_have_it(kind: str) -> None:
    """Defence counsel may be allowed all but one of them; each leaves alone, as it was filed, with its mark.

    Counselling notes go to nobody in justice, counsel included, while the profile says never (domain rules 2.5).
    """
    async with world(kind) as w:
        s = await scene(w, supervising_units=[DEFENCE])
        await _filed(s)
        counsel = w.party("c-defence-defence-counsel")
        case_id = await steps.register_case(counsel, COURT, "docket", "CR-2026-0417")
        for message_kind, route in ROUTES.items():
            for element in sorted(OUTBOUND[message_kind] - {NOTES}):
                consent = await s.sign(
                    recipients=[{"org_unit": DEFENCE, "role": "defence_counsel"}],
                    purposes=[PREPARE],
                    elements=[element.value],
                    records_from=DAY,
                )
                (item,) = (await s.seen(counsel, route, case=case_id, purpose=PREPARE)).json()["items"]
                told = {name: (value["value"], value["epistemic"]) for name, value in item["elements"].items()}
                assert told == {name: EXPECTED[name] for name in left(element)}, element
                assert ("period" in item) == (element in WINDOWED)
                own = element is Element.ENROLMENT_PROVIDER
                assert item["discloser"] == ("Harbor Clinic" if own else "Treatment provider A")
                revoked = await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"consents": [consent]})
                assert revoked.status_code == 200
        counsels = {"recipients": [{"org_unit": DEFENCE, "role": "defence_counsel"}], "purposes": [PREPARE]}
        refused = await s.clinic.post("/v1/consents", s.form(**counsels, elements=[NOTES.value]))
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
            ("/elements/0", "element_above_role_ceiling")
        ]


@run
async def test_a_week_without_a_word_of_tests_is_insufficient_data() -> None:
    """Not missed: every windowed element that was not filed says the same."""
    async with world("sqlite") as w:
        s = await scene(w)
        body = {"patient_id": s.patient, "period": week(LAST), "status": "active"}
        await must(await s.clinic.post("/v1/treatment-statuses", body), 201)
        named = ["testing.participation", "progress.engagement", "progress.goals", "attendance.compliant"]
        await s.sign(elements=named, records_from=DAY)
        assert await s.values() == [(DAY, dict.fromkeys(named, "insufficient_data"))]


@run
async def test_a_declined_assessment_is_a_fact_and_without_consent_nothing() -> None:
    """Domain rules 6, cases 61 and 62: no reason, no finding; unasked, offered and declined read the same."""
    async with world("sqlite") as w:
        s = await scene(w)
        before = (await s.seen(kind="assessments")).content
        body = {"patient_id": s.patient, "assessed_on": DAY, "purpose": "treatment"}
        for status in ("offered", "declined"):
            await must(await s.clinic.post("/v1/assessments", body | {"status": status}), 201)
            assert (await s.seen(kind="assessments")).content == before
        found = body | {"status": "declined", "need_indicated": "no", "diagnosis": ASSESSMENT["diagnosis"]}
        refused = (await must(await s.clinic.post("/v1/assessments", found), 422))["errors"]
        assert [(e["pointer"], e["code"]) for e in refused] == [
            ("/need_indicated", "assessment_not_completed"),
            ("/diagnosis", "assessment_not_completed"),
        ]
        await s.sign(elements=["clinical.need_indicated", "clinical.recommendation"], records_from=DAY)
        (item,) = (await s.seen(kind="assessments")).json()["items"]
        assert item["elements"] == {"clinical.need_indicated": {"value": {"status": "declined"}, "epistemic": "fact"}}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_reason_of_an_answer_stands_beside_the_sender_s_own(kind: str) -> None:
    """``reason`` is the clinic's and gated; ``referral_reason`` the sender's words; a later answer takes it back."""
    async with world(kind) as w:
        s = await scene(w, referral_reason="Asked for by counsel.", offence_category="possession", mandatory=True)
        path = f"/v1/referrals/{s.referral}?purpose=condition_monitoring"
        answers = f"/v1/referrals/{s.referral}/response"
        await must(await s.clinic.post(answers, {"decision": "declined", "reason": "needs_other_service"}), 201)
        own = await must(await s.judge.get(path))
        assert (own["referral_reason"], "reason" in own) == ("Asked for by counsel.", False)
        await s.sign(elements=["referral.decision"])
        assert not {"reason", "appointment"} & (await must(await s.judge.get(path))).keys()
        await s.sign(elements=["referral.reason"], additional=True)
        shown = await must(await s.judge.get(path))
        assert shown["reason"] == {"value": "needs_other_service", "epistemic": "assessment"}
        assert shown["referral_reason"] == "Asked for by counsel."
        received = await must(await s.clinic.get(f"/v1/referrals/{s.referral}"))
        assert (received["offence_category"], received["mandatory"]) == ("possession", True)
        await must(await s.clinic.post(answers, {"decision": "waitlisted", "waitlist_weeks": 3}), 201)
        again = await must(await s.judge.get(path))
        assert "reason" not in again and again["decision"]["value"]["waitlist_weeks"] == 3
        wrong = await must(await s.clinic.post(answers, {"decision": "person_declined", "reason": "other"}), 422)
        assert [(e["pointer"], e["code"]) for e in wrong["errors"]] == [("/reason", "reason_unexpected")]


@pytest.mark.parametrize(
    "member",
    [
        "attachment",
        "attachments",
        "file",
        "files",
        "documents",
        "narrative_pdf",
        "narrativePdf",
        "attachedFile",
        "scan",
    ],
)
@run
async def test_files_are_refused_by_name_with_the_reason(member: str) -> None:
    """Domain rules 6, case 66: an unclassified document could hold a whole chart. In any message, at any depth, of
    any length."""
    async with world("sqlite") as w:
        s = await scene(w)
        deep = STATUS | {"patient_id": s.patient, "sessions": [SESSIONS[0] | {member: "JVBERi0="}]}
        bodies = (
            ("/v1/treatment-statuses", STATUS | {"patient_id": s.patient, member: [{"content": "JVBERi0="}]}, member),
            ("/v1/treatment-statuses", deep, f"sessions/0/{member}"),
            ("/v1/assessments", ASSESSMENT | {"patient_id": s.patient, member: "JVBE" * 2000}, member),
        )
        for path, body, where in bodies:
            (error,) = (await must(await s.clinic.post(path, body), 422))["errors"]
            assert (error["pointer"], error["code"]) == (f"/{where}", "attachment_not_accepted")
            assert "chart" in error["detail"]


@run
async def test_item_answers_are_no_member() -> None:
    """Only totals are taken: what a person answered to one question never gets here."""
    async with world("sqlite") as w:
        s = await scene(w)
        answered = {"instrument": "audit", "score": 17, "items": [4, 3]}
        body = ASSESSMENT | {"patient_id": s.patient, "screening": [answered]}
        (error,) = (await must(await s.clinic.post("/v1/assessments", body), 422))["errors"]
        assert (error["pointer"], error["code"]) == ("/screening/0/items", "field_unknown")
        legal = ASSESSMENT | {"patient_id": s.patient, "asi": [{"domain": "legal", "rating": {"severity": 1}}]}
        (error,) = (await must(await s.clinic.post("/v1/assessments", legal), 422))["errors"]
        assert (error["pointer"], error["code"]) == ("/asi/0/domain", "code_unknown")


@run
async def test_the_vocabulary_tells_cut_offs_and_mappings() -> None:
    """What an integrator needs to fill the fields: the code lists, the bands, what the lists of others mean here."""
    async with world("sqlite") as w:
        judge = w.party("c-court-treatment-judge")
        told = await must(await judge.get("/v1/vocabulary"))
        assert told["codes"]["decision_reason"][0] == "capacity"
        assert {"code": "zone_3", "min": 16, "max": 19} in told["instruments"]["audit"]
        assert {"min": 2, "max": 5} in told["instruments"]["dudit"]
        assert "RR" in told["levels_of_care"]["asam-4"]
        teds = told["mappings"]["closure_reason"]["teds-d"]
        assert teds["outbound"]["moved"] == "7" and "declined_start" not in teds["outbound"]
        assert teds["codes"]["3"]["closure"] == "ended_by_provider"
        assert told["mappings"]["referral_source"]["tdi-3.0"]["1"] == "court/probation/police"
