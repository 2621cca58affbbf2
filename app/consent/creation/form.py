"""The form with its codes read: what each check looks at, so that one unknown code hides no other flaw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from app.consent.creation.facts import CreationFacts, ReferralFacts
from app.consent.local_time import zone_of
from app.consent.profile import KindRule
from app.consent.proposal import Proposal, RecipientOnForm
from app.vocabulary import JUSTICE_ROLES, ConsentKind, Element, Purpose, Role

C = TypeVar("C", bound=StrEnum)
NO_FORM: Final = frozenset({ConsentKind.RESEARCH, ConsentKind.COURT_ORDER})
"""Kinds that nobody signs here: of one there is no route, the other is a court's (42 CFR 2.52, subpart E)."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient. ``purposes`` and ``elements`` are its own or the form's, by the pointer where each is written."""

    number: int
    pointer: str
    written: RecipientOnForm
    role: Role | None
    purposes: Mapping[str, Purpose]
    elements: Mapping[str, Element]


@dataclass(frozen=True, slots=True)
class Form:
    """A proposal, the world it meets and its codes read; None or absent is what could not be read."""

    proposal: Proposal
    world: CreationFacts
    kind: ConsentKind | None
    rule: KindRule | None
    zone: ZoneInfo
    purposes: Mapping[str, Purpose]
    elements: Mapping[str, Element]
    recipients: tuple[Recipient, ...]

    @property
    def caseless(self) -> bool:
        """Whether this kind is of no case; a kind that could not be read may be of one."""
        return self.rule is not None and not self.rule.binds_case

    @property
    def owes_case(self) -> bool:
        """Whether it must name the referral of a case: for a condition, and for any recipient of justice."""
        bound = self.rule is not None and self.rule.needs_condition
        return not self.caseless and (bound or any(recipient.role in JUSTICE_ROLES for recipient in self.recipients))

    @property
    def referral(self) -> ReferralFacts | None:
        """The referral, if the form names one and it is this patient's."""
        return self.world.referral if self.proposal.referral_id is not None else None

    @property
    def admitted(self) -> tuple[Recipient, ...]:
        """Recipients whose role the kind admits: any other is refused as a recipient and weighed no further."""
        return tuple(r for r in self.recipients if r.role is not None and admits(self.rule, r.role))


def admits(rule: KindRule | None, role: Role) -> bool:
    """Whether this kind of consent is for this role; a kind that could not be read refuses none."""
    return rule is None or role in rule.roles


def read_form(proposal: Proposal, world: CreationFacts) -> Form:
    """Read every code that can be read. An unknown zone falls back to the clinic's, so that dates are still weighed."""
    kind = code(ConsentKind, proposal.kind)
    purposes = codes(Purpose, proposal.purposes, "/purposes")
    elements = codes(Element, proposal.elements, "/elements")
    recipients = []
    for index, written in enumerate(proposal.recipients):
        at = f"/recipients/{index}"
        own_purposes = None if written.purposes is None else codes(Purpose, written.purposes, f"{at}/purposes")
        own_elements = None if written.elements is None else codes(Element, written.elements, f"{at}/elements")
        shown = (purposes if own_purposes is None else own_purposes, elements if own_elements is None else own_elements)
        recipients.append(Recipient(index + 1, at, written, code(Role, written.role), *shown))
    try:
        zone = zone_of(proposal.time_zone or world.time_zone)
    except ValueError:
        zone = zone_of(world.time_zone)
    rule = world.profile.kinds.get(kind) if kind is not None and kind not in NO_FORM else None
    return Form(proposal, world, kind, rule, zone, purposes, elements, tuple(recipients))


def code(known: type[C], written: str) -> C | None:
    """The code that is written, None if the list has no such code."""
    return next((each for each in known if each.value == written), None)


def codes(known: type[C], written: Iterable[str], pointer: str) -> dict[str, C]:
    """Pointer -> code, of those that the list has."""
    found = ((f"{pointer}/{index}", code(known, text)) for index, text in enumerate(written))
    return {where: each for where, each in found if each is not None}
