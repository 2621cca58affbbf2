"""An overlay: the law of a state, county or court that stands over a profile. It can only take away.

Nothing in one adds: roles lose elements, kinds are forbidden, and of two values of a setting the stricter stands. A law
that is laxer changes nothing (42 CFR 2.20; domain rules 1.16).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.consent.profile import Profile, notes_never, parse
from app.consent.profile_kinds import within_settings
from app.consent.profile_reading import ProfileError, Table, code, codes, named, table, text
from app.consent.profile_settings import SETTINGS, admitted
from app.vocabulary import COVERS, JUSTICE_ROLES, ConsentKind, Element, Role

OVER: Final = "+"
"""Between the name of a profile and those of its overlays."""
_ALL: Final = frozenset(Element)


@dataclass(frozen=True, slots=True)
class Overlay:
    """What one law takes away; ``name`` is ``id@version``, ``law`` where it is written."""

    name: str
    law: str
    kinds: frozenset[ConsentKind]
    never: Mapping[Role, frozenset[Element]]
    only: Mapping[Role, frozenset[Element]]
    """Role -> all that may be left to it; a role that is not here keeps what it has."""
    settings: Mapping[str, str]


def parse_overlay(text_: str) -> Overlay:
    """Read an overlay from its TOML text.

    Raises:
        ProfileError: naming the key that is missing, unknown or wrong.
    """
    raw = table(parse(text_), "", ("overlay",), ("forbid", "role", "settings"))
    head, name = named(raw["overlay"], "overlay", "law")
    forbid = table(raw.get("forbid", {}), "forbid", (), ("kinds", "elements"))
    everywhere = codes(Element, forbid, "elements", "forbid") if "elements" in forbid else frozenset()
    roles = table(raw.get("role", {}), "role", optional=None)
    lists = {code(Role, role, f"role.{role}"): _lists(found, f"role.{role}") for role, found in roles.items()}
    settings = table(raw.get("settings", {}), "settings", (), SETTINGS)
    return Overlay(
        name,
        text(head, "law", "overlay"),
        codes(ConsentKind, forbid, "kinds", "forbid") if "kinds" in forbid else frozenset(),
        {role: _and_finer(everywhere | lists[role][0] if role in lists else everywhere) for role in Role},
        {role: only for role, (_, only) in lists.items()},
        {key: admitted(key, value) for key, value in settings.items()},
    )


def _and_finer(elements: frozenset[Element]) -> frozenset[Element]:
    """What is forbidden must not be derivable from a finer step either."""
    return frozenset(element for element in Element if not COVERS[element].isdisjoint(elements))


def _lists(raw: object, where: str) -> tuple[frozenset[Element], frozenset[Element]]:
    found: Table = table(raw, where, (), ("never", "only"))
    never = codes(Element, found, "never", where) if "never" in found else frozenset()
    return never, codes(Element, found, "only", where) if "only" in found else _ALL


def under(profile: Profile, overlay: Overlay) -> Profile:
    """The profile as far as the overlay leaves it, under both names.

    Raises:
        ProfileError: naming the setting of which neither value is the stricter.
    """
    settings = {**profile.settings, **{key: _stricter(profile, key, value) for key, value in overlay.settings.items()}}
    kinds = {kind: within_settings(kind, rule, settings) for kind, rule in profile.kinds.items()}
    return Profile(
        f"{profile.name}{OVER}{overlay.name}",
        _left(profile.standard, settings, overlay),
        _left(profile.if_named, settings, overlay),
        _left(profile.written, settings, overlay),
        {kind: rule for kind, rule in kinds.items() if rule is not None and kind not in overlay.kinds},
        settings,
        profile.notice,
        profile.ropa,
    )


def _stricter(profile: Profile, key: str, value: str) -> str:
    stricter = SETTINGS[key].stricter(profile.settings[key], value)
    if stricter is None:
        raise ProfileError(f"settings.{key}: {value} is neither stricter nor laxer than {profile.settings[key]}")
    return stricter


def _left(
    lists: Mapping[Role, frozenset[Element]], settings: Mapping[str, str], overlay: Overlay
) -> dict[Role, frozenset[Element]]:
    """What each role keeps; notes that the stricter setting forbids are not written for a role of justice either."""
    notes = frozenset({Element.RESTRICTED_COUNSELLING_NOTES} if notes_never(settings) else ())
    return {
        role: (elements & overlay.only.get(role, _ALL))
        - overlay.never[role]
        - (notes if role in JUSTICE_ROLES else set())
        for role, elements in lists.items()
    }
