"""Which of a clinic's records are of one person: a record and all that were merged into it."""

from app.storage import merges
from app.storage.database import Reader


async def records_of(reader: Reader, patient: str) -> list[str]:
    """The record itself, then every record that was merged into it, directly or through another."""
    rows = await reader.all(merges.RECORDS, patient=patient)
    return [patient, *(row["id"] for row in rows if row["id"] != patient)]
