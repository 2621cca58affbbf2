"""Every element of the taxonomy can be stated by some field, with the right mark, and reaches some role."""

from dataclasses import replace

import pytest

from app.consent.profile import parse_profile
from app.messages.assessment import Assessment, flaws_of_assessment
from app.messages.derive import Stated, of_assessment, of_enrolment, of_response, provided
from app.messages.marks import elements_of
from app.messages.referral import Referral
from app.messages.response import ReferralResponse, flaws_of_response
from app.messages.treatment_status import TreatmentStatus, flaws_of_status
from app.messages.windows import of_window
from app.vocabulary import COVERS, OUTBOUND, SINCE, VERSION, WINDOWED, Element, MessageKind, Role
from app.vocabulary.calendar import Frame, Grid
from app.vocabulary.clinical import AssessmentStatus
from app.vocabulary.codes import DecisionReason, Epistemic
from tests.core.consents import PROBATION, consent, covered, grant, world
from tests.core.filings import DECLINED, MONDAY, TODAY, assessment, response, status
from tests.core.texts import US

FRAME = Frame("r", 1, Grid(MONDAY.toordinal(), 1))
E = Element


def stated(kind: MessageKind) -> list[Stated]:
    """All that full messages of a kind state."""
    if kind is MessageKind.REFERRAL:
        return [*of_response(response(), "r", TODAY), *of_response(DECLINED, "r", TODAY)]
    if kind is MessageKind.ASSESSMENT:
        return of_assessment(assessment())
    enrolment = [one for _, one in provided([("m", one) for one in of_enrolment(status())], "Harbor Clinic")]
    return [*enrolment, *of_window(FRAME, MONDAY.toordinal(), [status()])]


@pytest.mark.parametrize("kind", list(MessageKind))
def test_every_element_that_a_clinic_can_state_is_stated_by_some_field(kind: MessageKind) -> None:
    assert flaws_of_status(status(), TODAY) == flaws_of_assessment(assessment(), TODAY) == []
    assert flaws_of_response(response()) == flaws_of_response(DECLINED) == []
    assert {one.element for one in stated(kind)} == OUTBOUND[kind]


def test_every_other_element_is_a_field_of_the_referral() -> None:
    """The taxonomy has 41 elements; none is only a name."""
    outbound = frozenset().union(*OUTBOUND.values())
    assert set(elements_of(Referral).values()) == set(Element) - outbound
    assert len(Element) == 41


@pytest.mark.parametrize(
    ("kind", "cls"),
    [
        (MessageKind.REFERRAL, ReferralResponse),
        (MessageKind.ASSESSMENT, Assessment),
        (MessageKind.TREATMENT_STATUS, TreatmentStatus),
    ],
)
def test_what_is_derived_is_covered_by_the_mark_of_a_field(
    kind: MessageKind, cls: type[ReferralResponse | Assessment | TreatmentStatus]
) -> None:
    """A step is never derived from a coarser one. Only who the provider is comes from the registry."""
    marked = frozenset().union(*(COVERS[element] for element in elements_of(cls).values()))
    assert {one.element for one in stated(kind)} - marked <= {E.ENROLMENT_PROVIDER}


FACTS = {
    *(E.REFERRAL_DECISION, E.REFERRAL_REASON, E.REFERRAL_APPOINTMENT, E.CLINICAL_MEDICATION, E.TESTING_PARTICIPATION),
    *(E.ATTENDANCE_COMPLIANT, E.ATTENDANCE_SUMMARY, E.ATTENDANCE_SESSIONS),
    *(element for element in E if element.value.startswith("enrolment.")),
}
SAID = {E.ATTENDANCE_ABSENCE_REASON, E.RESTRICTED_THIRD_PARTY, E.RESTRICTED_SELF_INCRIMINATION}


def test_facts_are_kept_apart_from_assessments_and_from_what_somebody_said() -> None:
    """LED Art 7(1): progress is never a fact, nor is what a test result means."""
    for kind in MessageKind:
        for one in stated(kind):
            expected = Epistemic.FACT if one.element in FACTS else Epistemic.ASSESSMENT
            assert one.epistemic is (Epistemic.SELF_REPORT if one.element in SAID else expected), one.element
    assert not any(one.value.startswith("progress.") for one in FACTS)


def test_a_reason_that_judges_a_person_is_an_assessment() -> None:
    judged = {DecisionReason.NOT_INDICATED, DecisionReason.NEEDS_OTHER_SERVICE}
    for reason in DecisionReason:
        (found,) = [one for one in of_response(replace(DECLINED, reason=reason), "r", 1) if one.value == reason.value]
        assert (found.epistemic is Epistemic.ASSESSMENT) == (reason in judged)


def test_windowed_elements_stand_in_a_frame_and_the_others_in_none() -> None:
    for kind in MessageKind:
        for one in stated(kind):
            frame = FRAME.key if one.element in WINDOWED else ("r" if kind is MessageKind.REFERRAL else "")
            assert one.scope == frame, one.element


@pytest.mark.parametrize("state", [s for s in AssessmentStatus if s is not AssessmentStatus.COMPLETED])
def test_an_assessment_that_found_nothing_is_a_fact_without_a_reason(state: AssessmentStatus) -> None:
    """Domain rules 6, case 61: that a person declined is told as a fact, and nothing else of it is."""
    bare = assessment(
        status=state,
        **dict.fromkeys(("need_indicated", "recommendation", "counselling_notes", "infectious_disease"), None),
        **dict.fromkeys(("other_health", "third_party", "self_incrimination", "asi_legal"), None),
        **dict.fromkeys(("screening", "asi", "diagnosis", "medication", "safety_alert"), ()),
    )
    assert flaws_of_assessment(bare, TODAY) == []
    (told,) = of_assessment(bare)
    assert (told.element, told.value) == (E.CLINICAL_NEED_INDICATED, {"status": state.value})
    assert told.epistemic is Epistemic.FACT
    full = assessment(status=state)
    refused = {flaw.pointer.strip("/") for flaw in flaws_of_assessment(full, TODAY)}
    assert refused == {name for name in elements_of(Assessment) if name != "status"}
    assert of_assessment(full) == [told]


def test_the_profile_lets_every_element_reach_some_role_and_no_inward_one() -> None:
    """Domain rules 3.4: identity, legal and the request run from justice to clinic."""
    written = frozenset().union(*parse_profile(US, "notice").written.values())
    assert written == frozenset().union(*OUTBOUND.values())


@pytest.mark.parametrize("element", sorted(parse_profile(US, "notice").written[Role.PROBATION_OFFICER]))
def test_a_new_element_is_denied_under_every_consent_signed_before_it(element: Element) -> None:
    """Domain rules 4.1 and case 83. An instrument of the vocabulary before the element's own does not cover it, by its
    name or by a finer step's; one of its own does."""
    ask = replace(PROBATION, elements=COVERS[element])
    for signed in (SINCE[element] - 1, VERSION):
        instrument = consent(grant(ask, *COVERS[element]), vocabulary=signed)
        assert (element in covered(world(ask, instrument))) == (signed >= SINCE[element])
