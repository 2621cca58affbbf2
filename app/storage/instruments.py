"""An instrument as a stored document, and back. Only what a decision may know; no name of a recipient's content."""

from functools import lru_cache
from typing import Any, Final

import orjson

from app.consent.instrument import Clock, Grant, Instrument, Revocation
from app.vocabulary import CaseEvent, ConsentKind, Element, Purpose, Role
from app.vocabulary.calendar import Frame


def dump(instrument: Instrument) -> str:
    """The immutable part of an active instrument, as canonical JSON text."""
    document = {
        "kind": instrument.kind.value,
        "case": instrument.case,
        "grants": [
            [g.unit, g.role.value, sorted(p.value for p in g.purposes), sorted(e.value for e in g.elements), g.person]
            for g in instrument.grants
        ],
        "name_on_form": bool(instrument.name_on_form),
        "signed_at": instrument.signed_at,
        "effective_from": instrument.effective_from,
        "expiry": _dump_clock(instrument.expiry),
        "profile": instrument.profile,
        "vocabulary": instrument.vocabulary,
        "notice_version": instrument.notice_version,
        "revocable_from": _dump_clock(instrument.revocable_from) if instrument.revocable_from else None,
        "condition_imposed": instrument.condition_imposed,
        "referral": instrument.referral,
        "scope": instrument.scope,
        "records_from": instrument.records_from,
    }
    if instrument.lawful_basis:
        document["lawful_basis"] = instrument.lawful_basis
    if instrument.represented_until is not None:
        document["represented_until"] = instrument.represented_until
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()


def selection(revocation: Revocation) -> str:
    """What a revocation takes back, as stored."""
    chosen: dict[str, Any] = {
        "unit": revocation.unit,
        "elements": sorted(e.value for e in revocation.elements) if revocation.elements is not None else None,
        "purposes": sorted(p.value for p in revocation.purposes) if revocation.purposes is not None else None,
    }
    if revocation.by_merge:
        chosen |= {"cause": "merge", "role": revocation.role.value if revocation.role is not None else None}
    return orjson.dumps(chosen, option=orjson.OPT_SORT_KEYS).decode()


_AS_WRITTEN: Final = (
    *("case", "signed_at", "effective_from", "profile", "vocabulary", "notice_version", "condition_imposed"),
    *("referral", "records_from"),
)
"""What stands in the document as it stands in the instrument."""


@lru_cache(maxsize=8192)
def load(
    id_: str,
    patient: str,
    discloser: str,
    document: str,
    version: int,
    state: tuple[int | None, int, int],
    revocations: tuple[tuple[int, str], ...],
) -> Instrument:
    """The instrument of its stored document and what has narrowed it since. Pure, so it may be cached.

    ``state`` is (superseded_at, suspended, entered_in_error).
    """
    raw = orjson.loads(document)
    return Instrument(
        id=id_,
        version=version,
        kind=ConsentKind(raw["kind"]),
        patient=patient,
        discloser=discloser,
        grants=tuple(_grant(grant) for grant in raw["grants"]),
        name_on_form="given" if raw["name_on_form"] else "",
        expiry=_clock(raw["expiry"]),
        revocable_from=_clock(raw["revocable_from"]) if raw["revocable_from"] else None,
        revocations=tuple(revocation(at, text) for at, text in revocations),
        superseded_at=state[0],
        suspended=bool(state[1]),
        entered_in_error=bool(state[2]),
        scope=Frame.parse(raw["scope"]).key if raw["scope"] else "",
        lawful_basis=raw.get("lawful_basis", ""),
        represented_until=raw.get("represented_until"),
        **{name: raw[name] for name in _AS_WRITTEN},
    )


def revocation(requested_at: int, text: str) -> Revocation:
    """The revocation of its stored selection."""
    raw = orjson.loads(text)
    return Revocation(
        requested_at,
        raw["unit"],
        frozenset(Element(e) for e in raw["elements"]) if raw["elements"] is not None else None,
        frozenset(Purpose(p) for p in raw["purposes"]) if raw["purposes"] is not None else None,
        Role(raw["role"]) if raw.get("role") is not None else None,
        by_merge=raw.get("cause") == "merge",
    )


def _grant(raw: list[Any]) -> Grant:
    unit, role, purposes, elements, person = raw
    return Grant(
        unit, Role(role), frozenset(Purpose(p) for p in purposes), frozenset(Element(e) for e in elements), person
    )


def _clock(raw: list[Any]) -> Clock:
    return Clock(raw[0], CaseEvent(raw[1]) if raw[1] else None, raw[2])


def _dump_clock(clock: Clock) -> list[Any]:
    return [clock.at, clock.event.value if clock.event else None, clock.shown]
