"""By when a patient's request has to be answered by the profile of the discloser, and by when to tell of a breach.

A month of the GDPR is never shorter than the days that its profile writes. Where a section fixes fewer days than the
profile's accounting does, those count.
"""

from enum import StrEnum
from typing import Final

from app.consent.profile import Profile
from app.vocabulary.calendar import DAY_US

_HOUR_US: Final = DAY_US // 24


class RequestKind(StrEnum):
    """What a patient may ask for."""

    ACCESS = "access"
    """42 CFR 2.23; 45 CFR 164.524; GDPR 15."""
    ACCOUNTING = "accounting"
    """42 CFR 2.25; 45 CFR 164.528."""
    RESTRICTION = "restriction"
    """42 CFR 2.26; 45 CFR 164.522(a); GDPR 18."""
    RECTIFICATION = "rectification"
    """45 CFR 164.526; GDPR 16."""
    ERASURE = "erasure"
    """GDPR 17."""
    PORTABILITY = "portability"
    """GDPR 20."""
    INTERMEDIARY_LIST = "intermediary_list"
    """42 CFR 2.24."""


_AS_LONG: Final = frozenset({RequestKind.ACCOUNTING, RequestKind.RECTIFICATION})
"""Kinds for which HIPAA gives 60 days (45 CFR 164.526(b)(2), 164.528(c)(1)); 30 for every other."""

_MOST_DAYS: Final = 30
_NO_MORE: Final = frozenset({RequestKind.INTERMEDIARY_LIST})
"""42 CFR 2.24(b) knows no extension."""


def due(profile: Profile, kind: RequestKind, received_at: int) -> int:
    """The instant (microseconds) by which a request that was received then has to be answered."""
    days = int(profile.settings["accounting_days"])
    return received_at + (days if kind in _AS_LONG else min(days, _MOST_DAYS)) * DAY_US


def extension(profile: Profile, kind: RequestKind) -> int:
    """How much longer (microseconds) it may take, once and with written reasons; 0 where there is no more."""
    return 0 if kind in _NO_MORE else int(profile.settings["accounting_extension_days"]) * DAY_US


def notify_by(profile: Profile, discovered_at: int) -> int:
    """The instant by which to notify of a breach: the clock of 45 CFR 164.404(b) or GDPR 33(1), LED 30(1)."""
    clock = profile.settings["breach_clock"]
    unit = DAY_US if clock.endswith("d") else _HOUR_US
    return discovered_at + int(clock[:-1]) * unit
