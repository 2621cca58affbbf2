"""The sentence of each reason, one for each language of the consent form."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.consent.reason import Reason
from app.consent.said.english import ENGLISH, ENGLISH_FRAMES
from app.consent.said.spanish import SPANISH, SPANISH_FRAMES

Said = Mapping[Reason, str]
SAID: Final[Mapping[str, Said]] = MappingProxyType({"en": ENGLISH, "es": SPANISH})
FRAMES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"en": ENGLISH_FRAMES, "es": SPANISH_FRAMES})
"""Language -> what stands around a reason. ``{what}`` is an element or an instrument, ``{why}`` the reason."""


def because(language: str, frame: str, what: str = "", reason: Reason | None = None) -> str:
    """A whole sentence.

    Raises:
        KeyError: a language or frame that there is not.
    """
    said = FRAMES[language][frame].format(what=what, why=SAID[language][reason] if reason is not None else "")
    return said[:1].upper() + said[1:]
