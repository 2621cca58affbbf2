"""Cases of domain rules 6 that the decision settles by itself; the number of each stands in its docstring."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.consent.ask import Ask
from app.consent.decide import decide
from app.consent.instrument import Clock, Grant, Revocation
from app.consent.reason import Reason
from app.consent.verdict import Permit, Refusal
from app.vocabulary import CaseEvent, ConsentKind, Element, Purpose, Role
from tests.core.consents import DAY, NOW, PROBATION, SUMMARY, consent, covered, grant, reasons, world
from tests.core.worlds import ALL

E, R, P, K = Element, Role, Purpose, ConsentKind
DECISION, STATUS = E.REFERRAL_DECISION, E.ENROLMENT_STATUS
MONITORING = frozenset({P.CONDITION_MONITORING})
DISPOSED = CaseEvent.FINAL_DISPOSITION
POLICE = Ask("diversion", R.POLICE_DIVERSION, P.REFERRAL_COORDINATION, "case-x", frozenset({E.ENROLMENT_ENGAGED}))


def test_juvenile_unit_of_a_consent_for_the_adult_unit() -> None:
    """Case 1."""
    assert covered(world(PROBATION, consent())) == {SUMMARY: "i1"}
    assert reasons(world(replace(PROBATION, unit="juvenile"), consent())) == {Reason.UNIT_NOT_NAMED}


def test_successor_of_a_named_officer() -> None:
    """Case 3: unit and role named, the successor reads; only a person named, he does not."""
    successor = replace(PROBATION, person="staff-2")
    assert covered(world(successor, consent())) == {SUMMARY: "i1"}
    personal = consent(grant(PROBATION, person="staff-1"))
    assert covered(world(replace(PROBATION, person="staff-1"), personal)) == {SUMMARY: "i1"}
    assert reasons(world(successor, personal)) == {Reason.PERSON_NOT_NAMED}


def test_prosecutor_states_a_purpose_that_is_not_his() -> None:
    """Case 4, as far as the core goes: even an imported row that grants it releases nothing."""
    ask = Ask("prosecution", R.PROSECUTOR_DEFERRING, P.PROCEEDING, "case-x", frozenset({STATUS}))
    monitoring = Grant(ask.unit, ask.role, MONITORING, ask.elements)
    assert isinstance(decide(world(ask, consent(monitoring))), Refusal)
    assert isinstance(decide(world(ask, consent(grant(ask)))), Refusal)
    assert covered(world(replace(ask, purpose=P.CONDITION_MONITORING), consent(monitoring))) == {STATUS: "i1"}


def test_other_case_of_the_same_court_and_person() -> None:
    """Case 5."""
    assert reasons(world(replace(PROBATION, case="case-y"), consent())) == {Reason.OTHER_CASE}


def test_joined_cases_wait_for_a_new_consent() -> None:
    """Case 6: only a new instrument, and then that one, opens the joined case."""
    joined = replace(PROBATION, case="case-y")
    assert covered(world(joined, consent())) == {}
    assert covered(world(joined, consent(), consent(id="i2", case="case-y"))) == {SUMMARY: "i2"}


def test_ask_without_a_case_under_a_case_bound_consent() -> None:
    """Case 7, as far as the core goes; nor does a justice ask without a case meet a consent without one."""
    nowhere = replace(PROBATION, case=None)
    assert reasons(world(nowhere, consent())) == {Reason.OTHER_CASE}
    assert reasons(world(nowhere, consent(case=None))) == {Reason.OTHER_CASE}


def test_date_only_expiry_ends_with_that_day_at_the_clinic() -> None:
    """Case 8: 31 March in Chicago ends at 05:00Z on 1 April; 04:30Z is still 31 March there."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    end, still = (
        (instant - epoch) // timedelta(microseconds=1)
        for instant in (datetime(2026, 4, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 4, 30, tzinfo=UTC))
    )
    item = consent(expiry=Clock(end))
    assert covered(world(PROBATION, item, at=still)) == {SUMMARY: "i1"}
    assert reasons(world(PROBATION, item, at=end)) == {Reason.EXPIRED}


def test_exactly_at_the_end() -> None:
    """Case 10: half-open at both ends."""
    item = consent(effective_from=NOW, expiry=Clock(NOW + DAY))
    assert reasons(world(PROBATION, item, at=NOW - 1)) == {Reason.NOT_YET_EFFECTIVE}
    assert covered(world(PROBATION, item, at=NOW)) == covered(world(PROBATION, item, at=NOW + DAY - 1)) != {}
    assert reasons(world(PROBATION, item, at=NOW + DAY)) == {Reason.EXPIRED}


def test_two_live_consents_without_relation() -> None:
    """Case 11: unrelated elements stand each under its own; a shared one under the consent that ends last."""
    ask = replace(PROBATION, elements=frozenset({SUMMARY, DECISION, STATUS}))
    broad = consent(grant(ask, SUMMARY, STATUS), id="old", expiry=Clock(NOW + 5 * DAY))
    narrow = consent(grant(ask, DECISION, STATUS), id="new", expiry=Clock(NOW + 9 * DAY))
    assert covered(world(ask, broad, narrow)) == {SUMMARY: "old", DECISION: "new", STATUS: "new"}


def test_two_elements_each_under_its_own_consent() -> None:
    """Case 12."""
    ask = replace(PROBATION, elements=frozenset({SUMMARY, DECISION}))
    first, second = consent(grant(ask, SUMMARY), id="a"), consent(grant(ask, DECISION), id="b")
    assert covered(world(ask, first, second)) == {SUMMARY: "a", DECISION: "b"}


def test_never_stitched_from_two_consents() -> None:
    """Case 13: one names the recipient and element, the other the purpose."""
    release = Grant("adult", R.PROBATION_OFFICER, frozenset({P.RELEASE_PLANNING}), PROBATION.elements)
    elsewhere = replace(grant(PROBATION), unit="juvenile")
    pieces = [consent(release, kind=K.NAMED_DISCLOSURE), consent(elsewhere, id="i2")]
    assert isinstance(decide(world(PROBATION, *pieces)), Refusal)
    assert isinstance(decide(world(PROBATION, consent(release, elsewhere, kind=K.NAMED_DISCLOSURE))), Refusal)


def test_reading_again_after_revocation() -> None:
    """Case 17: what could be read before is not an archive."""
    item = consent(grant(POLICE), kind=K.NAMED_DISCLOSURE, revocations=(Revocation(NOW),))
    assert covered(world(POLICE, item, at=NOW - 1)) == {E.ENROLMENT_ENGAGED: "i1"}
    assert reasons(world(POLICE, item, at=NOW)) == {Reason.REVOKED}


def test_revocation_pends_until_its_clock() -> None:
    """Case 18: nothing changes before it, and it takes effect by itself, on the date or the earlier event."""
    clock = Clock(NOW + 3 * DAY, DISPOSED)
    item = consent(expiry=Clock(NOW + 10 * DAY), revocable_from=clock)
    asked = replace(item, revocations=(Revocation(NOW - DAY),))
    for at in (NOW - DAY, NOW, NOW + 3 * DAY - 1):
        assert covered(world(PROBATION, asked, at=at)) == covered(world(PROBATION, item, at=at)) == {SUMMARY: "i1"}
    assert reasons(world(PROBATION, asked, at=NOW + 3 * DAY)) == {Reason.REVOKED}
    assert reasons(world(PROBATION, asked, events={DISPOSED: NOW})) == {Reason.REVOKED}


def test_final_disposition_entered_late() -> None:
    """Case 20: the consent ended when it happened, ten days before anyone told."""
    happened = {DISPOSED: NOW - 10 * DAY}
    assert covered(world(PROBATION, consent(), at=NOW - DAY)) == {SUMMARY: "i1"}
    assert reasons(world(PROBATION, consent(), at=NOW - DAY, events=happened)) == {Reason.EXPIRED}
    assert reasons(world(PROBATION, consent(), at=NOW - 10 * DAY, events=happened)) == {Reason.EXPIRED}
    assert covered(world(PROBATION, consent(), at=NOW - 10 * DAY - 1, events=happened)) == {SUMMARY: "i1"}


def test_disposition_reversed_on_appeal() -> None:
    """Case 21: whatever happens in the case later, the consent stays ended; a new one is a new instrument."""
    events = {DISPOSED: NOW - DAY, CaseEvent.RELEASE_ENDED: NOW + DAY}
    for at in (NOW, NOW + DAY, NOW + 20 * DAY):
        assert reasons(world(PROBATION, consent(), at=at, events=events)) == {Reason.EXPIRED}
    anew = consent(id="i2", signed_at=NOW, effective_from=NOW, expiry=Clock(NOW + 9 * DAY))
    assert covered(world(PROBATION, consent(), anew, events=events)) == {SUMMARY: "i2"}


def test_probation_with_a_treatment_consent_on_file() -> None:
    """Case 22: a justice recipient is never one of treatment, payment and operations."""
    ask = replace(PROBATION, purpose=P.CONDITION_MONITORING)
    tpo = consent(replace(grant(ask), purposes=frozenset({P.TREATMENT, P.CONDITION_MONITORING})), kind=K.TPO)
    assert reasons(world(ask, tpo)) == {Reason.ROLE_OUTSIDE_KIND}


def test_diversion_officer_asks_for_the_status() -> None:
    """Case 23: engaged, yes or no, and no more."""
    ask = replace(POLICE, elements=frozenset({STATUS, E.ENROLMENT_ENGAGED}))
    verdict = decide(world(ask, consent(grant(ask, STATUS), kind=K.NAMED_DISCLOSURE, condition_imposed=False)))
    assert isinstance(verdict, Permit)
    (finding,) = verdict.findings
    assert set(finding.covered) == {E.ENROLMENT_ENGAGED}
    assert dict(finding.fell) == {STATUS: Reason.ABOVE_ROLE_CEILING}


def test_diversion_officer_on_a_2_35_form() -> None:
    """Case 24: refused at creation; an imported one releases nothing."""
    ask = replace(POLICE, purpose=P.REFERRAL_COORDINATION)
    assert reasons(world(ask, consent(grant(ask)))) == {Reason.ROLE_OUTSIDE_KIND}


def test_court_and_supervising_probation_both_named() -> None:
    """Case 27: each reads by a fresh decision of its own."""
    court = Ask("court", R.JUDGE, P.CONDITION_MONITORING, "case-x", frozenset({SUMMARY}))
    item = consent(grant(court), grant(PROBATION))
    assert covered(world(court, item)) == covered(world(PROBATION, item)) == {SUMMARY: "i1"}
    assert reasons(world(replace(court, unit="family"), item)) == {Reason.UNIT_NOT_NAMED}


def test_counselling_notes_under_an_all_elements_consent() -> None:
    """Case 28."""
    notes = frozenset({E.RESTRICTED_COUNSELLING_NOTES})
    court = Ask("court", R.JUDGE, P.CONDITION_MONITORING, "case-x", notes)
    assert reasons(world(court, consent(grant(court, *ALL)))) == {Reason.ABOVE_ROLE_CEILING}


def test_patient_says_she_was_pressed_to_sign() -> None:
    """Case 45: suspended while it is looked into, entered in error if upheld."""
    assert reasons(world(PROBATION, consent(suspended=True))) == {Reason.SUSPENDED}
    assert reasons(world(PROBATION, consent(entered_in_error=True))) == {Reason.ENTERED_IN_ERROR}


def test_refused_is_as_never_asked() -> None:
    """Case 62: an unsigned proposal is no basis, and takes nothing from a live consent."""
    refused = consent(id="i2", signed_at=0)
    assert isinstance(decide(world(PROBATION)), Refusal)
    assert isinstance(decide(world(PROBATION, refused)), Refusal)
    assert covered(world(PROBATION, refused, consent())) == {SUMMARY: "i1"}


def test_form_of_before_2024() -> None:
    """Case 73: checked again at each decision; a form without all that 2.31(a) asks for is deficient."""
    lacks: list[dict[str, Any]] = [
        {"notice_version": ""},
        {"name_on_form": ""},
        {"signed_at": 0},
        {"grants": ()},
        {"signed_at": NOW - DAY},  # after its own start
        {"grants": (replace(grant(PROBATION), elements=frozenset()),)},
        {"expiry": Clock(None, DISPOSED)},  # no backstop date
    ]
    for lack in lacks:
        assert reasons(world(PROBATION, consent(**lack))) == {Reason.DEFICIENT}, lack


def test_todays_profile_asks_for_an_end_that_the_old_one_did_not() -> None:
    """Case 73 and design 4: a treatment consent without end falls once either profile binds its kind to a case."""
    ask = Ask("clinic-2", R.CLINICIAN, P.TREATMENT, None, frozenset({SUMMARY}))
    item = consent(grant(ask), kind=K.TPO, case=None, expiry=Clock(None))
    facts = world(ask, item)
    assert covered(facts) == {SUMMARY: "i1"}
    assert reasons(replace(facts, today={"clinic-1": "us-42cfr2@2"})) == {Reason.DEFICIENT}
    signed_later = replace(facts, instruments=(replace(item, profile="us-42cfr2@2"),))
    assert reasons(signed_later) == {Reason.DEFICIENT}


def test_element_added_after_signature() -> None:
    """Case 83: a consent signed before the vocabulary that has an element never covers it."""
    assert covered(world(PROBATION, consent(vocabulary=0))) == {}
    assert covered(world(PROBATION, consent(vocabulary=1))) == {SUMMARY: "i1"}


def test_as_of_in_the_past_catches_no_expired_consent() -> None:
    """Case 84: an ask carries no instant; the one of the facts is the server's."""
    assert not {field.name for field in fields(Ask)} & {"at", "as_of", "now", "date", "instant"}
    assert reasons(world(PROBATION, consent(), at=NOW + 10 * DAY)) == {Reason.EXPIRED}


def test_counsel_who_withdrew() -> None:
    """Case 85: the consent names the new counsel; the old one's login gets nothing."""
    ask = Ask("defence", R.DEFENCE_COUNSEL, P.DEFENCE_PREPARATION, "case-x", frozenset({SUMMARY}), "counsel-new")
    item = consent(grant(ask, person="counsel-new"), kind=K.NAMED_DISCLOSURE)
    assert covered(world(ask, item)) == {SUMMARY: "i1"}
    assert reasons(world(replace(ask, person="counsel-old"), item)) == {Reason.PERSON_NOT_NAMED}
    assert reasons(world(replace(ask, person=None), item)) == {Reason.PERSON_NOT_NAMED}
