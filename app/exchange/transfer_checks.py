"""Why a transfer is not taken: not this patient, not a treating unit, or not what the patient allows that unit."""

from collections.abc import Mapping
from typing import Any, Final

from app.consent.ask import Ask
from app.consent.decide import decide
from app.consent.restricting import covered_of
from app.errors import Flaw
from app.exchange import patients
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.messages.transfer import CARRIED, FIELDS, Transfer
from app.storage import registry, transfers
from app.storage.database import Row, Transaction
from app.storage.sealing import normalised
from app.storage.transfer_facts import facts_of
from app.vocabulary import KIND_OF_ROLE, AgencyKind, Element, Purpose
from app.vocabulary.calendar import day_of

_RECIPIENTS: Final = frozenset({AgencyKind.CLINIC, AgencyKind.PRISON_HEALTH})
_SECTION: Final = "42 CFR 2.33(a)(2)"


async def refusals(
    hub: Hub, caller: Caller, transfer: Transfer, words: Mapping[str, Any], tx: Transaction
) -> list[Flaw]:
    """Every reason at once; of what is not allowed, every field."""
    found = await _person(hub, caller, transfer, tx)
    recipient = await _recipient(caller, transfer, tx)
    if recipient is None:
        detail = "No other clinic or prison health unit of this id is registered; see GET /v1/units."
        return [*found, Flaw("/recipient", "unit_unknown", detail)]
    allowed = await _allowed(hub, caller, transfer, AgencyKind(recipient["kind"]), tx)
    return [*found, *_not_allowed(words, allowed)]


async def _person(hub: Hub, caller: Caller, transfer: Transfer, tx: Transaction) -> list[Flaw]:
    """A transfer of somebody else's care under this patient's consent would be the worst of mistakes."""
    known = patients.words(hub, await patients.own(tx, caller.unit, transfer.patient_id))
    person = transfer.person
    same = person.birth_date.isoformat() == known["birth_date"] and all(
        normalised(getattr(person, name)) == normalised(known[name]) for name in ("given_name", "sur_name")
    )
    detail = "This is not the patient of patient_id: name and birth date must be those of your record."
    return [] if same else [Flaw("/person", "person_not_of_patient", detail)]


async def _recipient(caller: Caller, transfer: Transfer, tx: Transaction) -> Row | None:
    row = await tx.one(registry.UNIT, unit=transfer.recipient)
    treats = row is not None and AgencyKind(row["kind"]) in _RECIPIENTS and row["id"] != caller.unit
    return row if treats else None


async def _allowed(
    hub: Hub, caller: Caller, transfer: Transfer, kind: AgencyKind, tx: Transaction
) -> frozenset[Element]:
    """What this patient now allows that unit for treatment, in any of its roles and whichever of its staff is named."""
    who = {"recipient": transfer.recipient, "patient": transfer.patient_id, "unit": caller.unit}
    stored = (
        await tx.all(transfers.ALLOWING, **who),
        await tx.all(transfers.ALLOWING_REVOKED, **who),
        await tx.all(transfers.ALLOWING_RESTRICTED, **who),
    )
    unit = await tx.one(registry.UNIT, unit=transfer.recipient)
    own = unit["profile"] if unit is not None else ""
    now, allowed = await tx.now(), set[Element]()
    for role in [role for role, of in KIND_OF_ROLE.items() if of is kind]:
        ask = Ask(transfer.recipient, role, Purpose.TREATMENT, None, CARRIED)
        facts = facts_of(ask, now, stored, hub.profiles, recipient=own)
        for person in {None} | {grant.person for one in facts.instruments for grant in one.grants}:
            named = Ask(ask.unit, ask.role, ask.purpose, None, ask.elements, person)
            verdict = decide(facts_of(named, now, stored, hub.profiles, recipient=own))
            allowed |= {e for each in verdict.findings for e in covered_of(verdict.facts, each, day_of(now))}
    return frozenset(allowed)


def _not_allowed(words: Mapping[str, Any], allowed: frozenset[Element]) -> list[Flaw]:
    detail = "No live consent of kind tpo allows that unit this. Take one that names it, or leave it out."
    return [
        Flaw(f"/{name}", "element_not_consented", detail, _SECTION)
        for name, element in FIELDS.items()
        if name in words and element not in allowed
    ]
