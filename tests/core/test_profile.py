"""A profile that contradicts itself is refused, naming the key (domain rules 2.5, case 28)."""

import pytest

from app.consent.profile import ProfileError, parse_profile
from app.vocabulary import JUSTICE_ROLES, Element, Role
from tests.core.worlds import PROFILE_FILE, US

NEVER = 'counselling_notes_to_justice = "never"'
NOTES = Element.RESTRICTED_COUNSELLING_NOTES
TEXT = PROFILE_FILE.read_text(encoding="utf-8")
GRANTING = sorted(role for role in US.written if role in JUSTICE_ROLES)


def _with_notes(role: Role, where: str, setting: str = NEVER) -> str:
    """The profile with counselling notes in one list of one role, under this setting."""
    before, marker, after = TEXT.replace(NEVER, setting).partition(f"[role.{role.value}]")
    return before + marker + after.replace(f"{where} = [", f'{where} = ["{NOTES.value}", ', 1)


@pytest.mark.parametrize("where", ["standard", "if_named"])
@pytest.mark.parametrize("role", GRANTING)
def test_no_role_of_justice_is_written_counselling_notes(role: Role, where: str) -> None:
    """Defence counsel is of justice too; without the setting it is as if it said never."""
    for setting in (NEVER, ""):
        with pytest.raises(ProfileError, match=f"role.{role.value}"):
            parse_profile(_with_notes(role, where, setting))


@pytest.mark.parametrize("role", GRANTING)
def test_a_profile_that_is_switched_on_may_write_them(role: Role) -> None:
    on = NEVER.replace("never", "separate_consent")
    assert NOTES in parse_profile(_with_notes(role, "if_named", on)).if_named[role]


def test_those_who_treat_may_have_them_whatever_it_says() -> None:
    assert Role.DEFENCE_COUNSEL in GRANTING
    assert {role for role, elements in US.written.items() if NOTES in elements} == {
        Role.CLINICIAN,
        Role.CLINIC_STAFF,
        Role.PRISON_CLINICIAN,
    }


def test_no_other_setting_is_known() -> None:
    with pytest.raises(ProfileError, match="counselling_notes_to_justice"):
        parse_profile(TEXT.replace(NEVER, NEVER.replace("never", "sometimes")))
