"""What the registry ends, ends at once: a token that is still good by its own words stops working on every route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from app.exchange import administration
from app.identity.keys import thumbprint
from app.sandbox.party import Party
from app.storage.registry import ASSIGNMENTS
from tests.api.contract import check, operations
from tests.api.plain import CLINIC, COURT, instance, public
from tests.service import DATABASES, World, run


@dataclass(frozen=True)
class Ending:
    """Something that ends a client's access, and how it is taken back where it can be."""

    end: Callable[[World, str, str], Awaitable[None]]
    lift: Callable[[World, str, str], Awaitable[None]] | None = None


async def _client(w: World, client: str, unit: str, *, lift: bool = False) -> None:
    await administration.suspend(w.hub, client=client, lift=lift)


async def _unit(w: World, client: str, unit: str, *, lift: bool = False) -> None:
    await administration.suspend(w.hub, unit=unit, lift=lift)


async def _key(w: World, client: str, unit: str) -> None:
    await administration.retire(w.hub, client, thumbprint(public(client.removeprefix("c-"))))


async def _assignment(w: World, client: str, unit: str) -> None:
    async with w.hub.database.read() as reader:
        (row,) = await reader.all(ASSIGNMENTS, client=client)
    await administration.end_assignment(w.hub, row["id"])


async def _resume_client(w: World, client: str, unit: str) -> None:
    await _client(w, client, unit, lift=True)


async def _resume_unit(w: World, client: str, unit: str) -> None:
    await _unit(w, client, unit, lift=True)


ENDINGS = {
    "client suspended": Ending(_client, _resume_client),
    "unit suspended": Ending(_unit, _resume_unit),
    "key retired": Ending(_key),
    "assignment ended": Ending(_assignment),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_token_stops_at_once(kind: str, ending: str) -> None:
    """Every route of its scopes answers 401 as to a bad token; what can be lifted works again with the same token."""
    async with instance(kind) as w:
        for name, client, unit in (("judge", "c-judge", COURT), ("staff", "c-staff", CLINIC)):
            party = Party(w.http, w.clients[name], f"{w.settings.issuer}/oauth/token")
            token = {"Authorization": f"Bearer {await party.token()}"}
            assert (await w.http.get("/v1/me", headers=token)).status_code == 200
            bad = await w.http.get("/v1/me", headers={"Authorization": "Bearer x"})
            await ENDINGS[ending].end(w, client, unit)
            for method, path, documented in operations():
                if documented["security"]:
                    address = path.replace("{", "0" * 31).replace("}", "")
                    answer = await w.http.request(method, address, headers=token)
                    check(answer, method, path)
                    assert (answer.status_code, answer.content) == (401, bad.content), f"{method} {path}"
            lift = ENDINGS[ending].lift
            if lift is not None:
                await lift(w, client, unit)
                assert (await w.http.get("/v1/me", headers=token)).status_code == 200


@run
async def test_a_suspended_unit_is_offered_to_nobody() -> None:
    """It is off the list of units, and what is sent to it is undeliverable: said of the system, not of a person."""
    async with instance("sqlite") as w:
        judge = Party(w.http, w.clients["judge"], f"{w.settings.issuer}/oauth/token")
        assert CLINIC in [unit["id"] for unit in (await judge.get("/v1/units")).json()["items"]]
        case = {"imposing_unit": COURT, "identifiers": [{"type": "docket", "value": "CR-1"}]}
        person = {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}
        referral = {
            "recipient": CLINIC,
            "case_id": (await judge.post("/v1/cases", case)).json()["case_id"],
            "stage": "trial",
            "person": person,
            "conditions": {"service_asked": "outpatient"},
        }
        sent = (await judge.post("/v1/referrals", referral)).json()
        assert sent["transmission"] == "queued"
        await administration.suspend(w.hub, unit=CLINIC)
        shown = (await judge.get(f"/v1/referrals/{sent['id']}")).json()
        assert shown["transmission"] == "undeliverable"
        assert CLINIC not in [unit["id"] for unit in (await judge.get("/v1/units")).json()["items"]]
