"""Role ceilings (domain rules 3.4), ladders (4.1), roles, purposes and kinds (design 4a), transcribed by hand."""

from itertools import product

import pytest

from app.consent.ask import Ask, Facts
from app.consent.instrument import Clock, Grant, Instrument
from app.vocabulary import (
    COVERS,
    FINEST_ONLY,
    KIND_OF_ROLE,
    PURPOSES_OF_ROLE,
    SINCE,
    ConsentKind,
    Element,
    Purpose,
    Role,
)
from tests.core.worlds import ALL, PROFILES, US, decided

COLUMNS = (
    ("police_diversion",),
    ("pretrial_officer",),
    ("prosecutor_deferring",),
    ("judge", "court_team"),
    ("probation_officer", "parole_officer"),
    ("prison_clinician", "clinician", "clinic_staff"),
    ("defence_counsel",),
)
MATRIX = """
referral.decision               D D D D D D D
referral.reason                 N N N C C D C
referral.appointment            N D N C D D D
enrolment.engaged               D D D D D D D
enrolment.status                N D D D D D D
enrolment.dates                 N C C D D D D
enrolment.provider              N C C C D D D
enrolment.level_of_care         N C N C C D D
enrolment.closure               N D D D D D D
enrolment.closure_reason        N N N C C D C
attendance.compliant            N D D D D D D
attendance.summary              N C C D D D D
attendance.sessions             N N N C C D C
attendance.absence_reason       N N N N C D C
progress.engagement             N C N C C D D
progress.goals                  N N N C C D C
progress.plan_change            N C N D D D D
progress.narrative              N N N N N C C
testing.participation           N C N C C D C
testing.result_summary          N C N C C D C
testing.result_panel            N N N N C D C
clinical.need_indicated         N D C D D D D
clinical.recommendation         N D C D D D D
clinical.screening_band         N C N C C D C
clinical.screening_detail       N N N N N C C
clinical.diagnosis              N N N C N D C
clinical.medication             N N N N N D C
clinical.safety_alert           N N N N C D C
restricted.counselling_notes    N N N N N C N
restricted.infectious_disease   N N N N N C C
restricted.other_health         N N N N N C C
restricted.third_party          N N N N N C C
restricted.self_incrimination   N N N N N C C
"""
"""Domain rules 3.4; restricted for defence counsel is "C per type", and this type is off for justice (2.5, case 28)."""
INWARD = """identity.match identity.contact identity.demographics legal.case_ref legal.offence legal.conditions
legal.hearing referral.request""".split()
NOTHING = ("police_officer", "prosecutor", "custody_officer")
CELLS = {
    (role, name): cell
    for name, *cells in (line.split() for line in MATRIX.split("\n") if line)
    for roles, cell in zip(COLUMNS, cells, strict=True)
    for role in roles
}
ROLES = """
police_diversion      police          referral_coordination
police_officer        police
prosecutor_deferring  prosecutor      referral_coordination condition_monitoring
prosecutor            prosecutor
judge                 court           referral_coordination disposition_planning condition_monitoring proceeding
court_team            court           referral_coordination disposition_planning condition_monitoring proceeding
pretrial_officer      pretrial        referral_coordination condition_monitoring
probation_officer     probation       referral_coordination condition_monitoring release_planning
parole_officer        probation       referral_coordination condition_monitoring release_planning
prison_clinician      prison_health   treatment release_planning
custody_officer       custody
defence_counsel       defence         defence_preparation
clinician             clinic          treatment operations
clinic_staff          clinic          treatment operations
privacy_officer       privacy_office  oversight
auditor               auditor         audit
"""
MONITORS = "judge court_team pretrial_officer prosecutor_deferring probation_officer parole_officer".split()
KINDS: dict[str, tuple[set[str], set[str]]] = {
    "cjs_2_35": ({"condition_monitoring"}, set(MONITORS)),
    "named_disclosure": (
        {"referral_coordination", "condition_monitoring", "release_planning", "defence_preparation"},
        {role for roles in COLUMNS for role in roles},
    ),
    "tpo": ({"treatment", "payment", "operations"}, {"clinician", "clinic_staff", "prison_clinician"}),
    "proceeding": ({"proceeding", "disposition_planning"}, {"judge", "court_team"}),
    "counselling_notes": ({"treatment"}, {"clinician"}),
    "research": (set(), set()),
    "court_order": ({"proceeding"}, {"judge", "court_team"}),
}
NOTES = "restricted.counselling_notes"
LADDERS = """
attendance.absence_reason attendance.sessions attendance.summary attendance.compliant
enrolment.closure_reason enrolment.closure enrolment.status enrolment.engaged
enrolment.dates enrolment.status enrolment.engaged
testing.result_panel testing.result_summary testing.participation
clinical.screening_detail clinical.screening_band clinical.need_indicated
clinical.diagnosis clinical.need_indicated
"""
CHAINS = [line.split() for line in LADDERS.split("\n") if line]


def test_the_taxonomy_has_the_41_elements() -> None:
    named = {name for _, name in CELLS}
    assert {e.value for e in Element} == named | set(INWARD)
    assert len(Element) == len(named) + len(INWARD) == 41
    assert dict(SINCE) == dict.fromkeys(Element, 1)


def test_a_finer_step_covers_exactly_its_coarser_ones() -> None:
    expected = {e: {e} for e in Element}
    for chain in CHAINS:
        for place, name in enumerate(chain):
            expected[Element(name)] |= {Element(coarser) for coarser in chain[place:]}
    assert {e: set(covered) for e, covered in COVERS.items()} == expected


def test_of_the_attendance_and_testing_ladders_only_the_finest_leaves() -> None:
    finest_only = [chain for chain in CHAINS if chain[0].startswith(("attendance", "testing"))]
    assert sorted([e.value for e in ladder] for ladder in FINEST_ONLY) == sorted(finest_only)


@pytest.mark.parametrize("role", Role)
def test_the_profile_writes_what_the_matrix_says(role: Role) -> None:
    cells = {name: cell for (column, name), cell in CELLS.items() if column == role.value}
    written = {"D": US.standard.get(role, frozenset()), "C": US.if_named.get(role, frozenset())}
    for letter, elements in written.items():
        assert {e.value for e in elements} == {name for name, cell in cells.items() if cell == letter}
    assert US.written.get(role, frozenset()) == written["D"] | written["C"]


def test_roles_that_are_never_told_anything() -> None:
    assert {role.value for role in Role if not US.written.get(role)} == {*NOTHING, "privacy_officer", "auditor"}


def test_roles_belong_to_their_agency_and_state_their_purposes() -> None:
    rows = {role: (kind, set(purposes)) for role, kind, *purposes in (row.split() for row in ROLES.split("\n") if row)}
    stated = {role.value: {purpose.value for purpose in PURPOSES_OF_ROLE[role]} for role in Role}
    assert {role.value: (KIND_OF_ROLE[role].value, stated[role.value]) for role in Role} == rows


def test_kinds_name_their_purposes_and_recipients() -> None:
    rules = {kind.value: rule for kind, rule in US.kinds.items()}
    assert {name: ({*rule.purposes}, {*rule.roles}) for name, rule in rules.items()} == KINDS
    assert [name for name, rule in rules.items() if rule.needs_condition] == ["cjs_2_35"]
    bound = {"cjs_2_35", "named_disclosure", "proceeding", "court_order"}
    assert {name for name, rule in rules.items() if rule.binds_case} == bound
    alone = {"proceeding", "counselling_notes", "research", "court_order"}
    assert {name for name, rule in rules.items() if rule.stands_alone} == alone
    assert {name: rule.elements for name, rule in rules.items() if rule.elements is not None} == {
        "counselling_notes": {Element(NOTES)}
    }
    assert {name: rule.revocation for name, rule in rules.items()} == dict.fromkeys(KINDS, "any_time") | {
        "cjs_2_35": "from_clock"
    }


def _all_elements_consent(role: Role, purpose: Purpose, kind: ConsentKind) -> Facts:
    item = Instrument(
        id="i1",
        version=1,
        kind=kind,
        patient="m",
        discloser="clinic-1",
        case="case-x",
        grants=(Grant("unit", role, frozenset({purpose}), ALL),),
        name_on_form="Maria",
        signed_at=80,
        effective_from=90,
        expiry=Clock(200),
        profile=US.name,
        vocabulary=1,
        notice_version="1",
        condition_imposed=True,
    )
    return Facts(Ask("unit", role, purpose, "case-x", ALL), 100, (item,), {}, PROFILES, {"clinic-1": US.name})


@pytest.mark.parametrize("role", Role)
def test_an_all_elements_consent_gives_the_ceiling_and_no_never_cell(role: Role) -> None:
    """For every purpose and kind: exactly the D and C cells (of two ladders the finest) if 4a allows it, or nothing.

    A consent to counselling notes gives those alone. An order of a court has no ceiling, but never gives those.
    """
    for purpose, kind in product(Purpose, ConsentKind):
        purposes, roles = KINDS.get(kind.value, (set(), set()))
        allowed = purpose in PURPOSES_OF_ROLE[role] and purpose.value in purposes and role.value in roles
        covered = decided(_all_elements_consent(role, purpose, kind))["m", "clinic-1"]
        assert {e.value for e in covered} == (_most(role, kind) if allowed else set()), (purpose, kind)


def _most(role: Role, kind: ConsentKind) -> set[str]:
    cells = _allowed(role, kind)
    return cells - {coarser for chain in CHAINS[:1] + CHAINS[3:4] for coarser in [n for n in chain if n in cells][1:]}


@pytest.mark.parametrize("role", [Role(name) for column in COLUMNS for name in column])
def test_each_allowed_cell_leaves_when_it_alone_is_asked(role: Role) -> None:
    roads = [(p, k) for k, (purposes, roles) in KINDS.items() if role in roles for p in purposes]
    for purpose, kind in roads:
        if Purpose(purpose) not in PURPOSES_OF_ROLE[role]:
            continue
        world = _all_elements_consent(role, Purpose(purpose), ConsentKind(kind))
        for e in Element:
            ask = Ask("unit", role, Purpose(purpose), "case-x", frozenset({e}))
            covered = decided(Facts(ask, 100, world.instruments, {}, PROFILES, world.today))["m", "clinic-1"]
            assert set(covered) == ({e} if e.value in _allowed(role, ConsentKind(kind)) else set()), e


def _allowed(role: Role, kind: ConsentKind) -> set[str]:
    cells = {name for (column, name), cell in CELLS.items() if column == role.value and cell != "N"}
    if kind is ConsentKind.COURT_ORDER:
        return {e.value for e in Element} - {NOTES}
    return cells & {NOTES} if kind is ConsentKind.COUNSELLING_NOTES else cells
