"""Consents that were entered in error: treated as if there had never been one (domain rules 5.1, case 45).

Of a proposal one person can say so, for it released nothing. Of a consent that was active a second person has to say so
too; it denies from the first word on, and what was released under it becomes the draft of an incident.
"""

from collections.abc import Mapping
from typing import Any

from app.errors import Conflict
from app.exchange.authenticate import Caller
from app.exchange.consent_state import loaded
from app.exchange.filing import mark_news
from app.exchange.hub import Hub
from app.exchange.incidents import IncidentKind, draft, releases
from app.exchange.keeping import held, kept, profile_of
from app.exchange.suspensions import VOID_IF_UPHELD, end, gates_of, hold, under_review
from app.exchange.withdrawals import withdraw_under
from app.storage import consents, suspensions
from app.storage.database import Row, Transaction
from app.vocabulary import ConsentState
from app.vocabulary.lifecycle import SuspensionCause

_TOLD = "unlawful_transmission"
"""What a profile names if whoever received something without a ground is to be told (LED 7(3))."""

Body = dict[str, Any]


async def report(hub: Hub, caller: Caller, consent: str, reason: str, tx: Transaction) -> Body:
    """Say that a consent was entered in error; ``review_id`` is there where a second person has to say so too.

    Raises:
        NotFound: no consent that this caller looks after.
        Conflict: it is entered in error, or somebody has said so and the review is open.
    """
    row = await held(tx, caller, consent)
    if row["entered_in_error"]:
        raise Conflict("consent_entered_in_error", "This consent is entered in error already.")
    if row["facts"] is None:
        await tx.run(suspensions.ENTER_IN_ERROR, consent=consent)
        return {"consent_id": consent, "state": ConsentState.ENTERED_IN_ERROR.value}
    cause = SuspensionCause.ERROR_REPORTED
    if any(
        one["cause"] == cause and one["until_at"] is None
        for one in await tx.all(suspensions.OF_CONSENT, consent=consent)
    ):
        raise Conflict("error_under_review", "This was said before; a second person decides it, see GET /v1/reviews.")
    suspension = await hold(hub, caller, tx, row, cause, reason)
    review = await under_review(hub, caller, tx, row, (suspension, cause), reason)
    await tx.narrow(await gates_of(tx, row))
    return {"consent_id": consent, "state": "under_review", "review_id": review, "suspension_id": suspension}


async def again(caller: Caller, tx: Transaction, answered: Body) -> Body:
    """A replayed answer, authorised as things stand now."""
    await kept(tx, caller, answered["consent_id"])
    return answered


async def decided(
    hub: Hub, caller: Caller, review: Row, detail: Mapping[str, Any], upheld: bool, tx: Transaction
) -> None:
    """What follows from the review of a suspension.

    Not upheld lifts it. Upheld, it was never a consent, where the cause is one that means so; a doubt about capacity or
    safety that is true keeps it suspended and says nothing of when it was signed.
    """
    row = await kept(tx, caller, detail["consent_id"])
    if not upheld:
        await end(hub, caller, tx, row, review["subject_id"])
    elif SuspensionCause(detail["cause"]) in VOID_IF_UPHELD and not row["entered_in_error"]:
        await _enter(hub, caller, tx, row, review, detail)


async def _enter(hub: Hub, caller: Caller, tx: Transaction, row: Row, review: Row, detail: Mapping[str, Any]) -> None:
    """Entered in error, the gate, and only then what is certain once no release is under way any more."""
    instrument = await loaded(tx, row)
    units = {grant.unit for grant in instrument.grants} if instrument is not None else set()
    profile, now = await profile_of(hub, tx, row["unit_id"]), await tx.now()
    tell = _TOLD in profile.settings.get("tell_recipients_of", "").split()
    await tx.run(suspensions.ENTER_IN_ERROR, consent=row["id"])
    for unit in sorted(units):
        await tx.run(consents.CLOSE, of=row["id"], recipient=unit, at=now)
    if tell:
        await mark_news(tx, row["patient_id"])
    await tx.narrow(await gates_of(tx, row))
    if tell:
        await withdraw_under(tx, hub, row["unit_id"], row["patient_id"], {row["id"]}, row["created_at"])
    if "incident_id" not in detail:
        await incident(hub, tx, row, IncidentKind.CONSENT_IN_ERROR, review["created_at"], detail["cause"])


async def incident(hub: Hub, tx: Transaction, row: Row, kind: IncidentKind, known_at: int, cause: str) -> str:
    """A draft that lists all that was ever released under a consent; its id. To be called after the gate."""
    under = {row["id"]}
    told = await releases(tx, hub, row["patient_id"], row["created_at"], await tx.now() + 1, under)
    detail = {"consents": [row["id"]], "cause": cause, "recipients": told}
    return await draft(tx, hub, row["unit_id"], row["patient_id"], kind, known_at, detail)
