"""Screening scores and their bands, and the Addiction Severity Index (codes 1 and 10). Item answers are not taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from app.errors import Flaw
from app.messages.envelope import STRICT
from app.vocabulary.clinical import AsiDomain, Instrument
from app.vocabulary.instruments import ASSIST, bands_of

HIGHEST_SEVERITY: Final = 9


@dataclass(frozen=True)
class Screening:
    """A total score; ``substance`` is the WHO ASSIST substance (alcohol, tobacco or any other), else absent."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    instrument: Instrument
    score: int
    substance: str | None = None


@dataclass(frozen=True)
class AsiRating:
    """One area of the ASI-5: its composite score (0 to 1), the interviewer's severity rating (0 to 9), or both."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    composite: float | None = None
    severity: int | None = None


@dataclass(frozen=True)
class AsiArea:
    """An area by name and its rating. The legal area can incriminate the person: it is a member of its own."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    domain: AsiDomain
    rating: AsiRating


def band(screening: Screening) -> str | None:
    """The published band of a score: '' where none may be derived, None where the score is impossible."""
    bands = bands_of(screening.instrument, screening.substance)
    return next((code for code, low, high in bands if low <= screening.score <= high), None)


def bands_shown(screenings: Sequence[Screening]) -> list[dict[str, Any]]:
    """The bands that may be told, without the scores they come from."""
    return [_named(one) | {"band": band(one)} for one in screenings if band(one)]


def detail_shown(screenings: Sequence[Screening], asi: Sequence[AsiArea]) -> list[dict[str, Any]]:
    """Scores, and areas of the ASI, which has no band."""
    scores = [_named(one) | {"score": one.score} for one in screenings]
    return scores + [{"instrument": "asi", "domain": area.domain.value} | rating_shown(area.rating) for area in asi]


def rating_shown(rating: AsiRating) -> dict[str, Any]:
    """What was given of a rating."""
    parts = {"composite": rating.composite, "severity": rating.severity}
    return {name: part for name, part in parts.items() if part is not None}


def _named(screening: Screening) -> dict[str, Any]:
    named: dict[str, Any] = {"instrument": screening.instrument.value}
    return named if screening.substance is None else named | {"substance": screening.substance}


def flaws_of_screening(screenings: Sequence[Screening]) -> list[Flaw]:
    """Scores that the instrument cannot give; they are refused, never moved to the nearest that it can."""
    found = []
    for number, screening in enumerate(screenings):
        if (screening.instrument is Instrument.ASSIST) != (screening.substance in ASSIST):
            pointer = f"/screening/{number}/substance"
            found.append(Flaw(pointer, "substance_unknown", "ASSIST scores name a substance of the list; others none."))
        elif band(screening) is None:
            pointer = f"/screening/{number}/score"
            found.append(Flaw(pointer, "score_out_of_range", "The instrument cannot give this score."))
    return found


def flaws_of_asi(asi: Sequence[AsiArea], legal: AsiRating | None) -> list[Flaw]:
    """Areas given twice, and ratings that the index cannot give."""
    found = []
    if len({area.domain for area in asi}) < len(asi):
        found.append(Flaw("/asi", "asi_domain_doubled", "Each area of the index is given once."))
    rated = [(f"/asi/{number}/rating", area.rating) for number, area in enumerate(asi)]
    for pointer, rating in [*rated, *([("/asi_legal", legal)] if legal is not None else [])]:
        composite, severity = rating.composite, rating.severity
        given = composite is not None or severity is not None
        fits = 0 <= (composite or 0) <= 1 and 0 <= (severity or 0) <= HIGHEST_SEVERITY
        if not (given and fits):
            detail = "Give a composite score from 0 to 1, a severity rating from 0 to 9, or both."
            found.append(Flaw(pointer, "asi_rating_unusable", detail))
    return found
