"""A disclosure made outside this service, on paper, by phone or in person: it stands in the same log (42 CFR 2.25)."""

from dataclasses import dataclass
from typing import Any

from app.errors import Flaw, Invalid
from app.exchange import keys
from app.exchange.authenticate import Caller
from app.exchange.disclosed_entry import outside
from app.exchange.disclosures import Subject, subject_of
from app.exchange.entries import Looked, own_consultation
from app.exchange.frames import frames_of
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.times import not_after, rfc3339
from app.messages.referral import flaws_of_name
from app.storage import cases, consents, disclosures, registry
from app.storage.database import Transaction
from app.storage.sealing import DataKey
from app.vocabulary import Element, MessageKind, Purpose
from app.vocabulary.disclosing import NOTICES, Basis, Channel
from app.vocabulary.elements import kind_of


@dataclass(frozen=True, slots=True)
class Told:
    """What was told to whom, when (microseconds), why, by what means and on what ground; one of unit and name."""

    unit: str | None
    name: str | None
    at: int
    kind: MessageKind
    elements: tuple[Element, ...]
    purpose: Purpose
    basis: Basis
    channel: Channel
    made_by: str
    consent: str | None
    case: str | None


async def record(hub: Hub, caller: Caller, patient: str, told: Told, tx: Transaction) -> dict[str, Any]:
    """Add it to the append-only log, and so to the tree; NotFound for a patient whose accounting is not the caller's.

    That it was told is a fact: it is recorded also where no consent covered it.

    Raises:
        Invalid: with every flaw at once.
    """
    subject = await subject_of(tx, caller, patient)
    now = await tx.now()
    at = not_after(told.at, now)
    named, case, version = await _named(hub, subject, patient, told, tx)
    flaws = [*_flaws(told), *named]
    if at is None:
        flaws.append(Flaw("/at", "disclosed_in_future", "The disclosure lies in the future."))
    if flaws or at is None:
        raise Invalid(flaws)
    looked = Looked("recorded", told.purpose.value, subject.pseudonym)
    consultation = own_consultation(caller, hub.vault, looked, now)
    await tx.run(disclosures.ADD_CONSULTATION, **consultation)
    key = await keys.of(tx, hub, patient)
    row = _row(key, caller, told, (at, now, subject.pseudonym, case, version))
    await tx.run(disclosures.ADD_DISCLOSURE, consultation_id=consultation["id"], **row)
    return {"id": row["id"], "patient_id": patient, "at": rfc3339(at), "channel": told.channel.value}


async def again(caller: Caller, tx: Transaction, kept: dict[str, Any]) -> dict[str, Any]:
    """A replayed answer, authorised as things stand now."""
    await subject_of(tx, caller, kept["patient_id"])
    return kept


def _flaws(told: Told) -> list[Flaw]:
    found = flaws_of_name("/made_by", told.made_by)
    if (told.unit is None) == (told.name is None):
        detail = "Name the recipient once: unit_id of a registered unit, or name."
        found.append(Flaw("/recipient", "recipient_unclear", detail))
    found += flaws_of_name("/recipient/name", told.name) if told.name is not None else []
    for number, element in enumerate(told.elements):
        if kind_of(element) not in (None, told.kind):
            detail = "This element is not one of this kind of message."
            found.append(Flaw(f"/elements/{number}", "element_of_other_kind", detail))
    if told.basis in NOTICES:
        detail = "What the law lets you tell of your own accord has a fixed list: use POST /v1/notices."
        found.append(Flaw("/basis", "basis_of_notice", detail, "42 CFR 2.12(c)(5), (6)"))
    if (told.basis is Basis.CONSENT) != (told.consent is not None):
        detail = "consent_id goes with the basis consent, and only with it."
        found.append(Flaw("/consent_id", "basis_and_consent", detail, "42 CFR 2.31"))
    return found


async def _named(hub: Hub, subject: Subject, patient: str, told: Told, tx: Transaction) -> tuple[list[Flaw], str, int]:
    """Flaws of what is named, the case as the discloser spells it, the consent's version."""
    found: list[Flaw] = []
    case, version = "", 0
    if told.unit is not None and await tx.one(registry.UNIT, unit=told.unit) is None:
        detail = "No unit of this id is registered; see GET /v1/units, or give its name."
        found.append(Flaw("/recipient/unit_id", "unit_unknown", detail))
    if told.consent is not None:
        row = await tx.one(consents.OWN, consent=told.consent, unit=subject.unit)
        if row is None or row["patient_id"] not in await records_of(tx, patient):
            found.append(Flaw("/consent_id", "consent_unknown", "This patient has no consent of this id here."))
        else:
            version = row["version"]
    if told.case is not None:
        view = await tx.one(cases.VIEW, unit=subject.unit, case_id=told.case)
        if view is None or view["case_key"] not in {key for key, _ in await frames_of(tx, subject.unit, patient)}:
            detail = "No referral of this patient to this clinic has this case_id."
            found.append(Flaw("/case", "case_not_of_patient", detail))
        else:
            spelled: Any = hub.vault.open(view["sealed"], "case_view", subject.unit, told.case)
            case = " ".join(spelled)
    return found, case, version


def _row(key: DataKey, caller: Caller, told: Told, found: tuple[int, int, str, str, int]) -> dict[str, Any]:
    at, now, pseudonym, case, version = found
    said = {
        "transport": told.channel.value,
        "basis": told.basis.value,
        "subject": pseudonym,
        "kind": told.kind.value,
        "elements": sorted({element.value for element in told.elements}),
    }
    hidden = {"case": case, "made_by": told.made_by}
    if told.consent is not None:
        hidden["instrument"] = f"{told.consent}@{version}"
    return outside(caller, key, (told.unit, told.name), (at, now), hidden, said, told.purpose.value)
