"""Who was already told something under a consent: what a revocation cannot take back (GDPR 19)."""

from typing import Any

from app.exchange.disclosed_entry import OUTSIDE
from app.exchange.hub import Hub
from app.exchange.suspended import suspended
from app.exchange.times import rfc3339
from app.storage import consents
from app.storage.database import Reader


async def received(hub: Hub, reader: Reader, unit: str, patient: str, consent: str) -> list[dict[str, Any]]:
    """Each recipient, when last and how many times: a registered unit by its id, any other by the name on record."""
    hidden = await suspended(reader, unit, patient)  # what the patient is not to be told now (45 CFR 164.528(a)(2))
    found = [
        {"recipient": row["unit_id"], "last_at": rfc3339(row["last_at"]), "times": row["times"]}
        for row in await reader.all(consents.RECEIVED, consent=consent)
        if row["unit_id"] not in (OUTSIDE, *hidden)
    ]
    last: dict[str, int] = {}
    times: dict[str, int] = {}
    for row in await reader.all(consents.RECEIVED_OUTSIDE, consent=consent, unit=OUTSIDE):
        opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
        name = opening["recipient"][1]
        last[name] = max(row["at"], last.get(name, row["at"]))
        times[name] = times.get(name, 0) + 1  # one letter, one row: nobody reads it twice through this service
    found += [{"recipient_name": name, "last_at": rfc3339(last[name]), "times": times[name]} for name in sorted(times)]
    return found
