"""The suspensions of a consent as its clinic and its privacy office see them. No justice unit ever does."""

from collections.abc import Mapping
from typing import Any

from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.storage import suspensions
from app.storage.database import Reader, Row


async def history(hub: Hub, reader: Reader, consent: str) -> dict[str, Any]:
    """``suspended`` and ``suspensions``, oldest first; nothing of a consent that never was suspended."""
    rows = await reader.all(suspensions.OF_CONSENT, consent=consent)
    if not rows:
        return {}
    is_open = any(row["until_at"] is None for row in rows)
    return {"suspended": is_open, "suspensions": [shown(row, words(hub, row)) for row in rows]}


def words(hub: Hub, row: Row) -> dict[str, Any]:
    """What was said of a suspension, and by whom."""
    stored: Any = hub.vault.open(row["sealed"], "suspension", row["id"])
    return dict(stored)


def shown(row: Row, said: Mapping[str, Any]) -> dict[str, Any]:
    """One suspension; ``until_at`` is absent while it is open."""
    until = {"until_at": rfc3339(row["until_at"])} if row["until_at"] is not None else {}
    return {"id": row["id"], "cause": row["cause"], "from_at": rfc3339(row["from_at"]), **until, **said}
