"""What is withdrawn from its recipients since the patient had it restricted (GDPR 18, 19)."""

from collections.abc import Collection

import orjson

from app.exchange.as_read import FOREVER
from app.exchange.hub import Hub
from app.exchange.withdrawals import NOT_FILED, keep, terms_of, told_in
from app.storage import withdrawals
from app.storage.database import Transaction
from app.vocabulary import COVERS, Element
from app.vocabulary.disclosing import Basis


async def withdraw_of(
    tx: Transaction, hub: Hub, unit: str, patient: str, elements: Collection[str], recipient: str | None
) -> None:
    """Withdraw what was released of these elements, or of finer steps of them, to ``recipient`` (None: to anybody).

    What a court ordered is not restricted, and so not withdrawn (``app.consent.restricting``). To be called after the
    gate. That nothing was filed is no value, and not withdrawn.
    """
    terms, taken = await terms_of(tx, unit, patient), frozenset(map(Element, elements))
    for row in await tx.all(withdrawals.RELEASED, patient=patient, from_at=0, to_at=FOREVER):
        ordered = orjson.loads(row["entry"]).get("basis") == Basis.COURT_ORDER.value
        if row["instrument_id"] in terms and not ordered and recipient in (None, row["unit_id"]):
            held = told_in(hub, row, terms[row["instrument_id"]], lambda _, value: value != NOT_FILED)
            await keep(tx, [one for one in held if COVERS[Element(one[1])] & taken])
