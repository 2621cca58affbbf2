"""A policy profile: TOML that a lawyer reads, parsed. What is not written is never released."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.consent.profile_kinds import KindRule, read_kinds
from app.consent.profile_reading import ProfileError, Table, code, codes, named, table
from app.consent.profile_ropa import Processing, read_ropa
from app.consent.profile_settings import read_settings
from app.vocabulary import JUSTICE_ROLES, ConsentKind, Element, Role

__all__ = ["KindRule", "Processing", "Profile", "ProfileError", "notes_never", "parse_profile", "read_profile"]

_NOTES_KEY: Final = "counselling_notes_to_justice"
_NEVER: Final = "never"


@dataclass(frozen=True, slots=True)
class Profile:
    """One jurisdiction's rules at one version; ``name`` is ``id@version``, then ``+id@version`` of each overlay."""

    name: str
    standard: Mapping[Role, frozenset[Element]]
    if_named: Mapping[Role, frozenset[Element]]
    written: Mapping[Role, frozenset[Element]]
    """Role -> elements that may ever leave to it: both lists. The decision knows only written or not."""
    kinds: Mapping[ConsentKind, KindRule]
    settings: Mapping[str, str]
    notice: str = ""
    """Exact text that goes with every disclosure under this profile."""
    ropa: tuple[Processing, ...] = ()
    """The record of processing (GDPR 30), where the jurisdiction asks for one."""


def parse_profile(text: str, notice: str = "") -> Profile:
    """Read a profile from its TOML text and the text of its notice.

    Raises:
        ProfileError: naming the key that is missing, unknown or wrong.
    """
    return read_profile(parse(text), notice)


def read_profile(raw: Table, notice: str = "") -> Profile:
    """The same from the table that the text is.

    Raises:
        ProfileError: naming the key that is missing, unknown or wrong.
    """
    table(raw, "", ("profile", "settings", "kind", "role"), ("ropa",))
    _, name = named(raw["profile"], "profile")
    settings = read_settings(raw["settings"])
    kinds = read_kinds(raw["kind"], settings)
    standard, if_named = _roles(table(raw["role"], "role", optional=None))
    written = {role: standard[role] | if_named[role] for role in standard}
    _notes_agree(settings, written)
    ropa = read_ropa(raw.get("ropa", []), kinds, owed=settings["dpia"] == "required")
    return Profile(name, standard, if_named, written, kinds, settings, notice, ropa)


def parse(text: str) -> Table:
    """TOML, read.

    Raises:
        ProfileError: it is none.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"no TOML: {error}") from error


def notes_never(settings: Mapping[str, str]) -> bool:
    """Domain rules 2.5, case 28: counselling notes to a role of justice, unless the profile is switched on for them."""
    return settings.get(_NOTES_KEY, _NEVER) == _NEVER


def _roles(raw: Table) -> tuple[dict[Role, frozenset[Element]], dict[Role, frozenset[Element]]]:
    standard: dict[Role, frozenset[Element]] = {}
    if_named: dict[Role, frozenset[Element]] = {}
    for name, lists in raw.items():
        where = f"role.{name}"
        role, lists = code(Role, name, where), table(lists, where, ("standard", "if_named"))
        standard[role] = codes(Element, lists, "standard", where)
        if_named[role] = codes(Element, lists, "if_named", where)
        for element in sorted(standard[role] & if_named[role]):
            raise ProfileError(f"{where}.if_named: {element.value} is standard as well")
    return standard, if_named


def _notes_agree(settings: Mapping[str, str], written: Mapping[Role, frozenset[Element]]) -> None:
    """Domain rules 2.5, case 28: no counselling notes to justice, defence counsel included, unless switched on."""
    for role in sorted(JUSTICE_ROLES & written.keys()):
        if notes_never(settings) and Element.RESTRICTED_COUNSELLING_NOTES in written[role]:
            raise ProfileError(f"role.{role.value}: counselling notes, which settings.{_NOTES_KEY} forbids")
