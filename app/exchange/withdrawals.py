"""What a correction found wrong and who holds it: each such item is withdrawn from the unit that received it.

A value counts as wrong when a correction or retraction changes or removes what could be read of it. A correction that
changes nothing readable withdraws nothing. Nothing is withdrawn because an authorisation ended (design 6).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import orjson

from app.consent.instrument import Grant
from app.consent.rules import coverage
from app.exchange import by_hand
from app.exchange.as_read import FOREVER, Frames, Place, assessments_read, reports_read
from app.exchange.consent_state import loaded
from app.exchange.entries import mark
from app.exchange.frames import frames_of
from app.exchange.hub import Hub
from app.storage import consents, messages, withdrawals
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import MessageKind
from app.vocabulary.codes import Answer, Epistemic

NOT_FILED: Final = mark(Answer.INSUFFICIENT_DATA.value, Epistemic.FACT.value)

Wrong = Mapping[Place, Collection[int]]
"""Place -> marks of values that were read there and are wrong."""


class Terms(NamedTuple):
    """What an instrument fixes of the rows that are read under it, and to whom it gives what."""

    case_key: str
    scope: str
    referral: str
    grants: tuple[Grant, ...]

    def is_to_unit(self, unit: str, entry: Mapping[str, Any], element: str) -> bool:
        """Whether the element went to the unit as such: a grant that names no person covers it."""
        return any(
            grant.person is None
            and (grant.unit, grant.role) == (unit, entry["role"])
            and entry["purpose"] in grant.purposes
            and element in coverage(grant.elements)
            for grant in self.grants
        )


class Held(NamedTuple):
    """An item as somebody holds it: the columns of a withdrawal that say of what and whom, in their order."""

    unit_id: str
    case_id: str
    role: str
    purpose: str
    person: str
    referral: str
    subject: str
    kind: str
    item_id: str


async def live_rows(reader: Reader, unit: str, patient: str) -> Sequence[Row]:
    """The rows that can be read of a patient of this clinic, oldest first."""
    return await reader.all(messages.LIVE, patient=patient, unit=unit)


async def withdraw(
    tx: Transaction,
    hub: Hub,
    unit: str,
    patient: str,
    wrong: Row,
    before: Sequence[Row],
    *,
    draft_letters: bool = True,
) -> list[Row]:
    """Withdraw what ``wrong`` (a message that was just put right) made of the rows ``before``; gives the disclosures.

    From whom it was told on paper or by word of mouth nothing can be withdrawn: a draft names those for the clinic,
    unless (``draft_letters``) the caller makes one of all the disclosures itself.

    To be called after the gate: only then is it certain that no release of the wrong value is still to be recorded.
    Whether a unit holds a wrong value is told by what it was sent and what it could read then, never by which message
    that was: a message that nobody could tell from another one must not change what is withdrawn.
    """
    terms = await terms_of(tx, unit, patient)
    wrong_at = await _wrong_at(tx, hub, unit, patient, wrong, before, terms)
    since = await _first_filed(tx, unit, wrong)
    released = await tx.all(withdrawals.RELEASED, patient=patient, from_at=since, to_at=FOREVER)
    letters = by_hand.letters(released, lambda at: {(place.kind, place.element) for place in wrong_at(at)})
    if draft_letters:
        await by_hand.draft(tx, hub, unit, patient, letters, wrong)
    read = [(row, terms[row["instrument_id"]]) for row in released if row["instrument_id"] in terms]
    found = [(row, items) for row, under in read if (items := _wrong_in(hub, row, under, wrong_at(row["at"])))]
    await keep(tx, [one for _, items in found for one in items])
    return [*(row for row, _ in found), *letters]


async def withdraw_under(
    tx: Transaction, hub: Hub, unit: str, patient: str, instruments: Collection[str], since: int
) -> None:
    """Withdraw all that was released of a patient under these instruments: it was not of the person they are for.

    To be called after the gate. That nothing was filed is no value, and not withdrawn.
    """
    terms = await terms_of(tx, unit, patient)
    rows = await tx.all(withdrawals.RELEASED, patient=patient, from_at=since, to_at=FOREVER) if instruments else ()
    held = [
        one
        for row in rows
        if row["instrument_id"] in instruments
        for one in told_in(hub, row, terms[row["instrument_id"]], lambda _, value: value != NOT_FILED)
    ]
    await keep(tx, held)


def _wrong_in(hub: Hub, row: Row, under: Terms, values: Wrong) -> list[tuple[Held, str]]:
    """Who holds which wrong element of a disclosed item."""
    if not values:
        return []
    entry = orjson.loads(row["entry"])
    if not any(one.kind == entry["kind"] and one.element in entry["elements"] for one in values):
        return []
    return told_in(hub, row, under, lambda place, value: value in values.get(place, ()))


def told_in(hub: Hub, row: Row, under: Terms, is_wrong: Callable[[Place, int], bool]) -> list[tuple[Held, str]]:
    """Who holds which element of a disclosed item; it may have gone to the unit or to one person."""
    entry = orjson.loads(row["entry"])
    opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
    opened = {name: pair[1] for name, pair in opening.items()}
    if "marks" not in opened:
        return []  # told outside this service: of no value is it known that it is the wrong one
    found = []
    for place in sorted(_read(opened, entry, under)):
        if is_wrong(place, opened["marks"][place.element]):
            to_unit = under.is_to_unit(row["unit_id"], entry, place.element)
            asking = opened["person"].partition("\n")[0]
            person = "" if to_unit else withdrawals.named_person(hub.vault, row["unit_id"], asking)
            referral = place.scope if place.kind == MessageKind.REFERRAL else ""
            whose = (row["unit_id"], opened["case_id"], entry["role"], entry["purpose"], person, referral)
            found.append((Held(*whose, row["subject"], place.kind, opened["item"]), place.element))
    return found


async def _first_filed(reader: Reader, unit: str, wrong: Row) -> int:
    """When the message was first filed of which the wrong one is the latest correction; of an answer, any time before.

    The same answer may have been given before under another id, and what was read of it is as wrong.
    """
    if wrong["kind"] == MessageKind.REFERRAL:
        return 0
    rows = await reader.all(messages.SUPERSEDED, patient=wrong["patient_id"], unit=unit, kind=wrong["kind"])
    corrected = {row["superseded_by"]: row for row in rows}
    first = wrong
    while first["id"] in corrected:
        first = corrected[first["id"]]
    at: int = first["created_at"]
    return at


async def keep(tx: Transaction, items: Iterable[tuple[Held, str]]) -> None:
    """Note each element of an item as withdrawn from whoever holds it."""
    held: dict[Held, set[str]] = {}
    for key, element in items:
        held.setdefault(key, set()).add(element)
    now = await tx.now()
    for key, elements in sorted(held.items()):
        text = orjson.dumps(sorted(elements)).decode()
        await tx.run(withdrawals.ADD, **key._asdict(), elements=text, created_at=now, settled=0)


async def terms_of(reader: Reader, unit: str, patient: str) -> dict[str, Terms]:
    """Id of each consent of a patient that was ever active -> its terms."""
    found = {}
    for row in await reader.all(consents.INSTRUMENTS, patient=patient, unit=unit):
        one = await loaded(reader, row)
        if one is not None:
            found[row["id"]] = Terms(one.case or "", one.scope, one.referral or "", one.grants)
    return found


def _read(opened: Mapping[str, Any], entry: Mapping[str, Any], terms: Terms) -> set[Place]:
    """The places that a disclosed item was read from."""
    kind, period = entry["kind"], opened["period"]
    start = date.fromisoformat(period.partition("/")[0]).toordinal() if period else 0
    scope = terms.scope if period else ""
    if kind == MessageKind.REFERRAL:
        scope = opened.get("referral") or terms.referral
    return {Place(terms.case_key, kind, element, scope, start) for element in entry["elements"]}


async def _wrong_at(
    tx: Transaction,
    hub: Hub,
    unit: str,
    patient: str,
    wrong: Row,
    before: Sequence[Row],
    terms: Mapping[str, Terms],
) -> Callable[[int], Wrong]:
    """Instant of a release -> what it found and was wrong, by what was filed until then."""
    frames = set(await frames_of(tx, unit, patient)) | {(one.case_key, one.scope) for one in terms.values()}
    # What was told outside was told under no consent, or in no case that one names: every case counts, and none ("").
    lanes = {"", *(case_key for case_key, _ in frames)}
    if wrong["kind"] == MessageKind.ASSESSMENT:
        return (await assessments_read(tx, hub, unit, patient, wrong, lanes)).wrong_at
    windows = {(case_key, scope) for case_key, scope in frames if scope}
    read = (await reports_read(tx, hub, unit, patient, wrong, Frames(lanes, windows))).wrong_at
    if wrong["kind"] == MessageKind.TREATMENT_STATUS:
        return read
    answered = _answered_wrong(hub, patient, (before, await live_rows(tx, unit, patient)), lanes)
    return lambda at: {**read(at), **answered}


def _answered_wrong(
    hub: Hub, patient: str, rows: tuple[Sequence[Row], Sequence[Row]], lanes: set[str]
) -> dict[Place, set[int]]:
    """What an answer to a referral said that does not stand any more, whenever it was read: only one is in force."""
    old, new = ({key: _mark(hub, patient, row) for key, row in _answers(part, lanes).items()} for part in rows)
    return {place: {value} for place, value in old.items() if new.get(place) != value}


def _answers(rows: Iterable[Row], lanes: set[str]) -> dict[Place, Row]:
    return {
        Place(row["case_key"], row["kind"], row["element"], row["scope"], 0): row
        for row in rows
        if row["kind"] == MessageKind.REFERRAL and row["case_key"] in lanes
    }


def _mark(hub: Hub, patient: str, row: Row) -> int:
    stated: Any = hub.vault.open(row["sealed"], patient, row["message_id"], row["element"])
    return mark(*stated)
