"""An overlay only takes away, whatever stands in it: laxer is impossible by construction (42 CFR 2.20)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.consent.profile import Profile, ProfileError
from app.consent.profile_book import ProfileBook
from app.consent.profile_overlay import Overlay, parse_overlay, under
from app.consent.profile_settings import SETTINGS
from app.vocabulary import COVERS, JUSTICE_ROLES, ConsentKind, Element, Purpose, Role
from tests.core.shipped import CONSENT, EU, SHIPPED, UNODC, US

HEAD = '[overlay]\nid = "county"\nversion = 1\nlaw = "Ordinance 7"\n'
MODEL = (CONSENT / "profiles" / "overlays" / "county-model@1.toml").read_text(encoding="utf-8")
NUMBERS = ("0", "1", "3", "7", "28", "30", "60", "all")
VALUES = {
    key: sorted({profile.settings[key] for profile in SHIPPED.values()} | {n for n in NUMBERS if setting.admits(n)})
    for key, setting in SETTINGS.items()
}
FREE = {"minors", "log_retention"}
"""What the law of a place decides, and what says nothing about what leaves."""
SETS = st.frozensets(st.sampled_from(list(Element)), max_size=6)
OVERLAYS = st.builds(
    Overlay,
    name=st.just("county@1"),
    law=st.just("Ordinance 7"),
    kinds=st.frozensets(st.sampled_from(list(ConsentKind)), max_size=2),
    never=st.fixed_dictionaries(dict.fromkeys(Role, SETS)),
    only=st.dictionaries(st.sampled_from(list(Role)), st.frozensets(st.sampled_from(list(Element)))),
    settings=st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in VALUES.items()}),
)


def _allows(profile: Profile) -> set[tuple[Any, ...]]:
    """All that a profile lets anybody have: (kind, role, purpose), (role, element)."""
    kinds = {(k, role, p) for k, rule in profile.kinds.items() for role in rule.roles for p in rule.purposes}
    return kinds | {(role, element) for role, elements in profile.written.items() for element in elements}


@given(st.sampled_from(list(SHIPPED.values())), OVERLAYS)
def test_what_an_overlay_leaves_is_never_more_and_no_setting_is_laxer(profile: Profile, overlay: Overlay) -> None:
    try:
        left = under(profile, overlay)
    except ProfileError:  # neither is the stricter: nothing leaves under such a name
        return
    assert _allows(left) <= _allows(profile)
    for role, elements in left.written.items():
        assert left.standard[role] <= profile.standard[role] and left.if_named[role] <= profile.if_named[role]
        assert elements == left.standard[role] | left.if_named[role]
    for key in SETTINGS.keys() - FREE:
        assert SETTINGS[key].stricter(profile.settings[key], left.settings[key]) == left.settings[key]
    for kind, rule in left.kinds.items():
        narrowed = replace(rule, roles=profile.kinds[kind].roles, purposes=profile.kinds[kind].purposes)
        assert narrowed == profile.kinds[kind]


@given(st.sampled_from(list(SHIPPED.values())), OVERLAYS)
def test_a_second_time_takes_nothing_more(profile: Profile, overlay: Overlay) -> None:
    try:
        once = under(profile, overlay)
    except ProfileError:
        return
    assert replace(under(once, overlay), name=once.name) == once


@given(st.sampled_from(list(SHIPPED.values())), OVERLAYS, OVERLAYS)
def test_two_overlays_leave_the_same_in_either_order(profile: Profile, one: Overlay, other: Overlay) -> None:
    """But for the law of a place, of which the last one counts."""
    one, other = (
        replace(each, settings={k: v for k, v in each.settings.items() if k not in FREE}) for each in (one, other)
    )
    try:
        forth, back = under(under(profile, one), other), under(under(profile, other), one)
    except ProfileError:
        return
    assert replace(forth, name="") == replace(back, name="")


@pytest.mark.parametrize("key", SETTINGS)
def test_of_two_values_the_order_is_one_and_the_same(key: str) -> None:
    """Stricter is symmetric, and who is stricter than the stricter is stricter than the laxer."""
    stricter = SETTINGS[key].stricter
    for a in VALUES[key]:
        assert stricter(a, a) == a
        for b in VALUES[key]:
            joined = stricter(a, b)
            assert joined is None or SETTINGS[key].admits(joined)
            if key not in FREE:
                assert joined == stricter(b, a)
            for c in VALUES[key] if key not in FREE else ():
                other = stricter(b, c)
                if joined is not None and other is not None:
                    assert stricter(joined, c) == stricter(a, other)


def test_the_stricter_state_law_overrides_a_permit_and_the_laxer_changes_nothing() -> None:
    """Domain rules 1.16."""
    county = parse_overlay(HEAD + '[role.judge]\nnever = ["enrolment.status"]\n[settings]\nbreach_clock = "72h"\n')
    judge = Role.JUDGE
    left = under(SHIPPED[US], county)
    finer = {e for e in Element if Element.ENROLMENT_STATUS in COVERS[e]}
    assert left.written[judge] == SHIPPED[US].written[judge] - finer and Element.ENROLMENT_DATES in finer
    assert left.written[Role.COURT_TEAM] == SHIPPED[US].written[Role.COURT_TEAM]
    assert (left.name, left.settings["breach_clock"]) == ("us-42cfr2@1+county@1", "72h")
    laxer = parse_overlay(HEAD + '[role.judge]\nonly = ["clinical.medication"]\n[settings]\nbreach_clock = "60d"\n')
    assert under(SHIPPED[EU], laxer).settings["breach_clock"] == "72h"
    assert under(SHIPPED[US], laxer).written[judge] == frozenset()


def test_a_setting_that_forbids_takes_the_kinds_and_elements_that_rest_on_it() -> None:
    never = parse_overlay(HEAD + '[settings]\nproceedings_use = "never"\njustice_consent_kind = "cjs_2_35"\n')
    left = under(SHIPPED[US], never)
    assert ConsentKind.PROCEEDING not in left.kinds and ConsentKind.COURT_ORDER not in left.kinds
    assert not any(rule.purposes & {Purpose.PROCEEDING, Purpose.DISPOSITION_PLANNING} for rule in left.kinds.values())
    assert not left.kinds[ConsentKind.NAMED_DISCLOSURE].roles & JUSTICE_ROLES
    notes = Element.RESTRICTED_COUNSELLING_NOTES
    on = {**SHIPPED[US].settings, "counselling_notes_to_justice": "separate_consent"}
    written = {**SHIPPED[US].written, Role.DEFENCE_COUNSEL: frozenset({notes})}
    off = parse_overlay(HEAD + '[settings]\ncounselling_notes_to_justice = "never"\n')
    assert under(replace(SHIPPED[US], settings=on, written=written), off).written[Role.DEFENCE_COUNSEL] == frozenset()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "overlay"),
        (HEAD.replace("law", "source"), "overlay.law"),
        (HEAD + "[allow]\n", "allow"),
        (HEAD + '[forbid]\nroles = ["judge"]\n', "forbid.roles"),
        (HEAD + '[forbid]\nkinds = ["blanket"]\n', "forbid.kinds"),
        (HEAD + '[forbid]\nelements = ["everything"]\n', "forbid.elements"),
        (HEAD + "[role.mayor]\nnever = []\n", "role.mayor"),
        (HEAD + '[role.judge]\nstandard = ["referral.decision"]\n', "role.judge.standard"),
        (HEAD + '[role.judge]\nnever = ["everything"]\n', "role.judge.never"),
        (HEAD + '[settings]\nbreach_clock = "1y"\n', "settings.breach_clock"),
        (HEAD + '[settings]\nmood = "mild"\n', "settings.mood"),
        (HEAD.replace('"county"', '"county+x"'), "overlay.id"),
    ],
)
def test_an_overlay_that_cannot_be_used_is_refused_by_its_key(text: str, key: str) -> None:
    """There is no key by which one could add anything."""
    with pytest.raises(ProfileError, match=f"^{key}"):
        parse_overlay(text)


def test_a_name_is_composed_from_its_parts_and_is_one_object() -> None:
    book = ProfileBook(SHIPPED.values(), [parse_overlay(MODEL), parse_overlay(HEAD)])
    name = f"{US}+county-model@1+county@1"
    assert book[name] is book[name] and book[name].name == name
    assert book[name].written[Role.POLICE_DIVERSION] == {Element.ENROLMENT_ENGAGED}
    assert book[US] is SHIPPED[US] and list(book) == list(SHIPPED) and len(book) == 3


@pytest.mark.parametrize(
    "name", ["", "+", "county@1", f"{US}+", f"+{US}", f"{US}+nowhere@1", "us@9+county@1", f"{US}+{EU}", f"{US}@1"]
)
def test_a_name_of_which_any_part_is_unknown_is_no_profile(name: str) -> None:
    book = ProfileBook(SHIPPED.values(), [parse_overlay(HEAD)])
    assert name not in book and book.get(name) is None


def test_parts_of_which_neither_is_stricter_are_no_profile() -> None:
    """The default deny: nobody can tell which of the two was meant."""
    book = ProfileBook(SHIPPED.values(), [parse_overlay(HEAD + '[settings]\nproceedings_use = "national_law"\n')])
    assert f"{US}+county@1" not in book and f"{EU}+county@1" in book
    assert book[f"{UNODC}+county@1"].settings["proceedings_use"] == "never"
