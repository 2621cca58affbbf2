"""Consents at the clinic: propose, show, list, decline. A proposal releases nothing."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from app.consent.creation import CreationFacts, LiveConsent, ReferralFacts, check
from app.consent.instrument import Instrument
from app.consent.laws import cited
from app.consent.proposal import Proposal
from app.consent.signature import Signing, merge
from app.consent.signing import Person, still_missing
from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange import keys, patients
from app.exchange.authenticate import Caller
from app.exchange.consent_state import events_of, left, loaded, state_of
from app.exchange.consent_warnings import warned
from app.exchange.consent_words import PROPOSAL, frozen_names, names_of, proposal_of, seal
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.signers import person_of
from app.exchange.suspension_history import history
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, read, write
from app.messages.referral import flaws_of_name
from app.storage import cases, consents, referrals, registry
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import AgencyKind, CaseEvent, ConsentState

SIGNING = TypeAdapter(Signing)
_OVER: Final = frozenset(
    {CaseEvent.FINAL_DISPOSITION, CaseEvent.RELEASE_ENDED, CaseEvent.SENTENCE_COMPLETED, CaseEvent.CASE_DISMISSED}
)
"""Events after which nothing of the measure is left to monitor (42 CFR 2.35(c))."""


async def propose(hub: Hub, caller: Caller, proposal: Proposal, tx: Transaction) -> dict[str, Any]:
    """Store a proposal that has no flaw; every flaw at once otherwise."""
    row = await _patient(tx, caller, proposal)
    facts = await creation_facts(hub, caller, proposal, row, tx)
    refuse(proposal, facts)
    identifier, key = secrets.token_hex(16), await keys.of(tx, hub, proposal.patient_id)
    await tx.run(
        consents.ADD,
        id=identifier,
        patient_id=proposal.patient_id,
        unit_id=caller.unit,
        kind=proposal.kind,
        case_key=facts.referral.case if facts.referral is not None else None,
        referral_id=proposal.referral_id,
        sealed=seal(key, identifier, proposal, await names_of(tx, caller, proposal)),
        version=1,
        created_at=facts.now,
        suspended=0,
        entered_in_error=0,
    )
    return await view(hub, caller, tx, identifier)


def refuse(proposal: Proposal, facts: CreationFacts) -> None:
    """Every flaw of a form at once, if it has any.

    Raises:
        Invalid: it has.
    """
    name = proposal.subject.name_on_form
    malformed = flaws_of_name("/subject/name_on_form", name) if name.strip() else []
    flaws = [*malformed, *cited(check(proposal, facts), facts.profile.name)]
    if flaws:
        raise Invalid(tuple(flaws))


async def creation_facts(hub: Hub, caller: Caller, proposal: Proposal, patient: Row, tx: Reader) -> CreationFacts:
    """What the creation checks may know: this clinic's own referrals and instruments, and the public registry."""
    words = patients.words(hub, patient)
    units = await named_units(tx, {recipient.org_unit for recipient in proposal.recipients})
    return CreationFacts(
        unit=caller.unit,
        now=await tx.now(),
        time_zone=caller.time_zone,
        profile=hub.profiles[caller.profile],
        patient_given_name=words["given_name"],
        patient_sur_name=words["sur_name"],
        units={unit: AgencyKind(row["kind"]) for unit, row in units.items()},
        recipients={
            unit: hub.profiles[row["profile"]] for unit, row in units.items() if row["profile"] in hub.profiles
        },
        referral=await _referral(hub, caller, proposal, tx),
        live=await _live(hub, caller, proposal.patient_id, tx),
    )


async def show(hub: Hub, caller: Caller, consent: str) -> Committed[dict[str, Any]]:
    """One of the clinic's own consents; NotFound for any other id."""

    async def flow(reader: Reader) -> dict[str, Any]:
        return await view(hub, caller, reader, consent)

    return await read(hub, flow)


async def listed(hub: Hub, caller: Caller, patient: str) -> Committed[list[dict[str, Any]]]:
    """Every consent of one of the clinic's own patients, oldest first."""

    async def flow(reader: Reader) -> list[dict[str, Any]]:
        await patients.own(reader, caller.unit, patient)
        rows = await reader.all(consents.OF_PATIENT, patient=patient, unit=caller.unit)
        return [await view(hub, caller, reader, row["id"]) for row in rows]

    return await read(hub, flow)


async def decline(hub: Hub, caller: Caller, consent: str) -> Committed[dict[str, Any]]:
    """The patient says no to a proposal. It ends that proposal and subtracts nothing; justice cannot tell."""

    async def flow(tx: Transaction) -> dict[str, Any]:
        row = await held(tx, caller, consent)
        if await tx.run(consents.DECLINE, consent=consent, at=await tx.now()) != 1 and row["declined_at"] is None:
            raise Conflict("consent_not_proposed", "Only a proposal can be declined; an active consent is revoked.")
        return await view(hub, caller, tx, consent)

    return await write(hub, flow)


async def own(reader: Reader, caller: Caller, consent: str) -> Row:
    """The row of a consent of this clinic; NotFound for any other id."""
    row = await reader.one(consents.OWN, consent=consent, unit=caller.unit)
    if row is None:
        raise NotFound
    return row


async def held(tx: Transaction, caller: Caller, consent: str) -> Row:
    """The row of a consent of this clinic, as it stands once nobody else can change it or its patient's others."""
    row = await own(tx, caller, consent)
    await patients.lock(tx, caller.unit, row["patient_id"])
    return await own(tx, caller, consent)


async def signing_of(hub: Hub, reader: Reader, consent: str) -> Signing:
    """Everything signed and attested so far, merged."""
    return merge(await parts_of(hub, reader, consent))


async def parts_of(hub: Hub, reader: Reader, consent: str) -> list[Signing]:
    """What was signed and attested so far, a call each, oldest first."""
    rows = await reader.all(consents.SIGNATURES, consent=consent)
    parts = [hub.vault.open(row["sealed"], "signature", row["id"]) for row in rows]
    return [SIGNING.validate_json(orjson.dumps(part)) for part in parts]


async def view(hub: Hub, caller: Caller, reader: Reader, consent: str) -> dict[str, Any]:
    """A consent as its clinic sees it: the form, its state computed now, and what is still missing."""
    row = await own(reader, caller, consent)
    now, proposal = await reader.now(), proposal_of(hub, row)
    instrument = await loaded(reader, row)
    state = await state_of(reader, row, instrument, now, hub.profiles[caller.profile])
    shown: dict[str, Any] = {"id": consent, "state": state.value, "version": row["version"]}
    shown |= orjson.loads(PROPOSAL.dump_json(proposal, exclude_none=True))
    shown["created_at"] = rfc3339(row["created_at"])
    signing = await signing_of(hub, reader, consent)
    if signing.form is not None:
        shown["signed_form"] = orjson.loads(orjson.dumps(signing.form))
    zone = (await frozen_names(hub, reader, caller, row)).time_zone
    shown |= warned(row, proposal, instrument, state, hub.profiles[caller.profile], zone)
    if state is ConsentState.PROPOSED:
        person = await person_of(hub, caller, reader, row["patient_id"], zone)
        shown["still_missing"] = missing(hub, caller, signing, proposal, now, person)
    if instrument is not None:
        shown |= {"effective_from": rfc3339(instrument.effective_from), "records_from": _day(instrument)}
        shown |= await history(hub, reader, consent)
    return shown


def missing(hub: Hub, caller: Caller, signing: Signing, proposal: Proposal, now: int, person: Person) -> list[str]:
    """What must still come before the consent is active, by the profile of this clinic."""
    asked = hub.profiles[caller.profile].settings.get("voluntariness_check") == "required"
    return still_missing(signing, proposal, now, voluntariness=asked, person=person)


async def kinds_of(reader: Reader, units: set[str]) -> dict[str, AgencyKind]:
    """Unit -> kind of its agency, for the units that are registered."""
    return {unit: AgencyKind(row["kind"]) for unit, row in (await named_units(reader, units)).items()}


async def named_units(reader: Reader, units: set[str]) -> dict[str, Row]:
    """Unit -> its row, for the units that are registered."""
    found = {unit: await reader.one(registry.UNIT, unit=unit) for unit in sorted(units) if unit}
    return {unit: row for unit, row in found.items() if row is not None}


def _day(instrument: Instrument) -> str:
    return date.fromordinal(max(1, instrument.records_from)).isoformat()


async def _patient(tx: Transaction, caller: Caller, proposal: Proposal) -> Row:
    try:
        await patients.hold(tx, caller.unit, proposal.patient_id)
        return await patients.own(tx, caller.unit, proposal.patient_id)
    except NotFound:
        raise Invalid((Flaw("/patient_id", "patient_unknown", "This clinic has no patient of this id."),)) from None


async def _referral(hub: Hub, caller: Caller, proposal: Proposal, tx: Reader) -> ReferralFacts | None:
    if proposal.referral_id is None:
        return None
    row = await tx.one(referrals.RECEIVED, referral=proposal.referral_id, unit=caller.unit)
    if row is None or row["patient_id"] not in await records_of(tx, proposal.patient_id):
        return None
    stored: Any = hub.vault.open(row["sealed"], "referral", row["id"])
    words, events = stored["words"], await tx.all(cases.EVENTS, key=row["case_key"])
    return ReferralFacts(
        case=row["case_key"],
        imposing_unit=stored["imposing_unit"],
        condition_imposed=stored["imposed"],
        supervising_units=frozenset(words.get("supervising_units", ())),
        final_disposition_due=_date(words.get("final_disposition_due")),
        end_date=_date(words["conditions"].get("end_date")),
        ended=_over(events, row),
        happened=frozenset(CaseEvent(one["code"]) for one in events),
    )


def _over(events: Sequence[Row], referral: Row) -> bool:
    """What a court reports after it referred ends the measure it referred for; a later referral is a new measure."""
    return any(CaseEvent(one["code"]) in _OVER and one["received_at"] >= referral["created_at"] for one in events)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None


async def _live(hub: Hub, caller: Caller, patient: str, tx: Reader) -> tuple[LiveConsent, ...]:
    now, found = await tx.now(), []
    for row in await tx.all(consents.OF_PATIENT, patient=patient, unit=caller.unit):
        instrument = await loaded(tx, row)
        state = await state_of(tx, row, instrument, now, hub.profiles[caller.profile])
        if instrument is not None and state is ConsentState.ACTIVE:
            standing_now = left(instrument, await events_of(tx, row["case_key"]), now)
            found.append(LiveConsent(row["id"], instrument.case, standing_now))
    return tuple(found)
