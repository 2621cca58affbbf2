"""The clinic's answer to a referral (domain rules 4.3)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final

from app.errors import Flaw
from app.messages.envelope import STRICT
from app.messages.marks import ENVELOPE, message
from app.vocabulary import Element
from app.vocabulary.codes import Decision, DecisionReason, Epistemic

MOST_WEEKS: Final = 520
NOTES: Final = {
    Decision.WAITLISTED: "No place is free yet. This is not attributable to the person.",
    Decision.DECLINED: "The provider cannot take the referral. This is not attributable to the person.",
    Decision.NOT_REACHED: "The person has not been reached. This is not a refusal.",
}
"""Part of the value: a court must not take a provider's lack of places for the person's conduct (domain rules 3.3)."""

REASONED: Final = {
    Decision.WAITLISTED: frozenset({DecisionReason.CAPACITY}),
    Decision.DECLINED: frozenset(DecisionReason),
    Decision.WITHDRAWN: frozenset(DecisionReason),
}
"""Decision -> reasons that it may have. What a person declined has none."""
JUDGED: Final = frozenset({DecisionReason.NOT_INDICATED, DecisionReason.NEEDS_OTHER_SERVICE})
"""Reasons that are somebody's assessment and no fact."""


_SITE: Final = re.compile(r"Site (?:[1-9][0-9]{0,2}|[A-Z])", re.ASCII)


@dataclass(frozen=True)
class Appointment:
    """When and at which neutrally named site: "Site 1" to "Site 999" or "Site A" to "Site Z", never an address."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    start: datetime
    site: str


@message
@dataclass(frozen=True)
class ReferralResponse:
    """The clinic's answer. ``waitlist_weeks`` is the estimate in whole weeks.

    ``supersedes`` names the answer in force and says that it was wrong; without it this is the newest answer.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    decision: Annotated[Decision, Element.REFERRAL_DECISION]
    reason: Annotated[DecisionReason | None, Element.REFERRAL_REASON] = None
    waitlist_weeks: Annotated[int | None, Element.REFERRAL_DECISION] = None
    appointment: Annotated[Appointment | None, Element.REFERRAL_APPOINTMENT] = None
    supersedes: Annotated[str | None, ENVELOPE] = None


def decision_shown(response: ReferralResponse) -> dict[str, Any]:
    """The decision with what has to be read with it."""
    shown: dict[str, Any] = {"decision": response.decision.value}
    if response.waitlist_weeks is not None:
        shown["waitlist_weeks"] = response.waitlist_weeks
    return shown | ({"note": NOTES[response.decision]} if response.decision in NOTES else {})


def standing_of(reason: DecisionReason) -> Epistemic:
    """Whether a reason is a fact or somebody's assessment."""
    return Epistemic.ASSESSMENT if reason in JUDGED else Epistemic.FACT


def flaws_of_appointment(pointer: str, appointment: Appointment | None) -> list[Flaw]:
    """A site that says more than which of the clinic's it is: no text goes to justice (domain rules 4.1, 4.3)."""
    if appointment is None or _SITE.fullmatch(appointment.site):
        return []
    detail = "Name the site neutrally: Site 1 to Site 999, or Site A to Site Z. The person knows which is meant."
    return [Flaw(f"{pointer}/site", "site_not_neutral", detail)]


def flaws_of_response(response: ReferralResponse) -> list[Flaw]:
    """What a response says that cannot be meant."""
    found = flaws_of_appointment("/appointment", response.appointment)
    waiting = response.decision is Decision.WAITLISTED
    if response.reason is not None and response.reason not in REASONED.get(response.decision, frozenset()):
        detail = "A reason goes with declined and withdrawn; waitlisted has the reason capacity and no other."
        found.append(Flaw("/reason", "reason_unexpected", detail))
    if response.waitlist_weeks is not None and not (waiting and 0 <= response.waitlist_weeks <= MOST_WEEKS):
        detail = "An estimate in weeks (0 to 520) goes with the decision waitlisted only."
        found.append(Flaw("/waitlist_weeks", "waitlist_weeks_unexpected", detail))
    if response.appointment is not None and response.decision is not Decision.ACCEPTED:
        found.append(Flaw("/appointment", "appointment_unexpected", "An appointment goes with an acceptance only."))
    return found
