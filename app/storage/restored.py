"""Which life of the database this is: a restore to an earlier state, once accepted, begins another (operations)."""

from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables as t
from app.storage.database import Reader
from app.storage.statement import Statement

LIFE: Final = "r:"
"""The row of the gate table whose epoch is the instant, in microseconds, at which the last restore was accepted."""

_LIFE = upsert(t.gate).values(key=LIFE, epoch=bindparam("at"))
BEGIN = Statement(_LIFE.on_conflict_do_update(index_elements=["key"], set_={"epoch": _LIFE.excluded.epoch}))
FLOOR = Statement(select(t.clock_floor.c.at))
RAISE_FLOOR = Statement(update(t.clock_floor).where(t.clock_floor.c.at < bindparam("least")).values(at=bindparam("to")))
ROOT = Statement(select(t.chain_root.c.root).where(t.chain_root.c.size == bindparam("size")))


async def life(reader: Reader) -> int:
    """The instant at which a restore was last accepted, in microseconds; 0 if none ever was."""
    rows = await reader.raw("epochs", [LIFE])
    return int(rows[0]["epoch"]) if rows else 0
