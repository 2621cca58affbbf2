"""Wrapping keys are rotated while a real server serves: nobody notices, and the old key is then needed by nothing."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from app.sandbox import steps
from app.sandbox.party import Party
from tests.api.scene import CLINIC, COURT, MARIA
from tests.service import DATABASES, ROOT, Server, server
from tests.storage.direct import rows


def command(of: Server, *words: str) -> subprocess.CompletedProcess[str]:
    """One command on the instance of a running server."""
    environment = os.environ | json.loads((of.folder / "environment.json").read_text())
    line = [sys.executable, "-m", "app", *words]
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def wrapping(of: Server) -> dict[str, Any]:
    """The wrapping keys in the keys file."""
    found: dict[str, Any] = json.loads(of.settings.keys.read_text())["wrapping"]
    return found


class Traffic:
    """A court and a clinic at work: they write and read until they are stopped, and note every status."""

    def __init__(self, judge: Party, clinic: Party) -> None:
        self.judge, self.clinic = judge, clinic
        self.statuses: list[int] = []
        self.patients: list[str] = []
        self._stopped = False

    async def until_stopped(self) -> None:
        """One person after another: added, shown, referred, read again."""
        number = 0
        while not self._stopped:
            number += 1
            await self._one(f"CR-{id(self)}-{number}")

    async def _one(self, docket: str) -> None:
        case_id = await steps.register_case(self.judge, COURT, "docket", docket)
        sent = await steps.refer(self.judge, CLINIC, case_id, MARIA)
        added = await self.clinic.post("/v1/patients", MARIA)
        self.patients.append(added.json()["id"])
        answers = [added]
        for patient in {self.patients[0], self.patients[-1]}:
            answers.append(await self.clinic.get(f"/v1/patients/{patient}"))
        answers.append(await self.judge.get(f"/v1/referrals/{sent['id']}"))
        answers.append(await self.clinic.get("/v1/referrals?direction=received"))
        answers.append(await self.judge.get(steps.reading("treatment-statuses", case_id, "condition_monitoring")))
        self.statuses += [answer.status_code for answer in answers]

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """While the block runs."""
        task = asyncio.create_task(self.until_stopped())
        try:
            yield
        finally:
            self._stopped = True
            await task


@pytest.mark.parametrize("kind", DATABASES)
def test_a_server_serves_throughout_a_rotation_without_an_error(kind: str) -> None:
    with server(kind) as (running, clients):
        old = wrapping(running)["current"]
        new, traffic = asyncio.run(_rotated(running, clients, old))
        assert set(traffic.statuses) <= {200, 201}, traffic.statuses
        assert len(traffic.patients) > 2
        assert list(wrapping(running)["keys"]) == [new] != [old]
        by = rows(running.settings.database_url, "SELECT DISTINCT wrapped_by FROM data_key WHERE wrapped IS NOT NULL")
        assert by == [(new,)]


async def _rotated(running: Server, clients: dict[str, dict[str, Any]], old: str) -> tuple[str, Traffic]:
    async with httpx.AsyncClient(base_url=running.base_url, timeout=30) as http:
        names = ("c-court-treatment-judge", "c-clinic-harbor-clinic-staff")
        judge, clinic = (Party(http, clients[name], f"{running.base_url}/oauth/token") for name in names)
        traffic = Traffic(judge, clinic)
        async with traffic.going_on():
            await _until(traffic, 20)
            refused = await asyncio.to_thread(command, running, "keys", "retire", old)
            assert refused.returncode == 1 and "rotate first" in refused.stderr
            new = (await asyncio.to_thread(command, running, "keys", "rotate")).stdout.strip()
            assert wrapping(running)["current"] == new
            refused = await asyncio.to_thread(command, running, "keys", "retire", old)
            assert refused.returncode == 1 and "rewrap first" in refused.stderr
            await _retired(running, old)
            await _until(traffic, len(traffic.statuses) + 20)
    return new, traffic


async def _until(traffic: Traffic, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(traffic.statuses) < count and time.monotonic() < deadline:
        await asyncio.sleep(0.05)


async def _retired(running: Server, old: str) -> None:
    """Rewrap until nothing needs the old key: the server itself may have wrapped one with it in between."""
    for _ in range(20):
        done = await asyncio.to_thread(command, running, "keys", "rewrap")
        assert done.returncode == 0, done.stderr
        if (await asyncio.to_thread(command, running, "keys", "retire", old)).returncode == 0:
            return
        await asyncio.sleep(0.2)
    raise AssertionError("the old key is still needed")


def test_a_key_that_is_gone_from_the_file_opens_nothing_and_says_so() -> None:
    """What was wrapped by it is lost with it: so retiring refuses while anything needs it."""
    with server("sqlite") as (running, clients):
        asyncio.run(_add_patient(running, clients["c-clinic-harbor-clinic-staff"]))
        running.stop()
        keys = json.loads(running.settings.keys.read_text())
        other = {"current": "00000001", "keys": {"00000001": "11" * 32}}
        running.settings.keys.write_text(json.dumps(keys | {"wrapping": other}))
        failed = command(running, "keys", "rewrap")
        assert failed.returncode == 1 and failed.stdout == "" and "not among ours" in failed.stderr
        running.settings.keys.write_text(json.dumps(keys))
        assert command(running, "keys", "rewrap").stdout == "0 keys wrapped anew\n"


async def _add_patient(running: Server, client: dict[str, Any]) -> None:
    async with httpx.AsyncClient(base_url=running.base_url, timeout=30) as http:
        await steps.add_patient(Party(http, client, f"{running.base_url}/oauth/token"), MARIA)


def test_keys_from_a_command_are_the_keys_and_are_not_changed_here() -> None:
    """The command's words are split as a shell would, but no shell runs them."""
    with server("sqlite") as (running, _):
        running.stop()
        kept = running.folder / "behind the command.json"
        running.settings.keys.rename(kept)
        path = running.folder / "environment.json"
        chosen = json.loads(path.read_text()) | {"THROUGHCARE_KEYS_COMMAND": f"cat '{kept}'"}
        path.write_text(json.dumps(chosen))
        running.start()
        rotated = command(running, "keys", "rotate")
        assert rotated.returncode == 1 and "THROUGHCARE_KEYS_COMMAND" in rotated.stderr
        assert command(running, "keys", "rewrap").stdout == "0 keys wrapped anew\n"
        path.write_text(json.dumps(chosen | {"THROUGHCARE_KEYS_COMMAND": "cat /nowhere; echo {}"}))
        refused = command(running, "keys", "rewrap")
        assert refused.returncode == 1 and refused.stderr.startswith(
            "THROUGHCARE_KEYS_COMMAND: the command gave no keys"
        )
