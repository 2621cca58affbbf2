"""A form that was signed before two records became one is signed anew: until then both must allow it (case 49)."""

from datetime import datetime
from typing import Any, Final

import orjson

from app.consent.local_time import micros
from app.consent.signing.consenters import CONSENTING
from app.errors import Conflict
from app.exchange.consents import SIGNING
from app.exchange.hub import Hub
from app.storage import consents, merges
from app.storage.database import Row, Transaction
from app.vocabulary.lifecycle import SignatureRole

_SECOND_US: Final = 1_000_000


async def refuse_signed_before_merge(hub: Hub, tx: Transaction, row: Row) -> None:
    """Whoever consents did so, or did so again, since the record took in another one.

    What was signed before was not compared with the consents of the other record when the two became one: it was
    still a proposal, and would now give what only one of them allows.

    Raises:
        Conflict: a consenting signature is older than the last merge that stands.
    """
    latest = await tx.one(merges.LATEST, patient=row["patient_id"])
    if latest is None or latest["at"] is None:
        return
    newest: dict[SignatureRole, int] = {}
    for stored in await tx.all(consents.SIGNATURES, consent=row["id"]):
        opened: Any = hub.vault.open(stored["sealed"], "signature", stored["id"])
        for one in SIGNING.validate_json(orjson.dumps(opened)).signatures:
            if one.role in CONSENTING:
                at = min(_last_instant(one.signed_at), stored["created_at"])
                newest[one.role] = max(at, newest.get(one.role, at))
    if any(at < latest["at"] for at in newest.values()):
        detail = "The patient signed this form before the records were merged; have it signed again."
        raise Conflict("signed_before_merge", detail)


def _last_instant(signed_at: datetime) -> int:
    """A form is dated to the second at best: of two in the second of a merge, the one entered after it came after."""
    return micros(signed_at) + (_SECOND_US - 1 if signed_at.microsecond == 0 else 0)
