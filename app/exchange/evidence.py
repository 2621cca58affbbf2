"""Whether the page at the clinic is the one that was signed (domain rules 5.2, case 74; 42 CFR 2.31(c)(4))."""

import re
from typing import Any, Final

from app.errors import Conflict, Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.consents import signing_of
from app.exchange.errors_found import incident
from app.exchange.hub import Hub
from app.exchange.incidents import IncidentKind
from app.exchange.keeping import held
from app.exchange.suspensions import gates_of, hold, under_review
from app.storage import suspensions
from app.storage.database import Transaction
from app.vocabulary.lifecycle import SuspensionCause

_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")
_CAUSE: Final = SuspensionCause.EVIDENCE_MISMATCH


async def check(hub: Hub, caller: Caller, consent: str, evidence_hash: str, tx: Transaction) -> dict[str, Any]:
    """Compare; a page that nobody signed suspends the consent at once, with a draft of an incident and a review.

    Raises:
        NotFound: no consent that this caller looks after.
        Invalid: this is no hash.
        Conflict: nobody has signed it yet.
    """
    if _HASH.fullmatch(evidence_hash) is None:
        detail = "Send sha256: and the 64 hexadecimal digits of the signed page's hash."
        raise Invalid((Flaw("/evidence_hash", "evidence_hash_invalid", detail, "42 CFR 2.31(a)(8)"),))
    row = await held(tx, caller, consent)
    if row["facts"] is None:
        raise Conflict("consent_not_signed", "This is a proposal; there is no signed page to compare with.")
    signed = {one.evidence_hash for one in (await signing_of(hub, tx, consent)).signatures}
    if evidence_hash in signed:
        return {"consent_id": consent, "as_signed": True}
    for one in await tx.all(suspensions.OF_CONSENT, consent=consent):
        if one["cause"] == _CAUSE and one["until_at"] is None:
            return {"consent_id": consent, "as_signed": False, "suspension_id": one["id"]}
    suspension = await hold(hub, caller, tx, row, _CAUSE, None)
    await tx.narrow(await gates_of(tx, row))
    known = await incident(hub, tx, row, IncidentKind.EVIDENCE_MISMATCH, await tx.now(), _CAUSE.value)
    review = await under_review(
        hub, caller, tx, row, (suspension, _CAUSE), None, incident_id=known, evidence_hash=evidence_hash
    )
    found = {"suspension_id": suspension, "incident_id": known, "review_id": review}
    return {"consent_id": consent, "as_signed": False, **found}
