"""Whose consents somebody looks after: a clinic its own, a privacy office those of the clinics that appointed it."""

from app.consent.profile import Profile
from app.errors import NotFound
from app.exchange import patients
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.storage import consents, registry, suspensions
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import AgencyKind, ConsentKind


async def kept(reader: Reader, caller: Caller, consent: str) -> Row:
    """The row of a consent that this caller looks after; NotFound for any other id, and for an order of a court."""
    found = await reader.one(suspensions.DISCLOSER, consent=consent)
    unit = found["unit_id"] if found is not None else ""
    looked_after = {caller.unit}
    if caller.kind is AgencyKind.PRIVACY_OFFICE:
        rows = await reader.all(registry.APPOINTED, officer=caller.unit)
        looked_after = {one["discloser_unit"] for one in rows}
    row = await reader.one(consents.OWN, consent=consent, unit=unit) if unit in looked_after else None
    if row is None or row["kind"] == ConsentKind.COURT_ORDER:
        raise NotFound
    return row


async def held(tx: Transaction, caller: Caller, consent: str) -> Row:
    """The same row, as it stands once nobody else can change it or its patient's other consents."""
    row = await kept(tx, caller, consent)
    await patients.lock(tx, row["unit_id"], row["patient_id"])
    return await kept(tx, caller, consent)


async def profile_of(hub: Hub, reader: Reader, unit: str) -> Profile:
    """The profile that a discloser follows today."""
    row = await reader.one(registry.UNIT, unit=unit)
    if row is None:
        raise NotFound
    return hub.profiles[row["profile"]]
