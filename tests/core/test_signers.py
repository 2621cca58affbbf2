"""Who has to sign: by age and by the table of the place (2.14), for the dead (2.15(b)), on the day that it counts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.consent.local_time import micros
from app.consent.proposal import Proposal
from app.consent.signature import Signature, Signing
from app.consent.signing import (
    MinorRule,
    MinorsError,
    MinorTable,
    Person,
    flaws_of_missing,
    flaws_of_signing,
    parse_minors,
    represented_until,
    still_missing,
)
from app.consent.signing.minors import age_on, birthday
from app.vocabulary.lifecycle import AuthorityScope
from app.vocabulary.lifecycle import SignatureRole as R
from tests.core.broken_grounds import COUNSELLING
from tests.core.forms import CJS, NOW, ZONE
from tests.core.test_signing import FACTS, LACKING, PRESSED, sign, signing

FOLDER: Final = Path(__file__).parents[2] / "app" / "consent" / "profiles" / "minors"
TABLES: Final[Mapping[str, MinorTable]] = {
    path.stem: parse_minors(path.read_text("utf-8")) for path in FOLDER.iterdir()
}
HERE: Final = ZoneInfo(ZONE)
DAY: Final = timedelta(days=1)
PARENT: Final = sign(R.PARENT, authority_ref="birth certificate")
GUARDIAN: Final = sign(R.GUARDIAN, authority_ref="order 12/2026")
ALONE, BOTH, WARD = MinorRule.MINOR_ALONE, MinorRule.BOTH, MinorRule.GUARDIAN


def minor(rule: MinorRule, born: date = date(2010, 5, 1)) -> Person:
    """Sixteen years old, where the whole of minority has one rule."""
    return Person(born, None, MinorTable("here", 18, ((0, 18, rule),)), HERE)


def lacks(signed: Signing, person: Person, now: int = NOW) -> list[str]:
    """What is still missing of the usual form."""
    return still_missing(signed, CJS, now, person=person)


def codes(signed: Signing, person: Person, proposal: Proposal = CJS) -> list[tuple[str, str]]:
    """What is wrong with a signing, and where."""
    return [(one.code, one.pointer) for one in flaws_of_signing(signed, proposal, replace(FACTS, person=person))]


@pytest.mark.parametrize(
    ("rule", "signatures", "missing"),
    [
        (ALONE, (sign(),), []),
        (ALONE, (sign(), PARENT), []),
        (ALONE, (sign(R.WITNESS),), ["patient_signature"]),
        (BOTH, (sign(),), ["parent_signature"]),
        (BOTH, (PARENT,), ["patient_signature"]),
        (BOTH, (sign(), PARENT), []),
        (BOTH, (sign(), GUARDIAN), []),
        (BOTH, (sign(), sign(R.PARENT)), ["parent_signature"]),
        (BOTH, (sign(R.WITNESS),), ["patient_signature", "parent_signature"]),
        (WARD, (GUARDIAN,), ["minor_assent"]),
        (WARD, (sign(),), ["parent_signature"]),
        (WARD, (GUARDIAN, sign(R.MINOR_ASSENT)), []),
        (WARD, (GUARDIAN, sign()), []),
        (WARD, (sign(R.MINOR_ASSENT),), ["parent_signature"]),
    ],
)
def test_the_table_says_whose_signatures_a_minors_consent_needs(
    rule: MinorRule, signatures: tuple[Signature, ...], missing: list[str]
) -> None:
    assert lacks(signing(*signatures), minor(rule)) == missing


def test_where_the_minor_consents_alone_a_parent_is_no_substitute() -> None:
    """Case 40: the minor is sixteen, the state lets minors consent alone, and only the parent signed."""
    assert codes(signing(PARENT), minor(ALONE)) == [("signature_set_incomplete", "/signatures")]
    assert codes(signing(sign(R.PARENT)), minor(ALONE)) == [("signature_set_incomplete", "/signatures")]
    assert codes(signing(PARENT, sign()), minor(ALONE)) == codes(signing(PARENT), minor(BOTH)) == []
    assert codes(signing(GUARDIAN, capacity=LACKING), minor(ALONE)) == [], "a court found that the minor cannot decide"


NIGHT: Final = datetime(2026, 11, 25, 6, tzinfo=UTC)
"""Midnight in the consent's zone at the beginning of the 18th birthday."""
GROWN: Final = date(2008, 11, 25)


@pytest.mark.parametrize(("seconds", "missing"), [(-1, ["parent_signature"]), (0, []), (1, [])])
def test_minority_ends_at_the_midnight_of_the_forms_own_zone(seconds: int, missing: list[str]) -> None:
    """In London the day had begun six hours before."""
    at = NIGHT + timedelta(seconds=seconds)
    assert lacks(signing(sign(signed_at=at)), minor(BOTH, GROWN), micros(at)) == missing


def test_a_guardians_signature_stands_until_the_birthday_and_a_minors_own_goes_on() -> None:
    """Case 42: carried by somebody else alone; where the minor signed too, their own signature is left."""
    ends = micros(NIGHT)
    assert represented_until(signing(GUARDIAN, sign(R.MINOR_ASSENT)), minor(WARD, GROWN)) == ends
    assert represented_until(signing(GUARDIAN, sign()), minor(WARD, GROWN)) == ends, "assent is no consent"
    assert represented_until(signing(GUARDIAN, capacity=LACKING), minor(BOTH, GROWN)) == ends
    assert represented_until(signing(sign(), PARENT), minor(BOTH, GROWN)) is None
    assert represented_until(signing(sign()), minor(ALONE, GROWN)) is None
    assert represented_until(signing(GUARDIAN, capacity=LACKING), minor(BOTH, date(1990, 1, 1))) is None
    assert represented_until(signing(GUARDIAN, capacity=LACKING), Person()) is None


def test_who_came_of_age_before_the_form_was_whole_signs_anew() -> None:
    """A guardian who signed the day before carries nothing afterwards, and no parent is asked for any more."""
    later = micros(NIGHT + DAY)
    for rule, signatures in ((WARD, (GUARDIAN, sign(R.MINOR_ASSENT))), (BOTH, (sign(),)), (BOTH, (PARENT,))):
        assert lacks(signing(*signatures), minor(rule, GROWN), later) == ["patient_signature"]
        again = signing(*signatures, sign(signed_at=NIGHT))
        assert lacks(again, minor(rule, GROWN), later) == []
        assert represented_until(again, minor(rule, GROWN)) is None
    assert lacks(signing(sign(), PARENT), minor(BOTH, GROWN), later) == [], "both signed in time"


LEAP: Final = date(2008, 2, 29)


@pytest.mark.parametrize(
    ("born", "years", "day"),
    [
        (LEAP, 18, date(2026, 3, 1)),
        (LEAP, 16, date(2024, 2, 29)),
        (date(2008, 2, 28), 18, date(2026, 2, 28)),
        (date(2008, 12, 31), 18, date(2026, 12, 31)),
    ],
)
def test_a_birthday_on_29_february_is_1_march_of_a_common_year(born: date, years: int, day: date) -> None:
    assert birthday(born, years) == day
    assert (age_on(born, day - DAY), age_on(born, day)) == (years - 1, years)


def test_nobody_born_on_29_february_is_of_age_and_represented_on_the_same_day() -> None:
    last, first = datetime(2026, 2, 28, 23, 59, 59, tzinfo=HERE), datetime(2026, 3, 1, tzinfo=HERE)
    person = minor(WARD, LEAP)
    assert represented_until(signing(replace(GUARDIAN, signed_at=last)), person) == micros(first)
    for at, missing in ((last, ["parent_signature"]), (first, [])):
        found = lacks(signing(sign(signed_at=at)), person, micros(at))
        assert [name for name in found if name.endswith("signature")] == missing


@given(st.dates(date(1970, 1, 1), date(2020, 12, 31)), st.integers(0, 60), st.integers(-400, 400))
def test_age_grows_by_one_on_the_birthday_and_on_no_other_day(born: date, years: int, off: int) -> None:
    day = birthday(born, years) + timedelta(days=off)
    if day >= born:
        grew = age_on(born, day) - age_on(born, day - DAY)
        assert grew == int(any(birthday(born, each) == day for each in range(years - 2, years + 3) if each >= 0))


DEAD: Final = Person(date(1980, 1, 1), date(2026, 11, 20), zone=HERE)
EXECUTOR: Final = sign(R.PERSONAL_REPRESENTATIVE, authority_ref="letters testamentary")
WIDOW: Final = sign(R.SPOUSE, authority_ref="marriage certificate; no executor")


@pytest.mark.parametrize("survivor", [EXECUTOR, WIDOW, replace(WIDOW, role=R.FAMILY_MEMBER)])
def test_for_the_dead_one_who_survives_them_signs(survivor: Signature) -> None:
    """Nobody assesses their capacity; what the patient signed while alive stands, on the last day too."""
    whole = signing(survivor, capacity=None)
    assert (codes(whole, DEAD), lacks(whole, DEAD)) == ([], [])
    assert represented_until(whole, DEAD) is None
    bare = replace(survivor, authority_ref=None)
    assert codes(signing(bare), DEAD) == [("representative_authority_missing", "/signatures/0/authority_ref")]
    assert lacks(signing(bare, capacity=None), DEAD) == ["survivor_signature"]
    of_property = replace(survivor, authority_scope=AuthorityScope.PROPERTY)
    assert lacks(signing(of_property, capacity=None), DEAD) == ["survivor_signature"]


@pytest.mark.parametrize("role", [R.PATIENT, R.PARENT, R.GUARDIAN, R.DIRECTOR])
def test_nobody_else_signs_for_the_dead(role: R) -> None:
    assert codes(signing(sign(role, authority_ref="x")), DEAD) == [("no_valid_consenter", "/signatures/0/role")]


@pytest.mark.parametrize(("hour", "stands"), [(5, True), (6, False)])
def test_what_the_patient_signed_while_alive_stands(hour: int, stands: bool) -> None:
    """The day of death ends at midnight in the consent's zone, six hours after that of London."""
    own = sign(signed_at=datetime(2026, 11, 21, hour, tzinfo=UTC))
    assert (codes(signing(own), DEAD) == [], lacks(signing(own), DEAD) == []) == (stands, stands)


def test_treatment_may_not_depend_on_a_consent_to_counselling_notes() -> None:
    """42 CFR 2.31(b)(3), though its recipient treats the patient."""
    pressed = codes(signing(pressure_declaration=PRESSED), Person(), COUNSELLING)
    assert pressed == [("consent_not_voluntary", "/pressure_declaration/treatment_not_dependent")]


def test_a_call_that_says_it_is_all_is_told_what_is_missing() -> None:
    missing = still_missing(Signing(), CJS, NOW, voluntariness=True, person=minor(BOTH))
    assert [(one.code, one.pointer) for one in flaws_of_missing(missing)] == [
        ("signature_set_incomplete", "/signatures"),
        ("capacity_not_established", "/capacity"),
        ("patient_notice_missing", "/notice_given"),
        ("attestation_missing", "/copy_given_at"),
        ("attestation_missing", "/pressure_declaration"),
    ]
    assert flaws_of_missing([]) == []


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_named_after_its_file_and_knows_every_age(name: str) -> None:
    table = TABLES[name]
    assert table.name == name and table.adult_from >= 18
    assert table.rule_at(table.adult_from) is None
    assert all(table.rule_at(age) is not None for age in range(table.adult_from))


def test_the_defaults_are_the_safe_ones() -> None:
    """Both in the United States and the Union, a guardian and the minor's assent elsewhere (domain rules 1.8, 2.5)."""
    for name, rule in (("us-default", BOTH), ("eu-default", BOTH), ("unodc-default", WARD)):
        assert {TABLES[name].rule_at(age) for age in range(18)} == {rule}
    assert (TABLES["us-ca"].rule_at(11), TABLES["us-ca"].rule_at(12)) == (BOTH, ALONE)
    assert MinorTable("gap", 18, ((12, 14, ALONE),)).rule_at(15) is BOTH


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("adult_from = 18", "adult_from = 16", "adult_from"),
        ("adult_from = 18", "", "adult_from"),
        ("until_age = 12", "until_age = 13", "row"),
        ("until_age = 18", "until_age = 19", "until_age"),
        ("from_age = 12", "from_age = 18", "until_age"),
        ('rule = "minor_alone"', 'rule = "parent"', "rule"),
        ("\nverify = true", '\nverify = "yes"', "verify"),
        ("\nverify = true", "", "verify"),
        ("from_age = 12", "from_age = 12\nmood = 1", "mood"),
        ("from_age = 12", "from_age = true", "from_age"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_the_name_of_its_key(old: str, new: str, told: str) -> None:
    text = (FOLDER / "us-ca.toml").read_text("utf-8")
    assert text.count(old) == 1
    with pytest.raises(MinorsError, match=told):
        parse_minors(text.replace(old, new))
