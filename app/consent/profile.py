"""A policy profile: TOML that a lawyer reads, parsed. What is not written is never released."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from app.vocabulary import JUSTICE_ROLES, ConsentKind, Element, Purpose, Role

_Code = TypeVar("_Code", bound=StrEnum)
_NOTES_KEY: Final = "counselling_notes_to_justice"
_NEVER: Final = "never"
_SWITCHED_ON: Final = "separate_consent"


class ProfileError(ValueError):
    """A profile that cannot be used; the message names the key."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """One kind of consent: who may receive under it, for what, and what the form must name."""

    roles: frozenset[Role]
    purposes: frozenset[Purpose]
    binds_case: bool
    needs_condition: bool
    revocation: str
    """``any_time`` or ``from_clock`` (42 CFR 2.35(c))."""
    section: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One jurisdiction's rules at one version; ``name`` is ``id@version``."""

    name: str
    standard: Mapping[Role, frozenset[Element]]
    if_named: Mapping[Role, frozenset[Element]]
    written: Mapping[Role, frozenset[Element]]
    """Role -> elements that may ever leave to it: both lists. The decision knows only written or not."""
    kinds: Mapping[ConsentKind, KindRule]
    settings: Mapping[str, str]
    notice: str = ""
    """Exact text that goes with every disclosure under this profile."""


def parse_profile(text: str, notice: str = "") -> Profile:
    """Read a profile from its TOML text and the text of its notice.

    Raises:
        ProfileError: naming the key that is missing, unknown or wrong.
    """
    raw = tomllib.loads(text)
    try:
        name = f"{raw['profile']['id']}@{raw['profile']['version']}"
        settings = {key: str(value) for key, value in raw["settings"].items()}
    except KeyError as error:
        raise ProfileError(f"missing key {error}") from error
    standard: dict[Role, frozenset[Element]] = {}
    if_named: dict[Role, frozenset[Element]] = {}
    for role_name, lists in raw.get("role", {}).items():
        role = _code(Role, role_name, f"role.{role_name}")
        standard[role] = _elements(lists.get("standard", []), f"role.{role_name}.standard")
        if_named[role] = _elements(lists.get("if_named", []), f"role.{role_name}.if_named")
    kinds = {
        _code(ConsentKind, kind, f"kind.{kind}"): _kind_rule(kind, rule) for kind, rule in raw.get("kind", {}).items()
    }
    written = {role: standard[role] | if_named[role] for role in standard}
    _notes_agree(settings, written)
    return Profile(name, standard, if_named, written, kinds, settings, notice)


def _notes_agree(settings: Mapping[str, str], written: Mapping[Role, frozenset[Element]]) -> None:
    """Domain rules 2.5, case 28: no counselling notes to justice, defence counsel included, unless switched on."""
    switch = settings.get(_NOTES_KEY, _NEVER)
    if switch not in (_NEVER, _SWITCHED_ON):
        raise ProfileError(f"settings.{_NOTES_KEY}: {_NEVER} or {_SWITCHED_ON}")
    for role in sorted(JUSTICE_ROLES & written.keys()):
        if switch == _NEVER and Element.RESTRICTED_COUNSELLING_NOTES in written[role]:
            raise ProfileError(f"role.{role.value}: counselling notes, which settings.{_NOTES_KEY} forbids")


def _kind_rule(kind: str, rule: dict[str, Any]) -> KindRule:
    try:
        return KindRule(
            roles=frozenset(_code(Role, role, f"kind.{kind}.roles") for role in rule["roles"]),
            purposes=frozenset(_code(Purpose, item, f"kind.{kind}.purposes") for item in rule["purposes"]),
            binds_case=bool(rule["binds_case"]),
            needs_condition=bool(rule["needs_condition"]),
            revocation=str(rule["revocation"]),
            section=str(rule["section"]),
        )
    except KeyError as error:
        raise ProfileError(f"kind.{kind}: missing key {error}") from error


def _elements(names: list[str], where: str) -> frozenset[Element]:
    return frozenset(_code(Element, name, where) for name in names)


def _code(codes: type[_Code], value: str, where: str) -> _Code:
    try:
        return codes(value)
    except ValueError as error:
        raise ProfileError(f"{where}: unknown code {value!r}") from error
