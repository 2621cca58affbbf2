"""A transfer is handed over: decided afresh at each fetch, recorded before it is answered (design 3; domain rules 1.5).

The same chain as a release to justice, for a treating unit and a treatment consent: what a live instrument no longer
covers is not there. Nothing of it enters what a justice unit reads.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from app.consent.ask import Ask
from app.consent.decide import decide
from app.consent.in_force import names
from app.consent.reason import Reason
from app.consent.restricting import covered_of
from app.consent.treatment import obligations
from app.consent.verdict import Finding, Permit, Refusal
from app.errors import NotFound
from app.exchange.authenticate import Caller
from app.exchange.handover_entries import Handed, recording
from app.exchange.hub import Hub
from app.exchange.release import ATTEMPTS
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, write
from app.log import log
from app.messages.transfer import CARRIED, ELEMENTS, FIELDS, IDENTIFYING, projected
from app.storage import transfers
from app.storage.database import Reader, Row, Transaction, Unavailable
from app.storage.facts import Question
from app.storage.sealing import Unsealable
from app.storage.transfer_facts import Mail, read_mail
from app.vocabulary import Element, Purpose
from app.vocabulary.calendar import day_of

BATCH: Final = 100
"""Transfers looked at together: those that may not be told do not shorten a page."""

T = TypeVar("T")
Position = tuple[int, str]
Page = tuple[list[dict[str, Any]], Position | None]


class _Place(NamedTuple):
    """Where in an inbox to look: after a position, or at one transfer."""

    after: Position
    limit: int
    transfer: str | None = None


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one look found: what may be handed over, the verdicts it rests on, where the next page begins."""

    handed: tuple[Handed, ...]
    verdicts: tuple[Permit | Refusal, ...]
    following: Position | None


class _Moved(Exception):
    """What it was decided on changed before the record: nothing of the transaction stands."""


async def inbox(hub: Hub, caller: Caller, after: Position, limit: int) -> Committed[Page]:
    """A page of what lies in the caller's inbox and may be told now, oldest first; full until the last.

    Raises:
        Unavailable: facts cannot be read or the record cannot be written; then nothing is handed over.
    """
    return await _hand_over(hub, caller, _Place(after, limit), _page)


async def fetch(hub: Hub, caller: Caller, transfer: str) -> Committed[dict[str, Any]]:
    """One transfer to the caller's unit, as far as it may be told now.

    Raises:
        NotFound: nothing of it may be told, or there is no such transfer to this unit; that somebody asked is recorded.
        Unavailable: as ``inbox``.
    """
    found = await _hand_over(hub, caller, _Place((0, ""), 1, transfer), _only)
    if not found.value:
        raise NotFound
    return found


def _page(offer: _Offer) -> Page:
    return [one.body for one in offer.handed], offer.following


def _only(offer: _Offer) -> dict[str, Any]:
    return offer.handed[0].body if offer.handed else {}


async def _hand_over(hub: Hub, caller: Caller, place: _Place, shape: Callable[[_Offer], T]) -> Committed[T]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with hub.database.read() as reader:
                offer = await _offer(hub, caller, reader, place)
        except Unsealable as error:
            raise Unavailable("sealed bytes do not open") from error
        try:
            return await write(hub, _handing(hub, caller, offer, shape, exclusive=attempt == ATTEMPTS))
        except _Moved:
            continue
    raise Unavailable("the gate kept moving")


def _handing(
    hub: Hub, caller: Caller, offer: _Offer, shape: Callable[[_Offer], T], *, exclusive: bool
) -> Callable[[Transaction], Awaitable[T]]:
    """Mark as delivered, then record, in one transaction: the gate's lock comes last, as in a cancellation."""

    async def flow(tx: Transaction) -> T:
        for one in offer.handed:
            if not one.delivered:
                await tx.run(transfers.DELIVER, transfer=one.position[1], at=await tx.now())
        if not await tx.record(recording(offer.handed, offer.verdicts, caller, hub.vault), exclusive=exclusive):
            raise _Moved
        return shape(offer)

    return flow


async def _offer(hub: Hub, caller: Caller, reader: Reader, place: _Place) -> _Offer:
    handed: list[Handed] = []
    verdicts: list[Permit | Refusal] = []
    after: Position | None = place.after
    while after is not None and len(handed) <= place.limit:
        mail = await _look(hub, caller, reader, place, after)
        verdict = decide(mail.facts)
        if any(Reason.RULE_ERROR in finding.fell.values() for finding in verdict.findings):
            log("rule_error", level="error", unit_id=caller.unit)  # it forbade; somebody has to look
        handed += _told(hub, caller, mail, verdict)
        verdicts.append(verdict)
        after = mail.last if place.transfer is None else None
    following = handed[place.limit - 1].position if len(handed) > place.limit else None
    return _Offer(tuple(handed[: place.limit]), tuple(verdicts), following)


async def _look(hub: Hub, caller: Caller, reader: Reader, place: _Place, after: Position) -> Mail:
    ask = Ask(caller.unit, caller.role, Purpose.TREATMENT, None, CARRIED, caller.person)
    question = Question(ask, "", caller.client, caller.assignment, caller.key, caller.unit_name)
    if place.transfer is not None:
        return await read_mail(reader, question, hub.profiles, transfers.ONE, transfer=place.transfer, most=1)
    where: dict[str, Any] = {"after_at": after[0], "after_id": after[1], "most": BATCH}
    return await read_mail(reader, question, hub.profiles, transfers.PAGE, **where)


def _told(hub: Hub, caller: Caller, mail: Mail, verdict: Permit | Refusal) -> list[Handed]:
    found = {(finding.patient, finding.discloser): finding for finding in verdict.findings}
    told = []
    for row in mail.rows:
        finding = found.get((row["patient_id"], row["issuer_unit"]))
        one = _minimised(hub, caller, mail, row, finding) if finding is not None and finding.covered else None
        told += [one] if one is not None else []
    return told


def _minimised(hub: Hub, caller: Caller, mail: Mail, row: Row, finding: Finding) -> Handed | None:
    """One transfer projected onto what is covered now; None if it was cancelled or nothing of it is."""
    stored: Any = hub.vault.open(row["sealed"], "transfer", row["id"])
    words = projected(stored["words"], covered_of(mail.facts, finding, day_of(row["created_at"])))
    if not words or "cancelled_at" in stored:
        return None
    identifying = frozenset(ELEMENTS[name] for name in words) & IDENTIFYING
    used: dict[str, tuple[int, frozenset[Element]]] = {}
    for element in {FIELDS[name] for name in words if name in FIELDS}:
        instrument = finding.covered[element]
        _, elements = used.get(instrument.id, (0, identifying))
        used[instrument.id] = instrument.version, elements | {element}
    pseudonym, name, wrapped = mail.parties[finding.patient, finding.discloser]
    body = {
        "id": row["id"],
        "direction": "received",
        "issuer": {"unit_id": finding.discloser, "unit_name": name},
        "sent_at": rfc3339(row["created_at"]),
        **words,
        "obligations": obligations(mail.facts, caller.unit_name, (finding.discloser, name), sorted(used)),
    }
    profiles = {i.id: names(i, mail.facts) for i in mail.facts.instruments if i.id in used}
    delivered = row["delivered_at"] is not None
    place, key = (row["created_at"], row["id"]), hub.vault.key_behind(wrapped)
    return Handed(place, body, pseudonym, key, used, profiles, delivered)
