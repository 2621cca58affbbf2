"""Records of releases that no decision made, to try the record mechanism alone."""

import itertools
import secrets
import time
from collections.abc import Sequence
from typing import Final

from app.storage.database import Database, GateKey, Recording
from app.storage.gate import of_patient

UNIT: Final = "u-court"
KEY: Final = of_patient("p1", UNIT)
MINUTE: Final = 60_000_000
"""Microseconds."""
_NUMBERS: Final = itertools.count()


def now() -> int:
    """This machine's clock in microseconds."""
    return time.time_ns() // 1000


def recording(
    *gates: tuple[GateKey, int], as_of: int | None = None, lasts: int = MINUTE, disclosures: int = 2
) -> Recording:
    """A consultation decided at ``as_of`` (now), true for ``lasts`` microseconds."""
    at, number = as_of if as_of is not None else now(), next(_NUMBERS)
    made = tuple((f"d{number}.{n}", "subject", "consent", b"entry", b"opening") for n in range(disclosures))
    return Recording(gates, at, at + lasts, secrets.token_hex(8), UNIT, b"consulted", "r-1", made)


async def narrow(database: Database, keys: Sequence[GateKey] = (KEY,)) -> None:
    """A narrowing write that bumps these gates and does nothing else."""
    async with database.narrowing() as tx:
        await tx.narrow(keys)
