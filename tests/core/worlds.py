"""Facts for properties: an ask, instruments that meet it, then a few deviations, most of them at a boundary instant.

Random instruments meet almost no ask; near misses are where a decision goes wrong. So each instrument starts as a
match and takes up to two deviations. ``ROADS`` are (role, purpose, kind, condition) that can permit, and one whose
purpose the role may not state.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from app.consent.ask import Ask, Facts, Restriction
from app.consent.decide import decide
from app.consent.instrument import Clock, Grant, Instrument, Revocation
from app.consent.profile import Profile, parse_profile
from app.vocabulary import COVERS, CaseEvent, ConsentKind, Element, Purpose, Role

E, R, P, K = Element, Role, Purpose, ConsentKind
Road = tuple[Role, Purpose, ConsentKind, bool]
Verdict = dict[tuple[str, str], dict[Element, str]]

PROFILE_FILE: Final = Path(__file__).parents[2] / "app" / "consent" / "profiles" / "us-42cfr2@1.toml"
US: Final = parse_profile(PROFILE_FILE.read_text(encoding="utf-8"))


def _narrower(profile: Profile) -> Profile:
    """A later version that took elements from every role, prosecutors from 2.35 and one purpose from a kind."""
    gone = {E.ATTENDANCE_SESSIONS, E.CLINICAL_DIAGNOSIS, E.ENROLMENT_STATUS}
    cjs, named = profile.kinds[K.CJS_2_35], profile.kinds[K.NAMED_DISCLOSURE]
    kinds = {
        **profile.kinds,
        K.CJS_2_35: replace(cjs, roles=cjs.roles - {R.PROSECUTOR_DEFERRING}),
        K.NAMED_DISCLOSURE: replace(named, purposes=named.purposes - {P.DEFENCE_PREPARATION}, needs_condition=True),
        K.TPO: replace(profile.kinds[K.TPO], binds_case=True),
    }
    written = {role: elements - gone for role, elements in profile.written.items()}
    return replace(profile, name="us-42cfr2@2", written=written, kinds=kinds)


class Profiles(dict[str, Profile]):
    """Prints names only, so that a failing example stays readable."""

    def __repr__(self) -> str:
        return f"Profiles({sorted(self)})"


PROFILES: Final[Mapping[str, Profile]] = Profiles({US.name: US, "us-42cfr2@2": _narrower(US)})
AT: Final = (100, 101, 110)
EDGES: Final = (90, 99, 100, 101, 102, 109, 110, 111, 120, 200)
UNITS: Final = ("court", "adult", "juvenile", "clinic-b")
ROADS: Final = (
    (R.JUDGE, P.CONDITION_MONITORING, K.CJS_2_35, True),
    (R.PROBATION_OFFICER, P.CONDITION_MONITORING, K.CJS_2_35, True),
    (R.PROSECUTOR_DEFERRING, P.CONDITION_MONITORING, K.CJS_2_35, True),
    (R.JUDGE, P.CONDITION_MONITORING, K.NAMED_DISCLOSURE, False),
    (R.PROBATION_OFFICER, P.RELEASE_PLANNING, K.NAMED_DISCLOSURE, True),
    (R.POLICE_DIVERSION, P.REFERRAL_COORDINATION, K.NAMED_DISCLOSURE, False),
    (R.DEFENCE_COUNSEL, P.DEFENCE_PREPARATION, K.NAMED_DISCLOSURE, False),
    (R.PRISON_CLINICIAN, P.RELEASE_PLANNING, K.NAMED_DISCLOSURE, False),
    (R.CLINICIAN, P.TREATMENT, K.TPO, False),
    (R.CLINIC_STAFF, P.PAYMENT, K.TPO, False),
)
ALL: Final = frozenset(Element)
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
    ALL,
)
TAKEN: Final = (*NAMED, *(frozenset({e}) for e in (E.ATTENDANCE_COMPLIANT, E.ENROLMENT_ENGAGED, E.REFERRAL_DECISION)))
ASKED: Final = (*(ALL,) * 10, *NAMED[:10])
REVOCATIONS: Final = tuple(
    Revocation(requested, unit, elements, purposes)
    for requested in (99, 100, 101, 110)
    for unit in (None, "court", "juvenile")
    for elements in (None, *TAKEN)
    for purposes in (None, frozenset({P.CONDITION_MONITORING}), frozenset({P.TREATMENT}))
)
RESTRICTIONS: Final = tuple(
    Restriction(patient, elements, unit) for patient in "mn" for elements in TAKEN for unit in (None, "court", "adult")
)

Deviation = Callable[[Instrument, Ask, int], Instrument]


def _every_grant(**changes: Any) -> Deviation:
    return lambda item, ask, at: replace(item, grants=tuple(replace(grant, **changes) for grant in item.grants))


def _grant_more(**changes: Any) -> Deviation:
    return lambda item, ask, at: replace(item, grants=(*item.grants, *(replace(g, **changes) for g in item.grants)))


def _set(**changes: Any) -> Deviation:
    return lambda item, ask, at: replace(item, **changes)


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
    lambda item, ask, at: replace(item, revocations=(Revocation(at),)),
    *(_set(expiry=Clock(at, event)) for at in (None, 150) for event in (None, *list(CaseEvent)[:2])),
    *(_set(**{flag: True}) for flag in ("suspended", "entered_in_error")),
    *(_set(condition_imposed=flag) for flag in (False, True)),
    *(_set(profile=name) for name in ("us-42cfr2@2", "us-42cfr2@2", "unknown@1")),
    *(_set(kind=kind) for kind in ConsentKind),
    *(_set(**{name: ""}) for name in ("name_on_form", "notice_version", "patient", "discloser")),
    _set(grants=()),
    _set(vocabulary=0),
    _set(revocable_from=Clock(None, CaseEvent.FINAL_DISPOSITION), revocations=(Revocation(95),)),
    _set(revocable_from=Clock(110, CaseEvent.FINAL_DISPOSITION), revocations=(Revocation(95),)),
)


CASES: Final = (*("case-x",) * 11, None)
DAYS: Final = ({}, {}, *({event: at} for event in list(CaseEvent)[:2] for at in (95, 100, 101, 110, 130)))
BOTH_US: Final = {"clinic-1": US.name, "clinic-2": US.name, "": US.name}
MAYBE_DEVIATE: Final = st.sampled_from((*(_set(),) * 2 * len(DEVIATIONS), *DEVIATIONS))
MAYBE_REVOKED: Final = st.sampled_from((*((),) * 4 * len(REVOCATIONS), *((item,) for item in REVOCATIONS)))
MAYBE_RESTRICTED: Final = st.sampled_from((*((),) * 4 * len(RESTRICTIONS), *((item,) for item in RESTRICTIONS)))
EVENTS: Final = st.sampled_from((*({},) * 3 * len(DAYS), *DAYS))
TODAY: Final = st.sampled_from((*(BOTH_US,) * 12, {"clinic-1": "us-42cfr2@2"}, {"clinic-1": "unknown@1"}))
PLACES: Final = st.sampled_from((*(("m", "clinic-1"),) * 4, ("m", "clinic-2"), ("n", "clinic-1"), ("n", "clinic-2")))
SPANS: Final = st.sampled_from(
    [
        (start, end)
        for start in (90, 99, 100)
        for end in (Clock(120), Clock(200), Clock(111), Clock(200, CaseEvent.FINAL_DISPOSITION))
    ]
)
RECIPIENTS: Final = st.sampled_from(
    [
        tuple(zip(units, elements, strict=False))
        for units in (("",), ("",), ("adult", ""), ("", "adult"), ("", ""))
        for elements in [(a, NAMED[-n]) for n, a in enumerate(NAMED)]
    ]
)
ASKS: Final = st.sampled_from(list(product(UNITS, CASES, ASKED, (None, "staff-1"))))
ATS: Final = st.sampled_from(AT)
ROAD: Final = st.sampled_from(ROADS)
IDS: Final = st.sampled_from((("i1",), ("i2", "i1"), ("i1", "i2"), ("i3", "i1", "i2")))


def matching(ident: str, ask: Ask, road: Road, **changes: Any) -> Instrument:
    """An instrument that meets the ask: live from 90 to 200, every element named, unless changed."""
    item = Instrument(
        id=ident,
        version=1,
        kind=road[2],
        patient="m",
        discloser="clinic-1",
        case=None if road[2] is K.TPO else ask.case,
        grants=(Grant(ask.unit, road[0], frozenset({road[1]}), ALL),),
        name_on_form="Maria",
        signed_at=80,
        effective_from=90,
        expiry=Clock(200),
        profile=US.name,
        vocabulary=1,
        notice_version="1",
        condition_imposed=road[3],
    )
    return replace(item, **changes)


@st.composite
def instruments(draw: st.DrawFn, ident: str, ask: Ask, at: int, road: Road) -> Instrument:
    """One instrument that meets the ask, but for what its deviations change."""
    (patient, discloser), (effective_from, expiry) = draw(PLACES), draw(SPANS)
    item = matching(
        ident,
        ask,
        road,
        patient=patient,
        discloser=discloser,
        grants=tuple(Grant(unit or ask.unit, road[0], frozenset({road[1]}), named) for unit, named in draw(RECIPIENTS)),
        effective_from=effective_from,
        expiry=expiry,
        revocations=draw(MAYBE_REVOKED),
    )
    return draw(MAYBE_DEVIATE)(draw(MAYBE_DEVIATE)(item, ask, at), ask, at)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """One ask, one to three instruments near it, sometimes an event, a restriction, a narrower profile of today."""
    at, road = draw(ATS), draw(ROAD)
    unit, case, elements, person = draw(ASKS)
    ask = Ask(unit, road[0], road[1], case, elements, person)
    items = tuple(draw(instruments(ident, ask, at, road)) for ident in draw(IDS))
    return Facts(ask, at, items, draw(EVENTS), PROFILES, draw(TODAY), draw(MAYBE_RESTRICTED))


def decided(world: Facts) -> Verdict:
    """What production lets leave, in the oracle's shape."""
    return {
        (finding.patient, finding.discloser): {e: item.id for e, item in finding.covered.items()}
        for finding in decide(world).findings
    }


def leaves(verdict: Verdict) -> set[tuple[str, str, Element]]:
    """All that leaves, as (patient, discloser, element)."""
    return {(*pair, element) for pair, covered in verdict.items() for element in covered}


def knowable(verdict: Verdict) -> set[tuple[str, str, Element]]:
    """What leaves and every coarser step, which whoever holds the finer one already knows."""
    return {(*pair, coarser) for pair, covered in verdict.items() for e in covered for coarser in COVERS[e]}
