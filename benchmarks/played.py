"""One gated read played in this process over ASGI, with what it asked and recorded."""

import httpx
from fastapi import FastAPI

from app.exchange.hub import Hub
from app.sandbox.party import Party
from app.sandbox.steps import must
from benchmarks.instance import Instance
from benchmarks.witness import Witness


async def played(app: FastAPI, hub: Hub, of: Instance) -> Witness:
    """The witness of the judge's read of the seeded item, which must disclose something."""
    witness = Witness(hub.database)
    app.state.hub = witness.of(hub)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=of.settings.issuer) as http:
        judge = Party(http, of.judge, f"{of.settings.issuer}/oauth/token")
        if not (await must(await judge.get(of.path)))["items"]:
            raise AssertionError("the seeded item is not disclosed")
    return witness
