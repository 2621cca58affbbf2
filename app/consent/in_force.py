"""Which profiles an instrument is decided under: the most protective of all of them wins (domain rules 2.5)."""

from typing import Final

from app.consent.ask import Facts
from app.consent.instrument import Instrument
from app.consent.profile import Profile

BETWEEN: Final = " "
"""Between the names of profiles in a record."""


def law(instrument: Instrument, facts: Facts) -> tuple[Profile, ...]:
    """The discloser's law: the profile that it was signed under and today's; one, if they are the same."""
    signed, today = facts.profiles[instrument.profile], facts.profiles[facts.today[instrument.discloser]]
    return (signed,) if signed is today else (signed, today)


def limits(instrument: Instrument, facts: Facts) -> tuple[Profile, ...]:
    """The same and the recipient's own profile, which can only take away."""
    found = law(instrument, facts)
    if not facts.recipient_profile:
        return found
    own = facts.profiles[facts.recipient_profile]
    return found if any(own is each for each in found) else (*found, own)


def known_as(recorded: str) -> str:
    """The discloser's profile of the day, of what is recorded: its notice went with the disclosure."""
    return recorded.partition(BETWEEN)[0]


def considered(facts: Facts) -> list[str]:
    """Every profile that a decision looked at, for the record of one that may have released nothing."""
    found = {name for instrument in facts.instruments for name in names(instrument, facts).split(BETWEEN)}
    return sorted(found | {facts.recipient_profile} - {""})


def names(instrument: Instrument, facts: Facts) -> str:
    """What is recorded of a decision: today's profile, then every other that it was decided under, each once."""
    used = (facts.today.get(instrument.discloser, ""), instrument.profile, facts.recipient_profile)
    return BETWEEN.join(dict.fromkeys(name for name in used if name))
