"""Gated reads of a justice unit: by case and purpose, or of one referral it sent. All callers of ``release``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.consent.ask import Ask, Page, Position
from app.errors import Flaw, Forbidden, Invalid, NotFound
from app.exchange import referrals
from app.exchange.authenticate import Caller
from app.exchange.cursors import place_in
from app.exchange.hub import Hub
from app.exchange.release import Released, first, release
from app.exchange.unit import Committed
from app.storage.facts import Question
from app.vocabulary import OUTBOUND, PURPOSES_OF_ROLE, Element, MessageKind, Purpose

MOST_CASES: Final = 200
EVERYTHING: Final[frozenset[Element]] = frozenset().union(*OUTBOUND.values())


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked: one kind of message (None: every kind) in the caller's own case, for a purpose; a page of it."""

    kind: MessageKind | None
    case_id: str
    purpose: Purpose
    referral: str | None = None
    after: str | None = None
    limit: int = 100


def require_purpose(caller: Caller, purpose: Purpose) -> None:
    """A purpose that the role may not state is refused plainly, before any person or case is looked up."""
    if purpose not in PURPOSES_OF_ROLE[caller.role]:
        own = ", ".join(sorted(purpose.value for purpose in PURPOSES_OF_ROLE[caller.role])) or "none"
        detail = "This role may not state this purpose, whoever it is about."
        raise Forbidden("purpose_not_for_role", detail, hint=f"The purposes of the role {caller.role.value}: {own}.")


async def by_case(hub: Hub, caller: Caller, reading: Reading) -> Committed[Released]:
    """What this unit may see of one kind in one case. Unknown, refused, revoked, never asked: no items."""
    require_purpose(caller, reading.purpose)
    page = Page(reading.limit, _after(hub, caller, reading), each=reading.kind is None)
    return first(await release(hub, caller, [_question(caller, reading, page)]))


async def by_cases(
    hub: Hub, caller: Caller, kind: MessageKind, cases: Sequence[str], purpose: Purpose, limit: int
) -> Committed[tuple[Released, ...]]:
    """The same of many cases in one read, in the order asked; of each its newest windows.

    Raises:
        Invalid: no case, too many, or one twice.
    """
    require_purpose(caller, purpose)
    if not 1 <= len(cases) <= MOST_CASES or len(set(cases)) < len(cases):
        raise Invalid((Flaw("/cases", "cases_invalid", f"Name 1 to {MOST_CASES} cases, each once."),))
    readings = [Reading(kind, case_id, purpose, limit=limit) for case_id in cases]
    return await release(hub, caller, [_question(caller, reading, Page(limit, each=True)) for reading in readings])


async def of_referral(
    hub: Hub, caller: Caller, referral: str, purpose: Purpose
) -> tuple[dict[str, Any], Committed[Released]]:
    """The sender's own referral and what of its answer the patient allows; the consultation is recorded either way."""
    require_purpose(caller, purpose)
    async with hub.database.read() as reader:
        try:
            row = await referrals.own(reader, caller, referral)
        except NotFound:
            row = None
    case_id = row["case_id"] if row is not None else ""
    reading = Reading(MessageKind.REFERRAL, case_id, purpose, referral)
    released = first(await release(hub, caller, [_question(caller, reading, Page())]))
    if row is None:
        raise NotFound
    return referrals.sent_view(hub, row), released


def next_cursor(hub: Hub, caller: Caller, reading: Reading, released: Released) -> str | None:
    """The sealed cursor of the next page, bound to the unit and to what was asked."""
    if released.next_after is None:
        return None
    return hub.vault.cursor(caller.unit, caller.client, [*_binding(reading), *released.next_after])


def _after(hub: Hub, caller: Caller, reading: Reading) -> Position | None:
    if reading.after is None:
        return None
    reference, discloser, patient, start, last = place_in(hub, caller, reading.after, _binding(reading))
    return reference, discloser, patient, start, last


def _binding(reading: Reading) -> list[str | None]:
    kind = reading.kind.value if reading.kind is not None else None
    return [kind, reading.case_id, reading.purpose.value, reading.referral]


def _question(caller: Caller, reading: Reading, page: Page) -> Question:
    ask = Ask(
        unit=caller.unit,
        role=caller.role,
        purpose=reading.purpose,
        case=None,
        elements=OUTBOUND[reading.kind] if reading.kind is not None else EVERYTHING,
        person=caller.person,
        referral=reading.referral,
        page=page,
    )
    return Question(ask, reading.case_id, caller.client, caller.assignment, caller.key, caller.unit_name)
