"""Which recipients are kept out of what the patient is told of past disclosures, for now (45 CFR 164.528(a)(2))."""

from app.exchange import patients
from app.exchange.records import records_of
from app.storage import accounting_suspensions
from app.storage.database import Reader


async def suspended(reader: Reader, unit: str, patient: str) -> dict[str, int]:
    """Recipient unit -> until when (microseconds) nothing told to it is shown to the patient of this discloser."""
    found: dict[str, int] = {}
    now = await reader.now()
    for record in await records_of(reader, await patients.going_on(reader, unit, patient)):
        for row in await reader.all(accounting_suspensions.STANDING, patient=record, at=now):
            recipient: str = row["recipient_unit"]
            found[recipient] = max(row["until_at"], found.get(recipient, 0))
    return found
