"""Published cut-offs of the screening instruments (codes 1 and 10). Both ends of a band are inside it.

Sources: AUDIT, Babor 2001 (WHO/MSD/MSB/01.6a); DUDIT, Berman 2003; DAST-10, NIDA common data element 3254089;
ASSIST 3.1 by three secondary copies that agree, alcohol by one. Scores only: no item text is shipped.
"""

from types import MappingProxyType
from typing import Final, NamedTuple

from app.vocabulary.clinical import Instrument


class Band(NamedTuple):
    """A band and the lowest and highest total score in it; no code where none may be derived."""

    code: str
    low: int
    high: int


def _bands(*bands: tuple[str, int, int]) -> tuple[Band, ...]:
    return tuple(Band(*band) for band in bands)


_OTHER: Final = _bands(("low", 0, 3), ("moderate", 4, 26), ("high", 27, 39))
ASSIST: Final = MappingProxyType(
    dict.fromkeys(("cannabis", "cocaine", "ats", "inhalants", "sedatives", "hallucinogens", "opioids", "other"), _OTHER)
    | {
        "alcohol": _bands(("low", 0, 10), ("moderate", 11, 26), ("high", 27, 39)),
        # Question 5 is not asked of tobacco: the most is 31.
        "tobacco": _bands(("low", 0, 3), ("moderate", 4, 26), ("high", 27, 31)),
    }
)
"""Substance -> bands of its substance involvement score."""

BANDS: Final = MappingProxyType(
    {
        Instrument.AUDIT: _bands(("zone_1", 0, 7), ("zone_2", 8, 15), ("zone_3", 16, 19), ("zone_4", 20, 40)),
        Instrument.DAST10: _bands(
            ("none", 0, 0), ("low", 1, 2), ("moderate", 3, 5), ("substantial", 6, 8), ("severe", 9, 10)
        ),
        # Sex-neutral: 2 to 5 is positive for women only. A band there would need, and so tell, the person's sex.
        Instrument.DUDIT: _bands(("negative", 0, 1), ("", 2, 5), ("positive", 6, 24), ("likely_dependence", 25, 44)),
    }
)
"""Instrument with one total score -> its bands."""


def bands_of(instrument: Instrument, substance: str | None) -> tuple[Band, ...]:
    """The bands of a score; none for an instrument with a substance it has not, or without the one it needs."""
    if instrument is Instrument.ASSIST:
        return ASSIST.get(substance or "", ())
    return BANDS[instrument] if substance is None else ()
