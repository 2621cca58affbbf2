"""What a verdict of the core comes to: what would leave, under which instrument, and why the rest does not."""

from collections.abc import Iterable, Iterator

from app.consent.instrument import Instrument
from app.consent.slots import every_slot
from app.consent.verdict import Finding, Permit, Refusal
from app.vocabulary import Element


def leaving(verdict: Permit | Refusal, stated: frozenset[str]) -> dict[str, set[str]]:
    """Instrument -> elements that leave under it and have a value to leave with."""
    left: dict[str, set[str]] = {}
    for element, instrument in _told(verdict):
        if element in stated:
            left.setdefault(instrument.id, set()).add(str(element))
    return left


def _told(verdict: Permit | Refusal) -> Iterator[tuple[Element, Instrument]]:
    """What each item to be would hold; of an ask that is of no case, what was found about each patient."""
    if verdict.ask.case is None or isinstance(verdict, Refusal):
        for finding in verdict.findings:
            yield from finding.covered.items()
        return
    for slot in every_slot(verdict):
        yield from slot.elements.items()


def reasons_of(findings: Iterable[Finding]) -> set[str]:
    """Why elements fell, over all that was found."""
    return {str(reason) for finding in findings for reason in finding.fell.values()} or {"no_instrument"}
