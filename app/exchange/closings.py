"""A unit that closes, or that comes under another law: what its patients allowed is decided anew, and never widens.

A programme that closes hands its records over or destroys them (42 CFR 2.19): the hub stops serving it, and what it
disclosed ends with it. Its privacy office still reads what a transfer or the patients' rights need.
"""

from app.errors import Conflict
from app.exchange.hub import Hub
from app.exchange.unit import narrow
from app.storage import registry
from app.storage.database import GateKey, Transaction
from app.storage.gate import of_patient, of_unit


async def close_unit(hub: Hub, unit: str) -> None:
    """Close a unit for good, at once and on every worker.

    Raises:
        Conflict: there is no such unit, or it closed before.
    """

    async def flow(tx: Transaction) -> None:
        if await tx.one(registry.STANDING, unit=unit) is None:
            raise Conflict("unknown", "There is no such unit.")
        if await tx.run(registry.CLOSE_UNIT, id_=unit, at=await tx.now()) != 1:
            raise Conflict("unit_closed", "This unit closed before.")
        await tx.narrow(await _touched(tx, unit))

    await narrow(hub, flow)


async def set_profile(hub: Hub, unit: str, profile: str) -> None:
    """Put a unit under another profile, and keep since when.

    What was signed is decided under the intersection of the profile of then and that of today, whichever it is.

    Raises:
        Conflict: there is no such unit or profile.
    """
    if profile not in hub.profiles:
        raise Conflict("profile_unknown", f"Known profiles: {', '.join(sorted(hub.profiles))}.")

    async def flow(tx: Transaction) -> None:
        if await tx.run(registry.SET_PROFILE, id_=unit, new_profile=profile) != 1:
            raise Conflict("unknown", "There is no such unit.")
        await tx.run(registry.ADD_PROFILE, unit_id=unit, profile=profile, since=await tx.now())
        await tx.narrow(await _touched(tx, unit))

    await narrow(hub, flow)


async def _touched(tx: Transaction, unit: str) -> list[GateKey]:
    """The gate of the unit as a recipient, and as a discloser that of everybody who may read about its patients."""
    given = await tx.all(registry.GIVEN_BY_UNIT, unit=unit)
    return [of_unit(unit), *(of_patient(row["patient_id"], row["unit_id"]) for row in given)]
