"""A form half filled in, for a recipient and a purpose: what the profile offers, and what the clerk still writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.consent.creation.form import NO_FORM
from app.consent.creation.scope import ANY_TIME
from app.consent.creation.times import FROM_CLOCK
from app.consent.laws import PART_2, law_of
from app.consent.profile import KindRule, Profile
from app.vocabulary import JUSTICE_ROLES, PURPOSES_OF_ROLE, ConsentKind, Element, Purpose, Role

_TPO_STATEMENTS: Final = ("revocation", "hipaa_redisclosure", "tpo_redisclosure", "tpo_refusal")
_PATIENT: Final = ("/patient_id", True, "The patient, by the id of this clinic's own record.")
_NAME: Final = ("/subject/name_on_form", True, "The patient's name, with the surname as it is on record.")
_REFERRAL: Final = ("/referral_id", True, "The referral of the case, matched with this patient.")
_CONDITION: Final = (
    "/referral_id",
    True,
    "The referral of the case, matched with this patient, in which the court made treatment a condition. The recipient "
    "is the unit that imposed the condition or one that was named to supervise it.",
)
_BASIS: Final = (
    "/lawful_basis",
    True,
    "The legal ground beside the agreement: the paragraph of GDPR Article 6, and the national law.",
)
_EXPIRY: Final = ("/expiry", True, "The last day of the consent, or an event of the case and a latest day.")
_ENDLESS: Final = ("/expiry", True, 'The last day of the consent; or "none": until the patient takes it back.')
_OPENS: Final = (
    "/revocable_from",
    True,
    "From when the patient may take it back: a day no later than the decision of the case, or that event and a latest "
    "day.",
)
_RATIONALE: Final = ("/duration_rationale", True, "Why it lasts this long: length of treatment, kind of proceeding.")
_RECORDS: Final = (
    "/records_from",
    False,
    "The first day that may be spoken about; the week of the referral if it is left out.",
)
_STARTS: Final = ("/effective_from", False, "The day on which it begins; the moment of signing if it is left out.")


@dataclass(frozen=True, slots=True)
class Skeleton:
    """One kind of consent that fits a recipient's role and purpose.

    ``proposal`` is the body of POST /v1/consents as far as it is known; ``fill`` is what else it needs or may have:
    (pointer, whether it must be there, words for the form). ``if_named`` are elements that the patient may add.
    """

    kind: ConsentKind
    section: str
    role: Role
    proposal: dict[str, Any]
    if_named: tuple[Element, ...]
    fill: tuple[tuple[str, bool, str], ...]


def skeletons(profile: Profile, discloser: str, unit: str, roles: tuple[Role, ...], purpose: Purpose) -> list[Skeleton]:
    """Every kind of the profile that may carry this purpose to this unit in one of these roles."""
    return [
        Skeleton(
            kind,
            rule.section,
            role,
            {
                "kind": kind.value,
                "disclosers": [discloser],
                "recipients": [{"org_unit": unit, "role": role.value}],
                "purposes": [purpose.value],
                "elements": [element.value for element in Element if element in _offered(profile, rule, role)],
                "statements": dict.fromkeys(_statements(kind, rule, profile), True),
            },
            tuple(element for element in Element if rule.elements is None and element in profile.if_named[role]),
            tuple(_fill(kind, rule, role, profile)),
        )
        for role in roles
        for kind, rule in profile.kinds.items()
        if kind not in NO_FORM and role in rule.roles and _carries(kind, rule, role, purpose)
        if _offered(profile, rule, role)
    ]


def _offered(profile: Profile, rule: KindRule, role: Role) -> frozenset[Element]:
    """What stands on the form to begin with: the role's own list, or all that a kind of its own is about."""
    if rule.elements is None:
        return profile.standard.get(role, frozenset())
    return rule.elements & profile.written.get(role, frozenset())


def _carries(kind: ConsentKind, rule: KindRule, role: Role, purpose: Purpose) -> bool:
    """As the creation checks have it: for treatment, payment and operations one consent is for all three."""
    return purpose in rule.purposes and (kind is ConsentKind.TPO or purpose in PURPOSES_OF_ROLE[role])


def _statements(kind: ConsentKind, rule: KindRule, profile: Profile) -> tuple[str, ...]:
    if kind is ConsentKind.TPO and law_of(profile.name) == PART_2:
        return _TPO_STATEMENTS
    return ("revocation",) if rule.revocation == ANY_TIME else ()


def _fill(kind: ConsentKind, rule: KindRule, role: Role, profile: Profile) -> Iterator[tuple[str, bool, str]]:
    yield from (_PATIENT, _NAME)
    if kind is ConsentKind.AGREEMENT and profile.settings.get("consent_is_lawful_basis") != "yes":
        yield _BASIS
    if rule.needs_condition:
        yield _CONDITION
    elif role in JUSTICE_ROLES:
        yield _REFERRAL
    yield _ENDLESS if kind is ConsentKind.TPO else _EXPIRY
    if rule.revocation == FROM_CLOCK:
        yield _OPENS
    if rule.needs_condition:
        yield _RATIONALE
    yield from (_RECORDS, _STARTS)
