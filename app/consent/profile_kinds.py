"""The kinds of consent of a profile: who may receive under each, for what, and what else each asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.consent.profile_reading import ProfileError, Table, code, codes, flag, table, text, texts
from app.vocabulary import JUSTICE_ROLES, ConsentKind, Element, Purpose, Role

ANY_TIME: Final = "any_time"
FROM_CLOCK: Final = "from_clock"
_NEVER: Final = "never"
PROCEEDINGS: Final = frozenset({Purpose.PROCEEDING, Purpose.DISPOSITION_PLANNING})
_WRITTEN: Final = ("section", "roles", "purposes", "binds_case", "needs_condition", "stands_alone", "revocation")
_OPTIONAL: Final = ("elements", "art9_condition", "gdpr_basis")


@dataclass(frozen=True, slots=True)
class KindRule:
    """One kind of consent: who may receive under it, for what, and what the form must name."""

    roles: frozenset[Role]
    """Nobody: a kind that is known and has no route."""
    purposes: frozenset[Purpose]
    binds_case: bool
    needs_condition: bool
    revocation: str
    """``any_time`` or ``from_clock`` (42 CFR 2.35(c))."""
    section: str
    stands_alone: bool = False
    """Whether it can be combined with no other purpose or information (42 CFR 2.31(b), (d))."""
    elements: frozenset[Element] | None = None
    """All that it can be about; None: whatever the profile writes for the role."""
    art9_condition: str = ""
    """Where consent is not the legal ground: the condition of GDPR Art 9(2) for health data."""
    gdpr_basis: tuple[str, ...] = ()
    """The same for Art 6(1)."""


def read_kinds(raw: object, settings: Mapping[str, str]) -> dict[ConsentKind, KindRule]:
    """All kinds of a profile, which have to agree with its settings.

    Raises:
        ProfileError: naming the key that is missing, unknown or wrong.
    """
    kinds = {
        code(ConsentKind, name, f"kind.{name}"): _kind(rule, f"kind.{name}")
        for name, rule in table(raw, "kind", optional=None).items()
    }
    for kind, rule in kinds.items():
        _agrees(kind, rule, settings)
    return kinds


def _kind(raw: object, where: str) -> KindRule:
    written = table(raw, where, _WRITTEN, _OPTIONAL)
    rule = KindRule(
        roles=codes(Role, written, "roles", where),
        purposes=codes(Purpose, written, "purposes", where),
        binds_case=flag(written, "binds_case", where),
        needs_condition=flag(written, "needs_condition", where),
        revocation=text(written, "revocation", where),
        section=text(written, "section", where),
        stands_alone=flag(written, "stands_alone", where),
        elements=codes(Element, written, "elements", where) if "elements" in written else None,
        art9_condition=text(written, "art9_condition", where) if "art9_condition" in written else "",
        gdpr_basis=texts(written, "gdpr_basis", where) if "gdpr_basis" in written else (),
    )
    _is_whole(rule, written, where)
    return rule


def _is_whole(rule: KindRule, written: Table, where: str) -> None:
    if rule.revocation not in (ANY_TIME, FROM_CLOCK):
        raise ProfileError(f"{where}.revocation: {ANY_TIME} or {FROM_CLOCK}")
    if bool(rule.roles) != bool(rule.purposes):
        raise ProfileError(f"{where}.{'purposes' if rule.roles else 'roles'}: empty, and the other is not")
    if "elements" in written and not rule.elements:
        raise ProfileError(f"{where}.elements: empty; leave the key out if there is no limit")


def _agrees(kind: ConsentKind, rule: KindRule, settings: Mapping[str, str]) -> None:
    """Domain rules 2.1, 2.2, 2.5: no table may be laxer than the setting beside it."""
    where = f"kind.{kind.value}"
    if settings["consent_is_lawful_basis"] == "no":
        for key, value in (("art9_condition", rule.art9_condition), ("gdpr_basis", rule.gdpr_basis)):
            if not value:
                raise ProfileError(f"{where}.{key}: missing, and settings.consent_is_lawful_basis is no")
    if rule.revocation == FROM_CLOCK and settings["revocation"] == ANY_TIME:
        raise ProfileError(f"{where}.revocation: settings.revocation is {ANY_TIME}")
    kept = within_settings(kind, rule, settings)
    if kept is None or kept.purposes != rule.purposes:
        raise ProfileError(f"{where}.purposes: settings.proceedings_use or disposition_planning_under forbids one")
    if kept.roles != rule.roles:
        raise ProfileError(f"{where}.roles: roles of justice, and settings.justice_consent_kind does not name the kind")


def within_settings(kind: ConsentKind, rule: KindRule, settings: Mapping[str, str]) -> KindRule | None:
    """What these settings leave of a kind: the same rule, a narrower one, or nothing of it."""
    purposes = frozenset(purpose for purpose in rule.purposes if purpose_allowed(kind, purpose, settings))
    roles = rule.roles
    if kind.value not in settings["justice_consent_kind"].split(" ") and not rule.purposes <= PROCEEDINGS:
        roles -= JUSTICE_ROLES
    if rule.roles and not (purposes and roles):
        return None
    return KindRule(
        roles,
        purposes,
        rule.binds_case,
        rule.needs_condition,
        rule.revocation,
        rule.section,
        rule.stands_alone,
        rule.elements,
        rule.art9_condition,
        rule.gdpr_basis,
    )


def purpose_allowed(kind: ConsentKind, purpose: Purpose, settings: Mapping[str, str]) -> bool:
    """Whether the settings leave a purpose to a kind (42 CFR 2.12(d), 2.31(d)); what they do not say is ``never``.

    Planning of a sentence is use in a proceeding unless the profile says otherwise (domain rules 8, 9).
    """
    proceedings = settings.get("proceedings_use", _NEVER)
    planning = settings.get("disposition_planning_under", _NEVER)
    if purpose is Purpose.PROCEEDING:
        return proceedings != _NEVER and (kind is ConsentKind.COURT_ORDER or proceedings != "national_law")
    if purpose is Purpose.DISPOSITION_PLANNING:
        return planning == "named_disclosure" or (
            planning == "proceeding" and proceedings != _NEVER and kind is ConsentKind.PROCEEDING
        )
    return True


def purpose_received(kind: ConsentKind, purpose: Purpose, settings: Mapping[str, str]) -> bool:
    """Whether a recipient under these settings may receive for this purpose what another's law lets leave.

    Which kinds there are is the discloser's law: that the recipient's courts proceed under national law forbids none.
    """
    if purpose is Purpose.PROCEEDING:
        return settings.get("proceedings_use", _NEVER) != _NEVER
    return purpose_allowed(kind, purpose, settings)
