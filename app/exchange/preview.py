"""What each named recipient would see under a consent, before anyone signs it. A consultation, not a disclosure."""

from dataclasses import dataclass
from typing import Any, Final

from app.consent.ask import Ask, Party, Viewer
from app.consent.creation import grants
from app.consent.decide import decide
from app.consent.instrument import Clock, Grant, Instrument
from app.consent.local_time import resolve
from app.consent.minimise import minimise
from app.consent.proposal import Proposal
from app.consent.verdict import Permit
from app.errors import Flaw, Invalid, NotFound
from app.exchange import patients
from app.exchange.authenticate import Caller
from app.exchange.consent_state import events_of
from app.exchange.consent_words import ground_of
from app.exchange.consents import creation_facts, refuse
from app.exchange.entries import Looked, own_consultation
from app.exchange.frames import complete, newest
from app.exchange.hub import Hub
from app.exchange.restriction_rows import binding
from app.storage import disclosures, referrals, registry
from app.storage import patients as stored_patients
from app.storage.content import read_rows
from app.storage.database import Reader, Row
from app.storage.facts import hypothetical
from app.vocabulary import OUTBOUND, VERSION, ConsentKind, Purpose
from app.vocabulary.calendar import day_of, monday

_SHOWN: Final = ("kind", "period", "elements")


@dataclass(frozen=True, slots=True)
class Preview:
    """For the clinic and its patient only: no builder of an answer to justice accepts it."""

    recipients: tuple[dict[str, Any], ...]


async def preview(hub: Hub, caller: Caller, proposal: Proposal) -> Preview:
    """The items of each named recipient and purpose, as they would be read now; that somebody looked is recorded."""
    await _complete(hub, caller, proposal)
    async with hub.database.read() as reader:
        try:
            patient = await patients.own(reader, caller.unit, proposal.patient_id)
        except NotFound:
            raise Invalid((Flaw("/patient_id", "patient_unknown", "This clinic has no patient of this id."),)) from None
        facts = await creation_facts(hub, caller, proposal, patient, reader)
        refuse(proposal, facts)
        referral = await reader.one(referrals.RECEIVED, referral=proposal.referral_id or "", unit=caller.unit)
        instrument = _hypothetical(hub, caller, proposal, referral, facts.now)
        shown = [
            await _seen(hub, reader, caller, instrument, grant, purpose)
            for grant in instrument.grants
            for purpose in sorted(grant.purposes)
        ]
        named = await reader.one(stored_patients.DISCLOSER, patient=proposal.patient_id)
    looked = Looked(
        "preview", " ".join(sorted(proposal.purposes)), named["pseudonym"] if named else "", proposal.referral_id or ""
    )
    async with hub.database.write() as tx:
        await tx.run(disclosures.ADD_CONSULTATION, **own_consultation(caller, hub.vault, looked, await tx.now()))
    return Preview(tuple(shown))


async def _complete(hub: Hub, caller: Caller, proposal: Proposal) -> None:
    """The windows of an amended referral's newest frame, before they are shown: see ``frames.complete``."""
    async with hub.database.read() as reader:
        row = await reader.one(referrals.RECEIVED, referral=proposal.referral_id or "", unit=caller.unit)
        known = await reader.one(stored_patients.OWN, patient=proposal.patient_id, unit=caller.unit)
    if row is not None and known is not None and newest(hub, row) != row["scope"]:
        async with hub.database.write() as tx:
            await patients.lock(tx, caller.unit, proposal.patient_id)
            await complete(tx, hub, caller.unit, proposal.patient_id, row)


def _hypothetical(hub: Hub, caller: Caller, proposal: Proposal, referral: Row | None, now: int) -> Instrument:
    zone = proposal.time_zone or caller.time_zone
    first = monday(day_of(referral["created_at"])) if referral is not None else 0
    return Instrument(
        id="preview",
        version=1,
        kind=ConsentKind(proposal.kind),
        patient=proposal.patient_id,
        discloser=caller.unit,
        case=referral["case_key"] if referral is not None else None,
        grants=grants(proposal),
        name_on_form=proposal.subject.name_on_form,
        signed_at=now,
        effective_from=now,
        expiry=resolve(proposal.expiry, zone) if proposal.expiry is not None else Clock(None),
        profile=caller.profile,
        vocabulary=VERSION,
        notice_version="preview",
        condition_imposed=True,
        referral=proposal.referral_id,
        scope=newest(hub, referral) if referral is not None else "",
        lawful_basis=ground_of(proposal),
        records_from=proposal.records_from.toordinal() if proposal.records_from is not None else first,
    )


async def _seen(
    hub: Hub, reader: Reader, caller: Caller, instrument: Instrument, grant: Grant, purpose: Purpose
) -> dict[str, Any]:
    elements = frozenset().union(*OUTBOUND.values())
    ask = Ask(grant.unit, grant.role, purpose, instrument.case, elements, grant.person, instrument.referral)
    unit = await reader.one(registry.UNIT, unit=grant.unit)
    name = unit["name"] if unit is not None else grant.unit
    party = Party("preview", "preview", caller.unit_name, caller.unit_name)
    viewer = Viewer(name, "", "case", "of the referral", b"preview", {instrument.id: party})
    at = max(await reader.now(), instrument.effective_from)
    events = await events_of(reader, instrument.case)
    mine = await patients.own(reader, caller.unit, instrument.patient)
    keys = {instrument.patient: mine["sealed"]}  # its key stands in front
    own = unit["profile"] if unit is not None else ""
    bound = await binding(reader, instrument.patient)
    facts = hypothetical(ask, at, instrument, events, hub.profiles, caller.profile, viewer, keys, bound, own)
    verdict = decide(facts)
    (rows,) = await read_rows(reader, [verdict], hub.vault)
    parcel = minimise(rows)
    granted = sorted(verdict.findings[0].covered) if isinstance(verdict, Permit) else []
    return {
        "recipient": {"org_unit": grant.unit, "unit_name": name, "role": grant.role.value},
        "purpose": purpose.value,
        "elements": [element.value for element in granted],
        "items": [
            {name: item.body[name] for name in ("kind", "period", "elements") if name in item.body}
            for item in parcel.items
        ],
    }
