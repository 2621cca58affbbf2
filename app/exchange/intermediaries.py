"""Whom records went to by way of this service, in three years: the list of 42 CFR 2.24, a line a recipient and day."""

from typing import Any, Final

from app.exchange.accounting_rows import SERVICE
from app.exchange.authenticate import Caller
from app.exchange.disclosures import account, asked_of
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, mapped, read
from app.storage.database import Reader
from app.vocabulary.calendar import DAY_US

YEARS: Final = 3

Line = dict[str, Any]


async def listed(hub: Hub, caller: Caller, patient: str, lang: str) -> Committed[list[Line]]:
    """Recipient entity, date and brief description of each disclosure of the last three years, oldest first.

    It is the patient's own paper: what is suspended is not in it, whoever asks. NotFound as in ``account``.
    """
    now = (await read(hub, _now)).value
    first = rfc3339(now - YEARS * 366 * DAY_US)[:10]
    asked = asked_of(hub, caller, patient, {"lang": lang, "from": first}, None)
    return mapped(await account(hub, caller, patient, asked), _lines)


async def _now(reader: Reader) -> int:
    return await reader.now()


def _lines(told: tuple[list[dict[str, Any]], Any]) -> list[Line]:
    found: dict[tuple[str, ...], Line] = {}
    for row in [one for one in told[0] if one["channel"] == SERVICE]:
        recipient, day = row["recipient"], row["first_at"][:10]
        line = {"recipient": recipient, "date": day, "last_date": row["last_at"][:10], "description": row["sentence"]}
        found[recipient.get("unit_id", recipient.get("unit_name", "")), day, row["sentence"]] = line
    return [line for _, line in sorted(found.items(), key=lambda one: (one[1]["date"], one[0]))]
