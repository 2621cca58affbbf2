"""Suspension of a consent while it is in doubt: it denies at once, its clocks run, and a person has to look.

It is a flag, no state (domain rules 5.1): a consent that ends meanwhile has ended. Whoever receives under it reads what
is read where nothing was ever given.
"""

import secrets
from collections.abc import Sequence
from typing import Any, Final

from app.errors import Conflict, NotFound
from app.exchange import keys, second_person
from app.exchange.authenticate import Caller
from app.exchange.consent_state import loaded, state_of
from app.exchange.filing import mark_news
from app.exchange.hub import Hub
from app.exchange.keeping import held, kept, profile_of
from app.exchange.reviews import ReviewKind, close_of_subject, open_review
from app.exchange.suspension_history import shown, words
from app.storage import suspensions
from app.storage.database import GateKey, Reader, Row, Transaction
from app.storage.gate import of_patient
from app.vocabulary import ConsentState
from app.vocabulary.calendar import DAY_US
from app.vocabulary.lifecycle import SuspensionCause

REVIEW_DAYS: Final = 7
"""Days within which somebody should have looked. The consent denies until then and afterwards."""
VOID_IF_UPHELD: Final = frozenset(
    {
        SuspensionCause.DISPUTE,
        SuspensionCause.PRESSURE,
        SuspensionCause.ERROR_REPORTED,
        SuspensionCause.EVIDENCE_MISMATCH,
    }
)
"""Causes that mean, if they are true, that there never was a consent: a second person lifts or confirms them."""

Body = dict[str, Any]


async def suspend(
    hub: Hub, caller: Caller, consent: str, cause: SuspensionCause, note: str | None, tx: Transaction
) -> Body:
    """Suspend an active consent and open its review.

    Raises:
        NotFound: no consent that this caller looks after.
        Conflict: it is not active, so that there is nothing to suspend.
    """
    row = await held(tx, caller, consent)
    state = await state_of(tx, row, await loaded(tx, row), await tx.now(), await profile_of(hub, tx, row["unit_id"]))
    if state is not ConsentState.ACTIVE:
        raise Conflict("consent_not_active", f"This consent is {state.value}: nothing flows under it.")
    suspension = await hold(hub, caller, tx, row, cause, note)
    await under_review(hub, caller, tx, row, (suspension, cause), note)
    await tx.narrow(await gates_of(tx, row))
    return await view(hub, tx, consent, suspension)


async def lift(hub: Hub, caller: Caller, consent: str, suspension: str, note: str | None, tx: Transaction) -> Body:
    """Lift one suspension: what the consent still gives flows again, unless another one is open.

    Raises:
        NotFound: no suspension of a consent that this caller looks after.
        Conflict: it was lifted before, or a second person has to lift it.
    """
    row = await held(tx, caller, consent)
    found = _one(await tx.all(suspensions.OF_CONSENT, consent=consent), suspension)
    if found["until_at"] is not None:
        raise Conflict("suspension_lifted", "This suspension was lifted before.")
    if found["cause"] in VOID_IF_UPHELD:
        second_person.require_another(caller, words(hub, found)["by"])
    decision = {"upheld": False, "by": second_person.actor(caller)} | _noted(note)
    await close_of_subject(tx, hub, row["patient_id"], suspension, decision)
    await end(hub, caller, tx, row, suspension)
    return await view(hub, tx, consent, suspension)


async def hold(hub: Hub, caller: Caller, tx: Transaction, row: Row, cause: SuspensionCause, note: str | None) -> str:
    """Write the suspension of a consent; its id. The gate is the caller's own next step."""
    identifier, key = secrets.token_hex(16), await keys.of(tx, hub, row["patient_id"])
    await tx.run(
        suspensions.ADD,
        id=identifier,
        consent_id=row["id"],
        cause=cause.value,
        from_at=await tx.now(),
        sealed=key.seal({"by": second_person.actor(caller)} | _noted(note), "suspension", identifier),
    )
    await tx.run(suspensions.SUSPEND, consent=row["id"])
    return identifier


async def under_review(
    hub: Hub,
    caller: Caller,
    tx: Transaction,
    row: Row,
    why: tuple[str, SuspensionCause],
    note: str | None,
    **more: str,
) -> str:
    """Open the review of a suspension (its id and cause); the review's id. ``more`` joins what is shown of it."""
    suspension, cause = why
    detail = {"consent_id": row["id"], "cause": cause.value, "by": second_person.actor(caller), **_noted(note), **more}
    detail |= {"second_person": True} if cause in VOID_IF_UPHELD else {}
    error = cause is SuspensionCause.ERROR_REPORTED
    kind = ReviewKind.ENTERED_IN_ERROR if error else ReviewKind.SUSPENSION
    due = await tx.now() + REVIEW_DAYS * DAY_US
    return await open_review(tx, hub, row["unit_id"], row["patient_id"], kind, suspension, due, detail)


async def end(hub: Hub, caller: Caller, tx: Transaction, row: Row, suspension: str) -> None:
    """End a suspension that is open; the feed asks again. What flows again needs no gate."""
    found = _one(await tx.all(suspensions.OF_CONSENT, consent=row["id"]), suspension)
    said = words(hub, found) | {"lifted_by": second_person.actor(caller)}
    key = await keys.of(tx, hub, row["patient_id"])
    sealed = key.seal(said, "suspension", suspension)
    await tx.run(suspensions.END, suspension=suspension, at=await tx.now(), sealed_=sealed)
    await tx.run(suspensions.RESUME, consent=row["id"])
    await mark_news(tx, row["patient_id"])


async def gates_of(tx: Transaction, row: Row) -> list[GateKey]:
    """Every unit that a consent names, for its patient."""
    instrument = await loaded(tx, row)
    grants = instrument.grants if instrument is not None else ()
    return sorted({of_patient(row["patient_id"], grant.unit) for grant in grants})


async def view(hub: Hub, reader: Reader, consent: str, suspension: str) -> Body:
    """One suspension, as it stands."""
    row = _one(await reader.all(suspensions.OF_CONSENT, consent=consent), suspension)
    return {"consent_id": consent, **shown(row, words(hub, row))}


async def again(hub: Hub, caller: Caller, tx: Transaction, answered: Body) -> Body:
    """A replayed answer, authorised and rendered as things stand now."""
    await kept(tx, caller, answered["consent_id"])
    return await view(hub, tx, answered["consent_id"], answered["id"])


def _one(rows: Sequence[Row], suspension: str) -> Row:
    found = next((row for row in rows if row["id"] == suspension), None)
    if found is None:
        raise NotFound
    return found


def _noted(note: str | None) -> dict[str, str]:
    return {"note": note} if note is not None else {}
