"""Four stories, one for each stage at which a justice unit can refer, each with its traps; Maria's goes through two."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from app.sandbox import story
from app.sandbox.stage import Stage
from app.sandbox.stories import deflection, parole, pretrial, treatment_court

STORIES: Final[Mapping[str, Callable[[Stage], Awaitable[list[str]]]]] = MappingProxyType(
    {
        "Maria, from the street to the court": story.play,
        "Brisa, before arrest": deflection.play,
        "Corin, before trial": pretrial.play,
        "Juniper, in the treatment court": treatment_court.play,
        "Reed, into custody and out on parole": parole.play,
    }
)
"""Title -> what plays it and gives the differences from what should be. Each on a stage of its own."""
