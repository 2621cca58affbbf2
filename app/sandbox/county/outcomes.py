"""How courses go: a hundred of them in fixed shares, so that any hundred people in a row have these very shares."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Outcome(StrEnum):
    """What becomes of a referral."""

    COMPLETED = "completed"
    RELAPSE_COMPLETED = "relapse_completed"
    RETURNED_COMPLETED = "returned_completed"
    RELAPSE_ACTIVE = "relapse_active"
    TRANSFER_COMPLETED = "transfer_completed"
    TRANSFER_ACTIVE = "transfer_active"
    ACTIVE = "active"
    PLANNED = "planned"
    PAUSED = "paused"
    RESUMED = "resumed"
    LEFT_EARLY = "left_early"
    ENDED_BY_PROVIDER = "ended_by_provider"
    CUSTODY = "custody"
    DECLINED_START = "declined_start"
    MOVED = "moved"
    DECEASED = "deceased"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    PERSON_DECLINED = "person_declined"
    NOT_REACHED = "not_reached"
    CANCELLED = "cancelled"
    UNANSWERED = "unanswered"


O = Outcome  # noqa: E741  # a table of outcomes, where the short name is what can be read
SHARES: Final[Mapping[Outcome, int]] = MappingProxyType(
    {
        O.COMPLETED: 22, O.RELAPSE_COMPLETED: 8, O.RETURNED_COMPLETED: 5, O.RELAPSE_ACTIVE: 6,
        O.TRANSFER_COMPLETED: 5, O.TRANSFER_ACTIVE: 7, O.ACTIVE: 13, O.PLANNED: 2, O.PAUSED: 5, O.RESUMED: 5,
        O.LEFT_EARLY: 6, O.ENDED_BY_PROVIDER: 2, O.CUSTODY: 3, O.DECLINED_START: 2, O.MOVED: 1, O.DECEASED: 1,
        O.WAITLISTED: 2, O.DECLINED: 1, O.PERSON_DECLINED: 1, O.NOT_REACHED: 1, O.CANCELLED: 1, O.UNANSWERED: 1,
    }
)  # fmt: skip
"""Outcome -> how many of a hundred."""

Phase = tuple[str, int, int]
"""What a stretch of weeks is, and its fewest and most weeks."""

SCRIPTS: Final[Mapping[Outcome, tuple[tuple[Phase, ...], ...]]] = MappingProxyType(
    {
        O.COMPLETED: (
            (("planned", 0, 1), ("active", 5, 10), ("step_down", 1, 1), ("active", 2, 5), ("completed", 1, 1)),
        ),
        O.RELAPSE_COMPLETED: (
            (
                ("planned", 0, 1), ("active", 4, 6), ("step_down", 1, 1), ("active", 1, 3), ("relapse", 1, 2),
                ("active", 3, 5), ("step_down", 1, 1), ("active", 1, 3), ("completed", 1, 1),
            ),
        ),
        O.RETURNED_COMPLETED: (
            (
                ("active", 3, 5), ("left_early", 1, 1), ("away", 2, 5), ("planned", 0, 1), ("active", 4, 7),
                ("step_down", 1, 1), ("active", 1, 3), ("completed", 1, 1),
            ),
        ),
        O.RELAPSE_ACTIVE: (
            (("planned", 0, 1), ("active", 4, 7), ("step_down", 1, 1), ("active", 1, 2), ("relapse", 1, 2),
             ("active", 1, 4)),
        ),
        O.TRANSFER_COMPLETED: (
            (("active", 3, 6), ("transferred", 1, 1)),
            (("planned", 0, 1), ("active", 4, 8), ("step_down", 1, 1), ("completed", 1, 1)),
        ),
        O.TRANSFER_ACTIVE: (
            (("planned", 0, 1), ("active", 3, 6), ("transferred", 1, 1)),
            (("planned", 0, 1), ("active", 1, 6)),
        ),
        O.ACTIVE: ((("planned", 0, 1), ("active", 2, 12)),),
        O.PLANNED: ((("planned", 1, 2),),),
        O.PAUSED: ((("active", 3, 7), ("paused", 1, 4)),),
        O.RESUMED: ((("planned", 0, 1), ("active", 2, 5), ("paused", 2, 4), ("active", 2, 5)),),
        O.LEFT_EARLY: ((("active", 2, 6), ("left_early", 1, 1)),),
        O.ENDED_BY_PROVIDER: ((("active", 3, 6), ("paused", 0, 2), ("ended_by_provider", 1, 1)),),
        O.CUSTODY: ((("active", 3, 6), ("paused", 0, 2), ("custody", 1, 1)),),
        O.DECLINED_START: ((("planned", 1, 2), ("declined_start", 1, 1)),),
        O.MOVED: ((("active", 3, 6), ("moved", 1, 1)),),
        O.DECEASED: ((("active", 3, 6), ("deceased", 1, 1)),),
    }
)  # fmt: skip
"""Outcome -> the phases at one clinic after another. An outcome without a script never enrols."""
