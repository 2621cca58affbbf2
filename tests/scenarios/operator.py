"""What the operator of an instance does from the command line, in a scenario."""

from collections.abc import Mapping
from typing import Any

from app.exchange import administration, closings, erasure
from app.exchange.hub import Hub
from app.exchange.sequencing import audit, sequence
from app.instance import impact_assessed
from app.sandbox.party import Party
from app.settings import Settings
from app.vocabulary import Role


async def operated(
    hub: Hub,
    settings: Settings,
    what: Mapping[str, Any],
    parties: Mapping[str, Party],
    units: Mapping[str, tuple[str, Role]],
) -> None:
    """One act: suspend a client or a unit of the scenario's own, or end a client's assignment."""
    for act, name in what.items():
        if act == "erase":
            await erasure.erase_patient(hub, name)
            continue
        if act == "impact_assessed":
            await impact_assessed(hub, settings)
            continue
        if act == "verify_ledger":
            await sequence(hub)
            assert (verdict := await audit(hub)).lie is None, verdict
            continue
        if act == "suspend_client":
            await administration.suspend(hub, client=await _client(parties[name]))
        elif act == "suspend_unit":
            await administration.suspend(hub, unit=units[name][0])
        elif act == "close_unit":
            await closings.close_unit(hub, units[name][0])
        elif act == "set_profile":
            await closings.set_profile(hub, units[name["unit"]][0], name["profile"])
        elif act == "end_assignment":
            await administration.end_assignment(hub, await _assignment(parties[name]))
        else:
            raise AssertionError(f"no such act of an operator: {act}")


async def _client(party: Party) -> str:
    return str((await party.get("/v1/me")).json()["client_id"])


async def _assignment(party: Party) -> str:
    told = (await party.get("/v1/me")).json()
    return str(told["assignments"][0]["id"])
