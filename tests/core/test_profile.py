"""A profile is refused, naming the key, when it says too little, too much or contradicts itself (domain rules 2.5)."""

import re
from typing import Any

import pytest

from app.consent.profile import ProfileError, parse_profile, read_profile
from app.consent.profile_settings import SETTINGS
from app.vocabulary import JUSTICE_ROLES, Element, Role
from tests.core.shipped import EU, SHIPPED, TEXTS, UNODC, US, raw

NOTES = Element.RESTRICTED_COUNSELLING_NOTES
GRANTING = sorted(role for role in SHIPPED[US].written if role in JUSTICE_ROLES)
KIND_KEYS = ("section", "roles", "purposes", "binds_case", "needs_condition", "stands_alone", "revocation")
ROPA_KEYS = ("purpose", "categories", "recipients", "retention", "basis")


def _refused(changed: Any, key: str) -> None:
    """Refused, and the message begins with the key."""
    with pytest.raises(ProfileError, match="^" + re.escape(key) + r"(?![\w.])"):
        read_profile(changed)


def _of(changed: Any, key: str) -> tuple[Any, str]:
    """The table that holds a dotted key, and its last part."""
    *path, last = key.split(".")
    for part in path:
        changed = changed[part]
    return changed, last


def _without(name: str, key: str) -> Any:
    changed = raw(name)
    holder, last = _of(changed, key)
    del holder[last]
    return changed


def _with(name: str, key: str, value: object) -> Any:
    changed = raw(name)
    holder, last = _of(changed, key)
    holder[last] = value
    return changed


def test_three_profiles_are_shipped_and_each_is_named_as_its_file() -> None:
    assert {name: profile.name for name, profile in SHIPPED.items()} == {name: name for name in (EU, UNODC, US)}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_that_is_missing_is_named(name: str, key: str) -> None:
    _refused(_without(name, f"settings.{key}"), f"settings.{key}")


@pytest.mark.parametrize("value", ["sometimes!", "", 3, True, ["yes"]])
@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_of_another_value_is_named(key: str, value: object) -> None:
    _refused(_with(US, f"settings.{key}", value), f"settings.{key}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("accounting_days", "0"),
        ("accounting_days", "61"),
        ("accounting_days", "030"),
        ("accounting_years", "2"),
        ("accounting_days", "all"),
        ("tell_recipients_of", "correction correction"),
        ("tell_recipients_of", "correction  erasure"),
        ("log_retention", "0y"),
        ("notice_names_discloser", "yes"),
        ("existence_confirmation", "on_request"),
        ("public_error_mode", "plain"),
    ],
)
def test_a_value_outside_its_bounds_is_named(key: str, value: str) -> None:
    _refused(_with(US, f"settings.{key}", value), f"settings.{key}")


@pytest.mark.parametrize(
    "key",
    ["extra", "profile.extra", "settings.extra", "kind.tpo.extra", "role.judge.extra"],
)
def test_a_key_that_nobody_reads_is_named(key: str) -> None:
    """A misspelt key would otherwise be a rule that does nothing."""
    _refused(_with(US, key, "x"), key)


@pytest.mark.parametrize("key", ["profile", "settings", "kind", "role", "profile.id", "profile.version"])
def test_a_part_that_is_missing_is_named(key: str) -> None:
    _refused(_without(US, key), key)


@pytest.mark.parametrize("key", ["settings", "kind", "role", "kind.tpo", "role.judge", "profile"])
def test_a_part_that_is_no_table_is_named(key: str) -> None:
    _refused(_with(US, key, "x"), key)


def test_a_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ProfileError, match="no TOML"):
        parse_profile("[profile")


@pytest.mark.parametrize(
    ("key", "value"), [("id", "us+x"), ("id", "US"), ("id", ""), ("version", 0), ("version", True)]
)
def test_a_name_that_could_be_taken_for_another_is_refused(key: str, value: object) -> None:
    """A plus would read as an overlay."""
    _refused(_with(US, f"profile.{key}", value), f"profile.{key}")


@pytest.mark.parametrize("key", KIND_KEYS)
def test_a_key_of_a_kind_that_is_missing_is_named(key: str) -> None:
    _refused(_without(US, f"kind.named_disclosure.{key}"), f"kind.named_disclosure.{key}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("roles", ["nobody"]),
        ("roles", []),
        ("purposes", []),
        ("purposes", ["gossip"]),
        ("binds_case", "yes"),
        ("revocation", "never"),
        ("section", " "),
        ("elements", []),
        ("elements", ["clinical.everything"]),
        ("roles", ["judge", "judge"]),
        ("roles", "judge"),
    ],
)
def test_a_value_of_a_kind_that_cannot_be_used_is_named(key: str, value: object) -> None:
    _refused(_with(US, f"kind.named_disclosure.{key}", value), f"kind.named_disclosure.{key}")


def test_a_kind_or_role_or_element_that_is_no_code_is_named() -> None:
    _refused(_with(US, "kind.blanket", raw(US)["kind"]["tpo"]), "kind.blanket")
    _refused(_with(US, "role.mayor", raw(US)["role"]["judge"]), "role.mayor")
    _refused(_with(US, "role.judge.standard", ["clinical.everything"]), "role.judge.standard")


@pytest.mark.parametrize("key", ["standard", "if_named"])
def test_a_role_writes_both_its_lists_and_no_element_twice(key: str) -> None:
    _refused(_without(US, f"role.judge.{key}"), f"role.judge.{key}")
    _refused(_with(US, "role.judge.if_named", ["referral.decision"]), "role.judge.if_named")


@pytest.mark.parametrize("key", ["art9_condition", "gdpr_basis"])
@pytest.mark.parametrize("kind", SHIPPED[EU].kinds)
def test_where_consent_is_no_ground_each_kind_names_the_one_that_is(kind: str, key: str) -> None:
    """GDPR 6, 9: a rule without its condition is refused."""
    _refused(_without(EU, f"kind.{kind}.{key}"), f"kind.{kind}.{key}")
    _refused(_with(US, "settings.consent_is_lawful_basis", "no"), "kind.cjs_2_35.art9_condition")


@pytest.mark.parametrize(
    ("name", "key", "value", "named"),
    [
        (US, "settings.proceedings_use", "never", "kind.proceeding.purposes"),
        (US, "settings.proceedings_use", "national_law", "kind.proceeding.purposes"),
        (EU, "settings.proceedings_use", "never", "kind.court_order.purposes"),
        (US, "settings.disposition_planning_under", "never", "kind.proceeding.purposes"),
        (US, "kind.named_disclosure.purposes", ["disposition_planning"], "kind.named_disclosure.purposes"),
        (US, "settings.justice_consent_kind", "cjs_2_35", "kind.named_disclosure.roles"),
        (EU, "kind.tpo.roles", ["clinician", "judge"], "kind.tpo.roles"),
        (US, "settings.revocation", "any_time", "kind.cjs_2_35.revocation"),
    ],
)
def test_a_kind_is_never_laxer_than_the_setting_beside_it(name: str, key: str, value: object, named: str) -> None:
    _refused(_with(name, key, value), named)


@pytest.mark.parametrize("where", ["standard", "if_named"])
@pytest.mark.parametrize("role", GRANTING)
@pytest.mark.parametrize("name", TEXTS)
def test_no_role_of_justice_is_written_counselling_notes(name: str, role: Role, where: str) -> None:
    """Case 28: defence counsel is of justice too."""
    _refused(raw(name) | _only_notes(name, role, where), f"role.{role.value}")


def _only_notes(name: str, role: Role, where: str) -> dict[str, Any]:
    """Nothing but the notes is wrong with it."""
    changed = raw(name)
    changed["role"][role.value] = {"standard": [], "if_named": []} | {where: [NOTES.value]}
    return {"role": changed["role"]}


@pytest.mark.parametrize("role", GRANTING)
def test_a_profile_that_is_switched_on_may_write_them(role: Role) -> None:
    on = _with(US, "settings.counselling_notes_to_justice", "separate_consent")
    on["role"][role.value]["if_named"].append(NOTES.value)
    assert NOTES in read_profile(on).if_named[role]


@pytest.mark.parametrize("name", TEXTS)
def test_those_who_treat_may_have_them_whatever_it_says(name: str) -> None:
    assert Role.DEFENCE_COUNSEL in GRANTING
    assert {role for role, elements in SHIPPED[name].written.items() if NOTES in elements} == {
        Role.CLINICIAN,
        Role.CLINIC_STAFF,
        Role.PRISON_CLINICIAN,
    }


@pytest.mark.parametrize("key", ROPA_KEYS)
def test_a_row_of_the_record_of_processing_says_everything(key: str) -> None:
    lacking, empty = raw(EU), raw(EU)
    del lacking["ropa"][2][key]
    _refused(lacking, f"ropa[3].{key}")
    empty["ropa"][2][key] = [] if isinstance(empty["ropa"][2][key], list) else ""
    _refused(empty, f"ropa[3].{key}")


def test_a_row_names_only_categories_and_roles_that_there_are() -> None:
    for key, value in (("categories", ["gossip"]), ("recipients", ["mayor"]), ("purpose", "gossip")):
        changed = raw(EU)
        changed["ropa"][0][key] = value
        _refused(changed, f"ropa[1].{key}")
    _refused(_with(EU, "ropa", "x"), "ropa")


@pytest.mark.parametrize("number", range(8))
def test_where_an_assessment_is_required_every_purpose_and_role_has_a_row(number: int) -> None:
    """GDPR 30, 35: what a kind of consent allows is in the record of processing."""
    assert len(raw(EU)["ropa"]) == 8
    changed = raw(EU)
    purpose = changed["ropa"].pop(number)["purpose"]
    with pytest.raises(ProfileError, match=f"^ropa: no row for purpose {purpose} "):
        read_profile(changed)
    _refused(_without(EU, "ropa"), "ropa")
