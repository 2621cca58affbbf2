"""Real instruments: every published cut-off at both of its sides, written out here a second time from its source."""

import pytest

from app.messages.screening import AsiArea, AsiRating, Screening, band, flaws_of_asi, flaws_of_screening
from app.vocabulary.clinical import AsiDomain, Instrument
from app.vocabulary.instruments import ASSIST

AUDIT, DUDIT, DAST, WHO = Instrument.AUDIT, Instrument.DUDIT, Instrument.DAST10, Instrument.ASSIST
Edges = list[tuple[int, str | None]]
OUT = None


def held(instrument: Instrument, substance: str | None, edges: Edges) -> None:
    """Each score has its band; an impossible one has none and is a flaw."""
    for score, code in edges:
        screening = Screening(instrument, score, substance)
        assert band(screening) == code, (instrument, substance, score)
        assert bool(flaws_of_screening([screening])) == (code is None)


def test_audit() -> None:
    """Babor et al., AUDIT, second edition (WHO/MSD/MSB/01.6a, 2001): zones I 0-7, II 8-15, III 16-19, IV 20-40."""
    low: Edges = [(-1, OUT), (0, "zone_1"), (7, "zone_1"), (8, "zone_2"), (15, "zone_2")]
    high: Edges = [(16, "zone_3"), (19, "zone_3"), (20, "zone_4"), (40, "zone_4"), (41, OUT)]
    held(AUDIT, None, low + high)


def test_dast_10() -> None:
    """Skinner 1982, DAST-10; NIDA common data element 3254089: 0; 1-2; 3-5; 6-8; 9-10."""
    low: Edges = [(-1, OUT), (0, "none"), (1, "low"), (2, "low"), (3, "moderate"), (5, "moderate")]
    high: Edges = [(6, "substantial"), (8, "substantial"), (9, "severe"), (10, "severe"), (11, OUT)]
    held(DAST, None, low + high)


def test_dudit() -> None:
    """Berman et al. 2003: men 6 and more, women 2 and more, 25 likely dependence, most 44. From 2 to 5 a band would
    tell the person's sex, so there is none."""
    low: Edges = [(-1, OUT), (0, "negative"), (1, "negative"), (2, ""), (5, "")]
    high: Edges = [(6, "positive"), (24, "positive"), (25, "likely_dependence"), (44, "likely_dependence"), (45, OUT)]
    held(DUDIT, None, low + high)


@pytest.mark.parametrize("substance", sorted(set(ASSIST) - {"alcohol"}))
def test_assist(substance: str) -> None:
    """WHO ASSIST 3.1 (secondary copies: Saitz 2013, appendix A): 0-3, 4-26, 27-39; tobacco ends at 31, as question 5
    is not asked of it."""
    most = 31 if substance == "tobacco" else 39
    low: Edges = [(-1, OUT), (0, "low"), (3, "low"), (4, "moderate"), (26, "moderate")]
    held(WHO, substance, [*low, (27, "high"), (most, "high"), (most + 1, OUT)])


def test_assist_of_alcohol() -> None:
    """WHO ASSIST 3.1, alcohol (one secondary copy): 0-10, 11-26, 27-39."""
    low: Edges = [(-1, OUT), (0, "low"), (10, "low"), (11, "moderate"), (26, "moderate")]
    held(WHO, "alcohol", [*low, (27, "high"), (39, "high"), (40, OUT)])


def test_the_substances_of_assist_are_ten() -> None:
    """WHO ASSIST 3.1 asks of ten; a score of any other, or of none, is no score."""
    assert len(ASSIST) == 10
    for substance in (None, "glue"):
        assert [flaw.code for flaw in flaws_of_screening([Screening(WHO, 5, substance)])] == ["substance_unknown"]
    assert [flaw.code for flaw in flaws_of_screening([Screening(AUDIT, 5, "alcohol")])] == ["substance_unknown"]


@pytest.mark.parametrize(
    ("rating", "sound"),
    [
        (AsiRating(0.0), True),
        (AsiRating(1.0), True),
        (AsiRating(None, 0), True),
        (AsiRating(None, 9), True),
        (AsiRating(), False),
        (AsiRating(1.01), False),
        (AsiRating(-0.01), False),
        (AsiRating(0.5, 10), False),
        (AsiRating(0.5, -1), False),
    ],
)
def test_ratings_of_the_addiction_severity_index(rating: AsiRating, sound: bool) -> None:
    """ASI-5: composite scores from 0 to 1, severity ratings from 0 to 9, in any of its areas."""
    for domain in AsiDomain:
        found = flaws_of_asi([AsiArea(domain, rating)], None)
        assert [flaw.pointer for flaw in found] == ([] if sound else ["/asi/0/rating"])
    assert bool(flaws_of_asi([], rating)) is not sound


def test_an_area_of_the_index_is_given_once() -> None:
    area = AsiArea(AsiDomain.DRUG, AsiRating(0.5))
    assert [flaw.code for flaw in flaws_of_asi([area, area], None)] == ["asi_domain_doubled"]
