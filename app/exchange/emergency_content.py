"""What a discloser holds of a person and a treating unit needs at once: the newest value of each element asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from app.consent.emergency import EMERGENCY, NO_FURTHER_USE
from app.consent.treatment import USE_LIMIT
from app.exchange.handover_entries import KIND as TRANSFER
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.messages.transfer import FIELDS
from app.storage import emergencies, messages
from app.storage.database import Reader
from app.storage.sealing import DataKey
from app.vocabulary import COVERS, Element
from app.vocabulary.calendar import OPEN, iso

Item = dict[str, Any]
_CANCELLED: Final = "cancelled_at"


@dataclass(frozen=True, slots=True)
class Found:
    """Items to be handed over, each with the elements that are in it, and what their record needs."""

    items: tuple[Item, ...]
    elements: tuple[frozenset[Element], ...]
    pseudonym: str
    key: DataKey
    facts: Mapping[str, Any]
    profile: str


async def gathered(
    hub: Hub,
    reader: Reader,
    units: tuple[str, str],
    records: Sequence[str],
    wanted: frozenset[Element],
    stated: tuple[Mapping[str, Any], str],
) -> Found | None:
    """``units``: who asks, who discloses; ``records``: all of one person; ``stated``: the four facts, the profile."""
    asking, discloser = units
    subject = await reader.one(emergencies.SUBJECT, patient=records[0])
    if subject is None:
        return None
    items = [*await _stated(hub, reader, discloser, records, wanted), *await _transfer(hub, reader, records, wanted)]
    restricted = await _restricted(reader, asking, records)
    told = tuple(elements for _, elements in items)
    shown = tuple(item | {"obligations": _obligations(elements, restricted)} for item, elements in items)
    return Found(shown, told, subject["pseudonym"], hub.vault.key_behind(subject["key"]), *stated)


async def _stated(
    hub: Hub, reader: Reader, unit: str, records: Sequence[str], wanted: frozenset[Element]
) -> list[tuple[Item, frozenset[Element]]]:
    """An item a kind of message: of each element the newest value, whichever case it was stated in."""
    newest: dict[tuple[str, str], tuple[tuple[int, int], Any]] = {}
    for record in records:
        for row in await reader.all(messages.LIVE, patient=record, unit=unit):
            place, order = (row["kind"], row["element"]), (row["sort_key"], row["seq"])
            if row["element"] in wanted and (place not in newest or newest[place][0] < order):
                stated: Any = hub.vault.open(row["sealed"], record, row["message_id"], row["element"])
                newest[place] = order, stated
    items: dict[str, dict[str, Any]] = {}
    for (kind, element), ((day, _), (value, epistemic)) in sorted(newest.items(), key=lambda one: one[0]):
        told = {"value": value, "epistemic": epistemic} | ({"day": iso(day)} if 0 < day < OPEN else {})
        items.setdefault(kind, {})[element] = told
    return [({"kind": kind, "elements": told}, frozenset(map(Element, told))) for kind, told in items.items()]


async def _transfer(
    hub: Hub, reader: Reader, records: Sequence[str], wanted: frozenset[Element]
) -> list[tuple[Item, frozenset[Element]]]:
    """What the discloser last handed over of this person, to whomever: there stand doses and risks."""
    rows = [row for record in records for row in await reader.all(emergencies.TRANSFERS, patient=record)]
    for row in sorted(rows, key=lambda row: (row["created_at"], row["id"]), reverse=True):
        stored: Any = hub.vault.open(row["sealed"], "transfer", row["id"])
        words = {name: stored["words"][name] for name, e in FIELDS.items() if e in wanted and name in stored["words"]}
        if words and _CANCELLED not in stored:
            item = {"kind": TRANSFER, "sent_at": rfc3339(row["created_at"]), "fields": words}
            return [(item, frozenset(FIELDS[name] for name in words))]
    return []


async def _restricted(reader: Reader, asking: str, records: Sequence[str]) -> frozenset[Element]:
    rows = [row for one in records for row in await reader.all(emergencies.RESTRICTED, patient=one, unit=asking)]
    return frozenset(Element(name) for row in rows for name in orjson.loads(row["elements"]))


def _obligations(elements: frozenset[Element], restricted: frozenset[Element]) -> dict[str, str]:
    """A restriction does not stop it; who receives is asked to go no further with it (42 CFR 2.26(a)(3), (4))."""
    shown = {"notice": EMERGENCY, "use_limit": USE_LIMIT}
    agreed = any(COVERS[element] & restricted for element in elements)
    return shown | ({"no_further_use_requested": NO_FURTHER_USE} if agreed else {})
