"""What a revocation stops, as the patient is told: what no other consent or part of this one still lets flow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.consent.instrument import Grant
from app.consent.rules import coverage
from app.vocabulary import COVERS, Element, Purpose, Role


@dataclass(frozen=True, slots=True)
class Selection:
    """What the patient takes back; None is every consent, recipient, element or purpose."""

    consents: frozenset[str] | None = None
    recipients: frozenset[str] | None = None
    elements: frozenset[Element] | None = None
    purposes: frozenset[Purpose] | None = None

    def of(self, consent: str, given: Iterable[Grant]) -> list[Grant]:
        """The grants of a consent from which something is taken back."""
        if self.consents is not None and consent not in self.consents:
            return []
        return [
            grant
            for grant in given
            if (self.recipients is None or grant.unit in self.recipients)
            and (self.purposes is None or self.purposes & grant.purposes)
            and (self.elements is None or any(COVERS[e] & self.elements for e in grant.elements))
        ]

    def kept(self, grant: Grant) -> frozenset[Element]:
        """The named elements that are left of a grant from which something is taken back."""
        if self.elements is None:
            return frozenset()
        return frozenset(element for element in grant.elements if not COVERS[element] & self.elements)


@dataclass(frozen=True, slots=True)
class Flow:
    """What one consent in one case lets flow: ``now``, and ``then``, once what was taken back is in force.

    ``now`` and ``then`` are grants of one purpose each. ``pending``: a revocation of it waits (42 CFR 2.35(c)).
    """

    consent: str
    case: str | None
    now: tuple[Grant, ...]
    then: tuple[Grant, ...]
    pending: bool = False

    def beside(self, others: Sequence["Flow"]) -> list[Grant]:
        """What still flows in this case when what is taken from this consent has stopped."""
        found = list(self.then)
        for other in others:
            if other.consent != self.consent and other.case == self.case:
                found += other.now if other.pending and not self.pending else other.then
        return found


def after(consent: str, given: Sequence[Grant], chosen: Selection) -> tuple[Grant, ...]:
    """What is left of the grants of a consent, one purpose each, without what is taken back."""
    touched = chosen.of(consent, given)
    return tuple(
        Grant(grant.unit, grant.role, grant.purposes, elements, grant.person)
        for grant in given
        if (elements := chosen.kept(grant) if grant in touched else grant.elements)
    )


def stopped(taken: Iterable[Grant], chosen: Selection, beside: Sequence[Grant]) -> list[dict[str, Any]]:
    """What each recipient no longer gets: the elements taken back and the coarser steps that only they covered.

    ``taken`` is what flowed until now: what an earlier revocation took does not stop a second time. ``beside`` is what
    flows on, so that nothing of it is called stopped.
    """
    found: dict[tuple[str, Role, str | None, frozenset[Element]], set[Purpose]] = {}
    for grant in taken:
        for purpose in sorted(grant.purposes if chosen.purposes is None else grant.purposes & chosen.purposes):
            elements = coverage(grant.elements) - coverage(chosen.kept(grant)) - _still(grant, purpose, beside)
            if elements:
                found.setdefault((grant.unit, grant.role, grant.person, elements), set()).add(purpose)
    return [
        {
            "recipient": {"org_unit": unit, "role": role.value} | ({"person": person} if person is not None else {}),
            "purposes": sorted(purposes),
            "elements": sorted(elements),
        }
        for (unit, role, person, elements), purposes in found.items()
    ]


def _still(grant: Grant, purpose: Purpose, beside: Iterable[Grant]) -> frozenset[Element]:
    """What this very recipient goes on receiving for this purpose. A grant to one person is none to the unit."""
    same = (
        coverage(other.elements)
        for other in beside
        if (other.unit, other.role) == (grant.unit, grant.role)
        and purpose in other.purposes
        and other.person in (None, grant.person)
    )
    return frozenset[Element]().union(*same)
