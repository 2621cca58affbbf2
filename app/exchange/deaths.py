"""That a patient died, as the clinic knows it. By itself it ends nothing and opens nothing (42 CFR 2.15(b), case 46).

Who may sign for the dead is a matter of signing. Of what they died nothing is kept here, so that nothing of it leaves.
"""

from datetime import UTC, date, datetime
from typing import Any

from app.errors import Flaw, Invalid
from app.exchange import keys, patients
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.storage import patients as stored
from app.storage.database import Transaction


async def record(hub: Hub, caller: Caller, patient: str, deceased_on: date | None, tx: Transaction) -> dict[str, Any]:
    """Write the day with the patient's words, or take it off; the patient as the clinic sees them.

    Raises:
        NotFound: no patient of this clinic.
        Conflict: the record was merged; the detail names the one that goes on.
        Invalid: the day lies in the future or before the birth.
    """
    await patients.hold(tx, caller.unit, patient)
    words = patients.words(hub, await patients.own(tx, caller.unit, patient))
    if deceased_on is not None:
        _refuse(deceased_on, date.fromisoformat(words["birth_date"]), await tx.now())
    words.pop("deceased_on", None)
    words |= {"deceased_on": deceased_on.isoformat()} if deceased_on is not None else {}
    sealed = (await keys.of(tx, hub, patient)).seal(words, "patient", patient)
    await tx.run(stored.REWRITE, patient=patient, sealed_=sealed)
    return await patients.again(hub, caller, tx, {"id": patient})


def _refuse(day: date, born: date, now: int) -> None:
    latest = datetime.fromtimestamp(now / 1_000_000, UTC).date().toordinal() + 1  # it is tomorrow somewhere
    if not born.toordinal() <= day.toordinal() <= latest:
        detail = "The day of death lies between the birth date and today."
        raise Invalid((Flaw("/deceased_on", "deceased_on_out_of_range", detail),))
