"""Whose record it is that somebody acts on for a patient, and that somebody looked at it: what all rights share."""

from typing import NamedTuple

from app.consent.profile import Profile
from app.exchange import patients
from app.exchange.authenticate import Caller
from app.exchange.disclosures import subject_of
from app.exchange.entries import Looked, own_consultation
from app.exchange.hub import Hub
from app.storage import disclosures, registry
from app.storage.database import Transaction
from app.vocabulary import AgencyKind, Purpose


class Kept(NamedTuple):
    """A patient's records while nobody else can change them: the discloser, its profile, the ledger's name."""

    unit: str
    profile: Profile
    pseudonym: str
    records: list[str]


async def held(tx: Transaction, hub: Hub, caller: Caller, patient: str) -> Kept:
    """The records of a patient of this clinic, or of one that appointed this privacy office, held; NotFound else."""
    subject = await subject_of(tx, caller, patient)
    records = await patients.lock_all(tx, subject.unit, patient)
    unit = await tx.one(registry.UNIT, unit=subject.unit)
    profile = hub.profiles[unit["profile"] if unit is not None else caller.profile]
    return Kept(subject.unit, profile, subject.pseudonym, records)


async def looked(tx: Transaction, hub: Hub, caller: Caller, what: str, pseudonym: str) -> None:
    """Record that the caller looked at, or did, ``what`` about a patient, or several where there is no pseudonym."""
    purpose = Purpose.OVERSIGHT if caller.kind is AgencyKind.PRIVACY_OFFICE else Purpose.OPERATIONS
    row = own_consultation(caller, hub.vault, Looked(what, purpose.value, pseudonym), await tx.now())
    await tx.run(disclosures.ADD_CONSULTATION, **row)


def tells_of(profile: Profile, what: str) -> bool:
    """Whether recipients are told of this (GDPR 19): a correction, an erasure, a restriction."""
    return what in profile.settings.get("tell_recipients_of", "").split()
