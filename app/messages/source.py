"""Where a referral came from, by the code lists of treatment statistics; optional, and the sender's own statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.errors import Flaw
from app.messages.envelope import STRICT
from app.vocabulary.sources import JUSTICE_IN_PSOURCE, SOURCES, SourceSystem


@dataclass(frozen=True)
class SourceCode:
    """A code with its system: ``{"system": "teds-detcrim", "code": "1"}``."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    system: SourceSystem
    code: str


def flaws_of_sources(sources: Sequence[SourceCode]) -> list[Flaw]:
    """Codes that their system has not, systems named twice, and a DETCRIM beside a PSOURCE that is not justice."""
    found = []
    for number, source in enumerate(sources):
        if source.code not in SOURCES[source.system]:
            detail = "The system has no such code; where the source is not known, leave it out."
            found.append(Flaw(f"/source/{number}/code", "source_code_unknown", detail))
    given = {source.system: source.code for source in sources}
    if len(given) < len(sources):
        found.append(Flaw("/source", "source_doubled", "Give one code a system."))
    psource = given.get(SourceSystem.TEDS_PSOURCE, JUSTICE_IN_PSOURCE)
    if SourceSystem.TEDS_DETCRIM in given and psource != JUSTICE_IN_PSOURCE:
        detail = "DETCRIM is coded only where PSOURCE is 7, court or criminal justice."
        found.append(Flaw("/source", "sources_disagree", detail))
    return found
