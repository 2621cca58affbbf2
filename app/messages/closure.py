"""Why a treatment ended, by a code list that the clinic reports by anyway, held against the closure it states."""

from dataclasses import dataclass
from typing import Any, ClassVar

from app.errors import Flaw
from app.messages.envelope import STRICT
from app.vocabulary.closures import REASONS, ClosureSystem
from app.vocabulary.codes import Closure


@dataclass(frozen=True)
class ClosureReason:
    """A code with its system: ``{"system": "teds-d", "code": "1"}``."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    system: ClosureSystem
    code: str


def reason_shown(reason: ClosureReason) -> dict[str, str]:
    """The code with its system and the label that its list gives it."""
    return {
        "system": reason.system.value,
        "code": reason.code,
        "label": REASONS[reason.system][reason.code].label,
    }


def flaws_of_reason(reason: ClosureReason | None, closure: Closure | None) -> list[Flaw]:
    """A code that its list has not, or one that means another closure than the one stated.

    Where the list leaves open who ended it, the clinic says so by its closure, whichever that is.
    """
    if reason is None:
        return []
    known = REASONS[reason.system].get(reason.code)
    if known is None:
        detail = "The system has no such code that gives a reason; where the reason is missing, leave it out."
        return [Flaw("/closure_reason/code", "closure_reason_unknown", detail)]
    if closure is None:
        return [Flaw("/closure_reason", "closure_reason_unexpected", "A reason goes with a closure only.")]
    if known.closure is not closure and not known.review:
        detail = "In its system this code means another closure; see mappings in GET /v1/vocabulary."
        return [Flaw("/closure_reason", "closure_reason_mismatch", detail)]
    return []
