"""What turns an instrument that meets an ask into a near miss, and what may be taken back or restricted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from app.consent.ask import Ask, Restriction
from app.consent.instrument import Clock, Instrument, Revocation
from app.vocabulary import CaseEvent, ConsentKind, Element, Purpose, Role

E, R, P = Element, Role, Purpose

NAMED: Final = (
    frozenset({E.ATTENDANCE_SESSIONS}),
    frozenset({E.ATTENDANCE_SUMMARY, E.ATTENDANCE_SESSIONS}),
    frozenset({E.ATTENDANCE_COMPLIANT, E.REFERRAL_DECISION}),
    frozenset({E.ATTENDANCE_ABSENCE_REASON, E.TESTING_RESULT_PANEL}),
    frozenset({E.TESTING_RESULT_SUMMARY, E.ENROLMENT_DATES}),
    frozenset({E.ENROLMENT_ENGAGED, E.TESTING_PARTICIPATION}),
    frozenset({E.ENROLMENT_CLOSURE_REASON, E.CLINICAL_NEED_INDICATED}),
    frozenset({E.CLINICAL_DIAGNOSIS, E.ENROLMENT_STATUS}),
    frozenset({E.CLINICAL_SCREENING_DETAIL, E.REFERRAL_DECISION}),
    frozenset({E.RESTRICTED_COUNSELLING_NOTES, E.PROGRESS_PLAN_CHANGE, E.REFERRAL_DECISION}),
    frozenset(Element),
)
TAKEN: Final = (*NAMED, *(frozenset({e}) for e in (E.ATTENDANCE_COMPLIANT, E.ENROLMENT_ENGAGED, E.REFERRAL_DECISION)))
REVOCATIONS: Final = (
    *(
        Revocation(requested, unit, elements, purposes)
        for requested in (99, 100, 101, 110)
        for unit in (None, "court", "juvenile")
        for elements in (None, *TAKEN)
        for purposes in (None, frozenset({P.CONDITION_MONITORING}), frozenset({P.TREATMENT}))
    ),
    *(
        Revocation(requested, None, elements, None, role, by_merge)
        for requested in (99, 100, 101)
        for elements in (None, NAMED[0])
        for role in (None, R.JUDGE, R.COURT_TEAM)
        for by_merge in (False, True)
    ),
)
RESTRICTIONS: Final = tuple(
    Restriction(patient, elements, unit, lifted)
    for patient in "mn"
    for elements in TAKEN
    for unit in (None, "court", "adult")
    for lifted in (None, 700_000)
)

Deviation = Callable[[Instrument, Ask, int], Instrument]


def _every_grant(**changes: Any) -> Deviation:
    return lambda item, ask, at: replace(item, grants=tuple(replace(grant, **changes) for grant in item.grants))


def _grant_more(**changes: Any) -> Deviation:
    return lambda item, ask, at: replace(item, grants=(*item.grants, *(replace(g, **changes) for g in item.grants)))


def unchanged(**changes: Any) -> Deviation:
    """One that sets these fields; none, and the instrument stays as it was."""
    return lambda item, ask, at: replace(item, **changes)


_set = unchanged
_PENDING = Clock(None, CaseEvent.FINAL_DISPOSITION)
DEVIATIONS: Final[tuple[Deviation, ...]] = (
    *(_every_grant(unit=unit) for unit in ("juvenile", "")),
    *(_every_grant(role=role) for role in (R.COURT_TEAM, R.PROSECUTOR)),
    *(_every_grant(purposes=purposes) for purposes in (frozenset({P.PROCEEDING}), frozenset[Purpose]())),
    *(_every_grant(person=person) for person in ("staff-1", "staff-2")),
    _every_grant(elements=frozenset()),
    *(_grant_more(**{name: empty}) for name, empty in (("unit", ""), ("purposes", ()), ("elements", frozenset()))),
    *(_set(case=case) for case in ("case-y", None)),
    *(_set(effective_from=instant) for instant in (101, 111)),
    lambda item, ask, at: replace(item, effective_from=at, signed_at=at),
    lambda item, ask, at: replace(item, effective_from=at + 1),
    *(_set(signed_at=instant) for instant in (0, 99, 120)),
    lambda item, ask, at: replace(item, expiry=Clock(at)),
    lambda item, ask, at: replace(item, superseded_at=at),
    lambda item, ask, at: replace(item, superseded_at=at + 1),
    lambda item, ask, at: replace(item, represented_until=at),
    lambda item, ask, at: replace(item, represented_until=at + 1),
    lambda item, ask, at: replace(item, revocations=(Revocation(at),)),
    *(_set(expiry=Clock(at, event)) for at in (None, 150) for event in (None, *list(CaseEvent)[:2])),
    *(_set(**{flag: True}) for flag in ("suspended", "entered_in_error")),
    *(_set(condition_imposed=flag) for flag in (False, True)),
    *(_set(profile=name) for name in ("us-42cfr2@2", "us-42cfr2@2", "every@1", "strict@1", "unknown@1")),
    *(_set(kind=kind) for kind in ConsentKind),
    *(_set(**{name: ""}) for name in ("name_on_form", "notice_version", "patient", "discloser", "lawful_basis")),
    _set(grants=()),
    _set(vocabulary=0),
    _set(revocable_from=_PENDING, revocations=(Revocation(95),)),
    _set(revocable_from=_PENDING, revocations=(Revocation(95, by_merge=True),)),
    _set(revocable_from=Clock(110, CaseEvent.FINAL_DISPOSITION), revocations=(Revocation(95),)),
)
