"""Signatures: a consent becomes active when everything the law asks for is there, and not before."""

import secrets
from typing import Any, Final

import orjson

from app.consent.creation import check, grants
from app.consent.instrument import Clock, Instrument
from app.consent.laws import cited
from app.consent.local_time import micros, resolve, resolve_start
from app.consent.proposal import Proposal
from app.consent.signature import Signing, merge
from app.consent.signing import SigningFacts, effective_from, flaws_of_missing, flaws_of_signing, represented_until
from app.errors import Conflict, Flaw, Invalid
from app.exchange import keys, patients
from app.exchange.authenticate import Caller
from app.exchange.closing import close_spent
from app.exchange.consent_forms import flaws_of_form
from app.exchange.consent_state import loaded, state_of
from app.exchange.consent_words import first_day, frozen_names, ground_of, proposal_of
from app.exchange.consents import SIGNING, creation_facts, held, kinds_of, missing, own, parts_of, view
from app.exchange.filing import mark_news
from app.exchange.frames import complete, newest
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.resigning import refuse_signed_before_merge
from app.exchange.signers import person_of
from app.exchange.subjects import name_subject
from app.messages.referral import flaws_of_name
from app.storage import consents, referrals
from app.storage.database import GateKey, Row, Transaction
from app.storage.gate import of_patient
from app.storage.instruments import dump
from app.vocabulary import VERSION, ConsentKind, ConsentState
from app.vocabulary.lifecycle import Capacity

_HOUR_US: Final = 3_600_000_000
_ENDED: Final = frozenset({"action_ended", "expiry_event_past"})
_AMENDED: Final = frozenset(
    {"role_outside_2_35", "condition_not_imposed", "revocable_from_after_final_disposition", "exceeds_measure"}
)
_LATE: Final = (
    frozenset({"consent_overlap_unresolved", "supersedes_unknown", "action_not_of_subject"}) | _ENDED | _AMENDED
)
"""Flaws that a sound proposal can grow while it waits for its signatures."""


async def sign(hub: Hub, caller: Caller, consent: str, signing: Signing, tx: Transaction) -> dict[str, Any]:
    """Add signatures and attestations; activate once nothing is missing. Answers ``still_missing`` until then."""
    row = await held(tx, caller, consent)
    patients.refuse_merged(await patients.own(tx, caller.unit, row["patient_id"]))
    now, proposal = await tx.now(), proposal_of(hub, row)
    state = await state_of(tx, row, await loaded(tx, row), now, hub.profiles[caller.profile])
    if state is not ConsentState.PROPOSED:
        raise Conflict("consent_not_proposed", f"This consent is {state.value}; only a proposal can be signed.")
    earlier = await parts_of(hub, tx, consent)
    together = merge([*earlier, signing])
    facts = await _signing_facts(hub, caller, tx, row, proposal, (earlier, signing))
    lacking = missing(hub, caller, together, proposal, now, facts.person)
    flaws = [*_names(signing), *flaws_of_signing(together, proposal, facts)]
    flaws += await flaws_of_form(hub, caller, tx, row, signing.form)
    flaws += flaws_of_missing(lacking) if signing.activate and not flaws else []
    if flaws:
        raise Invalid(cited(flaws, caller.profile))
    signature = secrets.token_hex(16)
    key = await keys.of(tx, hub, row["patient_id"])
    sealed = key.seal(orjson.loads(SIGNING.dump_json(signing)), "signature", signature)
    await tx.run(consents.ADD_SIGNATURE, id=signature, consent_id=consent, created_at=now, sealed=sealed)
    if not lacking:
        await _activate(hub, caller, tx, row, proposal, together)
    return await view(hub, caller, tx, consent)


async def _signing_facts(
    hub: Hub, caller: Caller, tx: Transaction, row: Row, proposal: Proposal, parts: tuple[list[Signing], Signing]
) -> SigningFacts:
    earlier, signing = parts
    named = {r.org_unit for r in proposal.recipients} | {s.unit for s in signing.signatures if s.unit is not None}
    hours = int(hub.profiles[caller.profile].settings.get("reoffer_after_hours", "0"))
    names = await frozen_names(hub, tx, caller, row)
    if names.profile not in ("", caller.profile):
        detail = "The clinic works under other rules than when this form was drawn up; propose it anew."
        raise Conflict("profile_changed", detail)
    return SigningFacts(
        await tx.now(),
        names.time_zone,
        await kinds_of(tx, named),
        stored=sum(len(part.signatures) for part in earlier),
        unfit=await _unfit(hub, caller, tx, row["patient_id"]),
        reoffer=hours * _HOUR_US,
        person=await person_of(hub, caller, tx, row["patient_id"], names.time_zone),
    )


async def _unfit(hub: Hub, caller: Caller, tx: Transaction, patient: str) -> tuple[int, ...]:
    """When the patient was found intoxicated or in withdrawal: whichever form it came with, it is of the person."""
    found = []
    for record in await records_of(tx, patient):
        for consent in await tx.all(consents.OF_PATIENT, patient=record, unit=caller.unit):
            found += [part.capacity for part in await parts_of(hub, tx, consent["id"])]
    return tuple(
        micros(one.at) for one in found if one is not None and one.status is Capacity.INTOXICATED_OR_WITHDRAWAL
    )


def _names(signing: Signing) -> list[Flaw]:
    """Whoever is named must have a name that is shown as it was typed: it stands in evidence."""
    named = [(f"/signatures/{number}/name", one.name) for number, one in enumerate(signing.signatures)]
    named += [("/capacity/assessed_by", signing.capacity.assessed_by)] if signing.capacity is not None else []
    named += [("/interpreter", signing.interpreter)] if signing.interpreter is not None else []
    return [flaw for pointer, name in named for flaw in flaws_of_name(pointer, name)]


async def _activate(hub: Hub, caller: Caller, tx: Transaction, row: Row, proposal: Proposal, signing: Signing) -> None:
    await refuse_signed_before_merge(hub, tx, row)
    await _refuse_overlap(hub, caller, tx, row, proposal)
    instrument = await instrument_of(hub, caller, tx, row, proposal, signing)
    now = await tx.now()
    if await tx.run(consents.ACTIVATE, consent=row["id"], facts=dump(instrument), at=now) != 1:
        raise Conflict("consent_not_proposed", "This consent was declined or activated meanwhile.")
    person = await _person(hub, caller, tx, row)
    for unit in sorted({grant.unit for grant in instrument.grants}):
        await tx.run(consents.ADD_RECIPIENT, unit_id=unit, case_key=instrument.case or "", consent_id=row["id"])
        if person is not None:
            await name_subject(tx, hub, unit, instrument.case or "", row["referral_id"], person)
    keys = {of_patient(row["patient_id"], grant.unit) for grant in instrument.grants}
    for old in proposal.supersedes:
        keys |= await _supersede(caller, tx, old, max(now, instrument.effective_from))
    await mark_news(tx, row["patient_id"])
    await tx.narrow(sorted(keys))


async def _refuse_overlap(hub: Hub, caller: Caller, tx: Transaction, row: Row, proposal: Proposal) -> None:
    """What became live since the proposal may stand in its way: ask again, now that nothing else can change."""
    patient = await patients.own(tx, caller.unit, row["patient_id"])
    facts = await creation_facts(hub, caller, proposal, patient, tx)
    flaws = [flaw for flaw in cited(check(proposal, facts), caller.profile) if flaw.code in _LATE]
    if any(flaw.code in _ENDED for flaw in flaws):
        raise Conflict(
            "action_ended", "What the form is bound to ended before it was signed; see errors.", tuple(flaws)
        )
    if any(flaw.code in _AMENDED for flaw in flaws):
        detail = "The referral was amended before the form was signed, and no longer bears it; see errors."
        raise Conflict("referral_amended", detail, tuple(flaws))
    if flaws:
        raise Conflict(
            "consent_overlap_unresolved", "Another consent became active meanwhile; see errors.", tuple(flaws)
        )


async def _person(hub: Hub, caller: Caller, tx: Transaction, row: Row) -> Any:
    """The person as the referral of this consent names them."""
    referral = await tx.one(referrals.RECEIVED, referral=row["referral_id"], unit=caller.unit)
    stored: Any = hub.vault.open(referral["sealed"], "referral", referral["id"]) if referral is not None else None
    return stored["words"]["person"] if stored is not None else None


async def instrument_of(
    hub: Hub, caller: Caller, tx: Transaction, row: Row, proposal: Proposal, signing: Signing
) -> Instrument:
    """What the decision will know of this consent: case, condition, threshold, grid are copied from the referral."""
    zone = (await frozen_names(hub, tx, caller, row)).time_zone  # of the form, wherever the clinic is by now
    referral = await tx.one(referrals.RECEIVED, referral=row["referral_id"], unit=caller.unit)
    stored: Any = hub.vault.open(referral["sealed"], "referral", referral["id"]) if referral is not None else {}
    if referral is not None:
        await complete(tx, hub, caller.unit, row["patient_id"], referral)
    starts = effective_from(signing, proposal, zone, await tx.now())
    person = await person_of(hub, caller, tx, row["patient_id"], zone)
    return Instrument(
        id=row["id"],
        version=row["version"],
        kind=ConsentKind(proposal.kind),
        patient=row["patient_id"],
        discloser=caller.unit,
        case=row["case_key"],
        grants=grants(proposal),
        name_on_form=proposal.subject.name_on_form,
        signed_at=min(starts, await tx.now()),
        effective_from=starts,
        expiry=resolve(proposal.expiry, zone) if proposal.expiry is not None else Clock(None),
        profile=caller.profile,
        vocabulary=VERSION,
        notice_version=signing.notice_given.version if signing.notice_given is not None else "",
        revocable_from=_revocable_from(hub, caller, proposal, zone),
        condition_imposed=bool(stored.get("imposed", False)),
        referral=row["referral_id"],
        scope=newest(hub, referral) if referral is not None else "",
        lawful_basis=ground_of(proposal),
        represented_until=represented_until(signing, person),
        records_from=first_day(proposal, referral),
    )


def _revocable_from(hub: Hub, caller: Caller, proposal: Proposal, zone: str) -> Clock | None:
    """Only a kind whose law allows it may delay a revocation (42 CFR 2.35(c)); any other is revocable at once."""
    delayed = hub.profiles[caller.profile].kinds[ConsentKind(proposal.kind)].revocation == "from_clock"
    return resolve_start(proposal.revocable_from, zone) if delayed and proposal.revocable_from is not None else None


async def _supersede(caller: Caller, tx: Transaction, old: str, at: int) -> set[GateKey]:
    row = await own(tx, caller, old)
    await tx.run(consents.SUPERSEDE, consent=old, at=at)
    await close_spent(tx, await own(tx, caller, old), await tx.now())
    instrument = await loaded(tx, row)
    return {of_patient(row["patient_id"], g.unit) for g in instrument.grants} if instrument is not None else set()
