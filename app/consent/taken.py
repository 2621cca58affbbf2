"""What revocations take from a grant. The decision and what the patient is told of it ask the same function."""

from collections.abc import Mapping

from app.consent.clocks import in_force_from
from app.consent.instrument import Grant, Instant, Instrument, Revocation
from app.vocabulary import COVERS, CaseEvent, Element, Purpose


def touches(revocation: Revocation, grant: Grant, purpose: Purpose) -> bool:
    """Whether a revocation is about this recipient and purpose."""
    about = revocation.unit in (None, grant.unit) and revocation.role in (None, grant.role)
    return about and (revocation.purposes is None or purpose in revocation.purposes)


def takes(revocation: Revocation, element: Element) -> bool:
    """Whether it takes a named element: what was taken back must not be derivable from a finer step that is left."""
    return revocation.elements is None or not COVERS[element].isdisjoint(revocation.elements)


def remaining(
    grant: Grant, purpose: Purpose, instrument: Instrument, events: Mapping[CaseEvent, Instant], at: Instant
) -> frozenset[Element]:
    """The named elements that the revocations in force at ``at`` leave of a grant for one purpose."""
    elements = grant.elements
    for revocation in instrument.revocations:
        if touches(revocation, grant, purpose) and at >= in_force_from(instrument, revocation, events):
            elements = frozenset(element for element in elements if not takes(revocation, element))
    return elements
