"""Rules about what an instrument stands on beside its own words: law, discloser, who signed, who asks.

Each takes the instrument and the facts, and names the section it comes from; ``None`` = nothing against it.
"""

from app.consent.ask import Facts
from app.consent.in_force import law
from app.consent.instrument import Instrument
from app.consent.profile_kinds import purpose_received
from app.consent.reason import Reason
from app.vocabulary import ConsentKind


def undisputed(instrument: Instrument, facts: Facts) -> Reason | None:
    """42 CFR 2.31(c)(4): not found false, not suspended while in doubt (domain rules 5.1)."""
    if instrument.entered_in_error:
        return Reason.ENTERED_IN_ERROR
    return Reason.SUSPENDED if instrument.suspended else None


def known_profile(instrument: Instrument, facts: Facts) -> Reason | None:
    """A profile that cannot be read permits nothing, neither the discloser's nor the recipient's (default deny)."""
    names = (instrument.profile, facts.today.get(instrument.discloser, ""), facts.recipient_profile)
    known = all(name in facts.profiles for name in (names if facts.recipient_profile else names[:2]))
    return None if known else Reason.PROFILE_UNKNOWN


def open_discloser(instrument: Instrument, facts: Facts) -> Reason | None:
    """42 CFR 2.19: what a programme that has closed still holds is disclosed no more."""
    return Reason.DISCLOSER_CLOSED if instrument.discloser in facts.closed else None


def assigned(_: Instrument, facts: Facts) -> Reason | None:
    """42 CFR 2.31(a)(4), 2.35(a)(1): where a unit assigned a case, who asks has to be assigned to it now."""
    return None if facts.assigned else Reason.NOT_ASSIGNED


def lawful(instrument: Instrument, facts: Facts) -> Reason | None:
    """GDPR 6, 9, recital 43; LED 8: where consent is not the legal ground, an agreement names the law that is."""
    if instrument.kind is not ConsentKind.AGREEMENT or instrument.lawful_basis:
        return None
    alone = all(profile.settings.get("consent_is_lawful_basis") == "yes" for profile in law(instrument, facts))
    return None if alone else Reason.LAWFUL_BASIS_MISSING


def represented(instrument: Instrument, facts: Facts) -> Reason | None:
    """42 CFR 2.14: what somebody signed for a minor covers nothing new from the 18th birthday on."""
    ends = instrument.represented_until
    return Reason.REPRESENTATION_ENDED if ends is not None and facts.at >= ends else None


def recipient_law(instrument: Instrument, facts: Facts) -> Reason | None:
    """Domain rules 2.5: a recipient that may not use it in a proceeding gets nothing for one, whatever was signed."""
    if not facts.recipient_profile:
        return None
    settings = facts.profiles[facts.recipient_profile].settings
    usable = purpose_received(instrument.kind, facts.ask.purpose, settings)
    return None if usable else Reason.PURPOSE_OUTSIDE_KIND
