"""What an attacker or a clumsy client found at the edge: each once open, each stays shut."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from app.errors import Conflict
from app.exchange import administration
from app.identity.keys import thumbprint
from app.main import create_app
from app.sandbox.party import Party, assertion
from app.sandbox.steps import must, reading
from app.vocabulary import AgencyKind, Role
from tests.api.contract import check
from tests.api.plain import COURT, instance, public
from tests.api.scene import Scene, scene
from tests.api.test_command_line import CommandLine
from tests.exchange.raw import call
from tests.exchange.witness import Witness, nothing
from tests.service import DATABASES, ROOT, World, run, server, world
from tests.storage.direct import change, rows

BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@asynccontextmanager
async def accepted(kind: str = "sqlite") -> AsyncIterator[Scene]:
    """A referral that the clinic accepted."""
    async with world(kind) as w:
        yield await scene(w)


@run
async def test_a_scope_of_spaces_is_no_scope() -> None:
    async with instance("sqlite") as w:
        entry = w.clients["judge"]
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": BEARER,
            "client_assertion": assertion(entry["private_jwk"], entry["client_id"], f"{w.settings.issuer}/oauth/token"),
            "scope": "   ",
        }
        answer = await w.http.post("/oauth/token", data=form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@run
async def test_no_redirect_repeats_what_was_sent() -> None:
    async with instance("sqlite") as w:
        for path in ("/v1/me/", "/docs/", "/v1/referrals/"):
            answer = await w.http.get(f"{path}?x=SECRET", headers={"Host": "evil.example"})
            assert (answer.status_code, answer.json()["code"]) == (404, "route_unknown")
            assert "location" not in answer.headers
            assert "SECRET" not in answer.text + str(answer.headers)


@run
async def test_a_client_acts_for_its_own_agency_only() -> None:
    async with instance("sqlite") as w:
        other = await administration.add_agency(w.hub, AgencyKind.COURT, "Another court")
        place = {"alias": "A provider", "time_zone": "America/Chicago", "profile": "us-42cfr2@1"}
        unit = await administration.add_unit(w.hub, other, "Its part", **place)
        with pytest.raises(Conflict, match="unit_of_other_agency"):
            await administration.assign(w.hub, "c-judge", unit, Role.JUDGE)
        with pytest.raises(Conflict, match="unknown"):
            await administration.assign(w.hub, "c-nobody", COURT, Role.JUDGE)


@run
async def test_a_key_is_retired_once() -> None:
    async with instance("sqlite") as w:
        key = thumbprint(public("judge"))
        await administration.retire(w.hub, "c-judge", key)
        query = "SELECT retired_at FROM client_key WHERE client_id = 'c-judge'"
        before = rows(w.settings.database_url, query)
        with pytest.raises(Conflict, match="key_unknown"):
            await administration.retire(w.hub, "c-judge", key)
        assert rows(w.settings.database_url, query) == before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_suspended_agency_stops_at_once(kind: str) -> None:
    """A cached token stops, a release that was decided is not recorded, and lifting gives all of it back."""
    async with accepted(kind) as s:
        await s.sign(purposes=["referral_coordination"], elements=["referral.decision"])
        app, witness = create_app(s.w.settings), Witness(s.w.hub.database)
        app.state.hub = replace(s.w.hub, database=witness)
        path, token = f"/v1/referrals/{s.referral}", await s.judge.token()
        assert "decision" in (await call(app, token, "GET", path, None, witness.events.append)).json
        assert (await s.judge.get("/v1/me")).status_code == 200

        async def suspended(_: bool) -> None:
            witness.before_record = nothing
            await administration.suspend(s.w.hub, agency="a-court")

        witness.before_record = suspended
        witness.events.clear()
        answer = await call(app, token, "GET", path, None, witness.events.append)
        assert b'"decision"' not in answer.body
        assert witness.events[0] == "shared moved"
        assert (await s.judge.get("/v1/me")).status_code == 401
        await administration.suspend(s.w.hub, agency="a-court", lift=True)
        assert (await s.judge.get("/v1/me")).status_code == 200
        with pytest.raises(Conflict, match="unknown"):
            await administration.suspend(s.w.hub, agency="a-none")


@run
async def test_what_is_sent_to_a_suspended_agency_is_undeliverable() -> None:
    async with accepted() as s:
        await administration.suspend(s.w.hub, agency="a-clinic-harbor")
        shown = await must(await s.judge.get(f"/v1/referrals/{s.referral}"))
        assert shown["transmission"] == "undeliverable"


@run
async def test_two_authorizations_are_none() -> None:
    async with instance("sqlite") as w:
        judge = Party(w.http, w.clients["judge"], f"{w.settings.issuer}/oauth/token")
        good = f"Bearer {await judge.token()}"
        for pair in ((good, "Bearer x"), ("Bearer x", good), (good, good)):
            answer = await w.http.get("/v1/me", headers=[("Authorization", one) for one in pair])
            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
            assert "www-authenticate" in answer.headers


@run
async def test_no_part_of_a_gated_answer() -> None:
    async with accepted() as s:
        paths = {
            reading(kind, s.case_id, "condition_monitoring"): f"/v1/{kind}"
            for kind in ("treatment-statuses", "assessments")
        } | {f"/v1/referrals/{s.referral}": "/v1/referrals/{referral_id}"}
        for path, template in paths.items():
            answer = await s.judge.get(path, Range="bytes=0-10")
            check(answer, "GET", template)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
            assert answer.json()["code"] == "range_not_supported"
            assert (await s.judge.call("HEAD", path)).status_code == 405


@run
async def test_a_clinics_replay_is_authorised_as_things_stand() -> None:
    """A replay to a clinic that the patient has left since is refused like any other of its requests."""
    async with accepted() as s:
        response = f"/v1/referrals/{s.referral}/response"
        revocation = f"/v1/patients/{s.patient}/revocations"
        bodies = {response: {"decision": "accepted"}, revocation: {"all": True}}
        kept = {path: await s.clinic.post(path, body, Idempotency_Key="k") for path, body in bodies.items()}
        for path, body in bodies.items():
            assert (await s.clinic.post(path, body, Idempotency_Key="k")).content == kept[path].content
        move(s.w, s.patient)
        for path, body in bodies.items():
            assert (await s.clinic.post(path, body, Idempotency_Key="k")).status_code == 404


def move(w: World, patient: str) -> None:
    """Give a patient to another clinic, beside the service."""
    change(w.settings.database_url, f"UPDATE patient SET unit_id = 'u-clinic-hillside' WHERE id = '{patient}'")


def test_the_command_line_suspends_an_agency(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    court = line.made("agency", "add", "--kind", "court", "--name", "Superior Court")
    place = ("--time-zone", "America/Chicago", "--agency", court)
    unit = line.made("unit", "add", "--name", "Part 1", *place)
    client = line.made("client", "add", "--unit", unit, "--role", "judge", "--jwk", line.jwk("first"))

    @run
    async def life() -> None:
        async with line.served() as http:
            judge = line.party(http, client, "first")
            assert (await judge.get("/v1/me")).status_code == 200
            for verb, status in (("suspend", 401), ("resume", 200)):
                line.made("agency", verb, "--agency", court)
                assert (await judge.get("/v1/me")).status_code == status

    life()


def test_the_server_writes_no_line_but_ours() -> None:
    """A request that is no HTTP is nobody's news; a start that fails is told, as JSON."""
    with server("sqlite") as (running, _):
        port = int(running.base_url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
            raw.sendall(b"SECRET \x00 nonsense\r\n\r\n")
            assert raw.recv(200).startswith(b"HTTP/1.1 400")
        second = subprocess.run(
            [sys.executable, "-m", "app", "serve"],
            cwd=ROOT,
            env=os.environ | json.loads((running.folder / "environment.json").read_text()),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode != 0
        told = [json.loads(line) for line in second.stderr.splitlines()]
        assert [(line["event"], line["code"]) for line in told] == [("server_error", "EADDRINUSE")]
        text = (running.folder / "server.log").read_text()
        assert "SECRET" not in text
        assert [json.loads(line)["event"] for line in text.splitlines()] != []
