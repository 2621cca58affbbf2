"""Facts for properties: an ask, instruments that meet it, then a few deviations, most of them at a boundary instant.

Random instruments meet almost no ask; near misses are where a decision goes wrong. So each instrument starts as a
match and takes up to two deviations. ``ROADS`` are (role, purpose, kind, condition) that can permit, and one whose
purpose the role may not state.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from app.consent.ask import Ask, Facts
from app.consent.decide import decide
from app.consent.instrument import Clock, Grant, Instrument
from app.consent.profile import Profile, parse_profile
from app.consent.profile_overlay import parse_overlay, under
from app.vocabulary import COVERS, CaseEvent, ConsentKind, Element, Purpose, Role
from tests.core.deviations import DEVIATIONS, NAMED, RESTRICTIONS, REVOCATIONS, unchanged

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


def _every_kind(profile: Profile) -> Profile:
    """All kinds at once, consent no legal ground, counselling notes switched on for the judge."""
    cjs, named, tpo = (profile.kinds[kind] for kind in (K.CJS_2_35, K.NAMED_DISCLOSURE, K.TPO))
    court = replace(cjs, roles=frozenset({R.JUDGE, R.COURT_TEAM}), needs_condition=False)
    kinds = {
        K.AGREEMENT: named,
        K.COURT_ORDER: replace(court, purposes=frozenset({P.PROCEEDING})),
        K.PROCEEDING: replace(court, purposes=frozenset({P.PROCEEDING, P.DISPOSITION_PLANNING})),
        K.COUNSELLING_NOTES: replace(tpo, roles=frozenset({R.CLINICIAN}), purposes=frozenset({P.TREATMENT})),
        **profile.kinds,
    }
    switched = {
        "consent_is_lawful_basis": "no",
        "counselling_notes_to_justice": "separate_consent",
        "proceedings_use": "proceeding_kind_or_order",
    }
    written = {**profile.written, R.JUDGE: profile.written[R.JUDGE] | {E.RESTRICTED_COUNSELLING_NOTES}}
    return replace(profile, name="every@1", kinds=kinds, written=written, settings={**profile.settings, **switched})


def _strict(profile: Profile) -> Profile:
    """The same without proceedings, and no counselling notes for anybody."""
    never = dict.fromkeys(("counselling_notes_to_justice", "proceedings_use", "disposition_planning_under"), "never")
    written = {role: elements - {E.RESTRICTED_COUNSELLING_NOTES} for role, elements in profile.written.items()}
    gone = {K.PROCEEDING, K.COURT_ORDER}
    kinds = {kind: rule for kind, rule in profile.kinds.items() if kind not in gone}
    return replace(profile, name="strict@1", kinds=kinds, written=written, settings={**profile.settings, **never})


def _shipped() -> list[Profile]:
    """The profiles that come with the service, and each of them under each of its overlays."""
    plain = [parse_profile(path.read_text(encoding="utf-8")) for path in sorted(PROFILE_FILE.parent.glob("*.toml"))]
    laws = sorted((PROFILE_FILE.parent / "overlays").glob("*.toml"))
    overlays = [parse_overlay(path.read_text(encoding="utf-8")) for path in laws]
    return [*plain, *(under(profile, overlay) for profile in plain for overlay in overlays)]


class Profiles(dict[str, Profile]):
    """Prints names only, so that a failing example stays readable."""

    def __repr__(self) -> str:
        return f"Profiles({sorted(self)})"


EVERY: Final = _every_kind(US)
PROFILES: Final[Mapping[str, Profile]] = Profiles(
    {each.name: each for each in (*_shipped(), US, _narrower(US), EVERY, _strict(EVERY))}
)
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
    (R.JUDGE, P.PROCEEDING, K.COURT_ORDER, False),
    (R.COURT_TEAM, P.DISPOSITION_PLANNING, K.PROCEEDING, False),
    (R.PROBATION_OFFICER, P.CONDITION_MONITORING, K.AGREEMENT, False),
    (R.CLINICIAN, P.TREATMENT, K.COUNSELLING_NOTES, False),
)
CASELESS: Final = frozenset({K.TPO, K.COUNSELLING_NOTES})
ALL: Final = frozenset(Element)
ASKED: Final = (*(ALL,) * 10, *NAMED[:10])
CASES: Final = (*("case-x",) * 11, None)
DAYS: Final = ({}, {}, *({event: at} for event in list(CaseEvent)[:2] for at in (95, 100, 101, 110, 130)))
BOTH_US: Final = {"clinic-1": US.name, "clinic-2": US.name, "": US.name}
MAYBE_DEVIATE: Final = st.sampled_from((*(unchanged(),) * 2 * len(DEVIATIONS), *DEVIATIONS))
MAYBE_REVOKED: Final = st.sampled_from((*((),) * 4 * len(REVOCATIONS), *((item,) for item in REVOCATIONS)))
MAYBE_RESTRICTED: Final = st.sampled_from((*((),) * 4 * len(RESTRICTIONS), *((item,) for item in RESTRICTIONS)))
EVENTS: Final = st.sampled_from((*({},) * 3 * len(DAYS), *DAYS))
TODAY: Final = st.sampled_from((*("",) * 12, "us-42cfr2@2", "strict@1", "unknown@1"))
ALSO: Final = st.sampled_from(
    [("", True, frozenset[str]())] * 20
    + [(name, True, frozenset()) for name in (*PROFILES, "unknown@1")]
    + [("", False, frozenset()), ("", True, frozenset({"clinic-1"})), ("", True, frozenset({"clinic-2"}))]
)
"""Profile of the asking unit, whether its asker is assigned, and who has closed."""
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


def home(road: Road) -> str:
    """The profile under which this road is signed and asked, unless a world says otherwise."""
    return US.name if road[2] in US.kinds else EVERY.name


def at_home(road: Road) -> dict[str, str]:
    """What every discloser is under today, for an ask of this road."""
    return dict.fromkeys(BOTH_US, home(road))


def matching(ident: str, ask: Ask, road: Road, **changes: Any) -> Instrument:
    """An instrument that meets the ask: live from 90 to 200, every element named, unless changed."""
    item = Instrument(
        id=ident,
        version=1,
        kind=road[2],
        patient="m",
        discloser="clinic-1",
        case=None if road[2] in CASELESS else ask.case,
        grants=(Grant(ask.unit, road[0], frozenset({road[1]}), ALL),),
        name_on_form="Maria",
        signed_at=80,
        effective_from=90,
        expiry=Clock(200),
        profile=home(road),
        vocabulary=1,
        notice_version="1",
        condition_imposed=road[3],
        lawful_basis="GDPR 6(1)(e)" if road[2] is K.AGREEMENT else "",
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
    name, (recipient, assigned, closed) = draw(TODAY), draw(ALSO)
    today = {"clinic-1": name} if name else at_home(road)
    world = Facts(ask, at, items, draw(EVENTS), PROFILES, today, draw(MAYBE_RESTRICTED))
    return replace(world, recipient_profile=recipient, assigned=assigned, closed=closed)


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


def ordered(world: Facts) -> set[str]:
    """Ids of what a court ordered: a restriction does not reach it (domain rules 1.12)."""
    return {item.id for item in world.instruments if item.kind is K.COURT_ORDER}
