"""What a decision says: a permit or a refusal, with what was found about each patient."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.consent.ask import Ask, Facts
from app.consent.instrument import Instant, Instrument
from app.consent.reason import Reason
from app.vocabulary import Element


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one patient of one discloser: element -> its instrument, or the reason it fell."""

    patient: str
    discloser: str
    covered: Mapping[Element, Instrument]
    fell: Mapping[Element, Reason]
    choices: tuple[tuple[Instrument, frozenset[Element]], ...]
    """Every instrument with what it covers, in the order of the record, coarser steps of a ladder included: a window is
    given under the first of them that speaks about that window."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    facts: Facts
    valid_until: Instant
    findings: tuple[Finding, ...]

    @property
    def ask(self) -> Ask:
        """What was asked."""
        return self.facts.ask

    @property
    def at(self) -> Instant:
        """When, by the database's clock."""
        return self.facts.at


class Permit(_Verdict):
    """Something may leave. ``valid_until`` is the earliest instant at which time alone could change this."""

    __slots__ = ()


class Refusal(_Verdict):
    """Nothing may leave. A value, never raised: its record must not be rolled back."""

    __slots__ = ()
