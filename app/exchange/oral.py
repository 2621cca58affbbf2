"""How a revocation reached the desk. By word of mouth it is acted on at once, whatever the profile says of paper.

The form of 42 CFR 2.31(a)(6) says in writing. A profile either takes the spoken word, which whoever heard it documents
(``accepted_and_documented``: done where the call names them, else left to do), or asks for the patient's own line
afterwards (``in_writing``); what the patient took back stays taken either way (domain rules 8).
"""

from typing import Any, Final

from app.exchange import second_person
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.review_list import own
from app.exchange.reviews import ReviewKind, close, open_review
from app.exchange.times import rfc3339
from app.storage.database import Transaction
from app.vocabulary.calendar import DAY_US

ORAL: Final = "oral"
CONFIRM_DAYS: Final = 30
"""Days within which the clinic should have the patient's line. Nothing flows again when they are over."""


async def documented(
    hub: Hub, caller: Caller, tx: Transaction, patient: str, channel: str | None, consents: list[str], at: int
) -> dict[str, Any]:
    """What the answer says of the channel; for an oral one, who documented it or until when it is to be confirmed."""
    if channel != ORAL:
        return {"channel": channel} if channel is not None else {}
    if not consents:
        return {"channel": ORAL, "to_document": True}
    by, now, accepted = second_person.actor(caller), await tx.now(), _accepted(hub, caller)
    due = now if accepted else now + CONFIRM_DAYS * DAY_US
    detail = {"channel": ORAL, "received_at": rfc3339(at), "consents": consents, "by": by}
    review = await open_review(tx, hub, caller.unit, patient, ReviewKind.NOTICE, consents[0], due, detail)
    if accepted and caller.person is not None:
        await close(tx, hub, await own(tx, caller, review), {"documented": True, "by": by})
        return {"channel": ORAL, "to_document": True, "documented_by": by, "review_id": review}
    to_confirm = {} if accepted else {"written_confirmation_due": rfc3339(due)}
    return {"channel": ORAL, "to_document": True, "review_id": review} | to_confirm


def _accepted(hub: Hub, caller: Caller) -> bool:
    return hub.profiles[caller.profile].settings.get("oral_revocation") == "accepted_and_documented"
