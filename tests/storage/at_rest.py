"""A real instance with unmistakable words wherever words are taken, and a search through what lies on the disk."""

import asyncio
import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from app.exchange.hub import Hub
from app.instance import open_hub
from app.routers.examples import PAPER_DISCLOSURE
from app.sandbox import steps
from app.sandbox.cluster import JUSTICE, SERVING, Cluster, as_role, free_port
from app.sandbox.party import Party
from app.sandbox.register import register
from app.sandbox.steps import must, reading
from app.sandbox.weeks import past_mondays
from app.serving import prepare
from app.settings import read_keys
from tests.api.handing import allow, handed
from tests.api.scene import CLINIC, COURT, MONITOR, signing
from tests.service import ROOT, Server, settings_for

PERSON: Final = {"given_name": "Zqgivencanary", "sur_name": "Zqsurcanary", "birth_date": "1907-03-09"}
WORDS: Final = (
    *PERSON.values(),
    "ZQ-DOCKET-77",
    "Zqreasoncanary",
    "Zqlocalcanary",
    "Zqnotecanary",
    "Zqstaffcanary",
    "Zqlettercanary",
    "zqmailcanary",
    "ZQ-SENDERS-9",
    "N07BC02",  # methadone
)
IN_CLEAR: Final = "Harbor"
"""Part of a unit's name, which is public: the search must find it, or it would find nothing else either."""


def forms(word: str) -> set[bytes]:
    """How a word may stand in a file: as it is, in hexadecimal, in base64 at each of the three places."""
    raw = word.encode()
    coded = {base64.b64encode(b"x" * n + raw)[-(-8 * n // 6) : -4].rstrip(b"=") for n in range(3)}
    return {raw, raw.hex().encode(), raw.hex().upper().encode(), *(one for one in coded if len(one) >= 8)}


def found(words: Iterable[str], texts: dict[str, bytes]) -> list[tuple[str, str]]:
    """(word, name of the text) for every word that stands in one."""
    return [(w, name) for w in words for name, text in texts.items() if any(one in text for one in forms(w))]


def texts_below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass
class Kept:
    """A running instance, who acts, and whom it is about."""

    running: Server
    clients: dict[str, dict[str, Any]]
    patient: str = ""
    referral: str = ""

    @property
    def folder(self) -> Path:
        """With the log of the service and, of SQLite, the database."""
        return self.running.folder

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command on this instance."""
        environment = os.environ | json.loads((self.folder / "environment.json").read_text())
        line = [sys.executable, "-m", "app", *words]
        return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    def play(self) -> None:
        """Everything that takes words, good requests and refused ones."""
        asyncio.run(_played(self))


@contextlib.contextmanager
def kept(url: str | None = None) -> Iterator[Kept]:
    """An instance on this PostgreSQL database, or on a file of SQLite."""
    folder = Path(tempfile.mkdtemp(prefix="throughcare-test-"))
    more = {"THROUGHCARE_DATABASE_URL": url} if url is not None else {}
    settings = settings_for("sqlite", folder, free_port(), **more)
    prepare(settings, as_role(settings.database_url))

    async def registered() -> list[dict[str, Any]]:
        hub: Hub = await open_hub(settings)
        try:
            return await register(hub, bytes.fromhex(read_keys(settings)["master"]))
        finally:
            await hub.database.close()

    clients = {client["client_id"]: client for client in asyncio.run(registered())}
    one = Kept(Server(settings, folder, 1), clients)
    one.running.start()
    try:
        yield one
    finally:
        one.running.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def talkative_cluster() -> Iterator[Cluster]:
    """A cluster that writes every statement and its parameters into a log in its data directory."""
    cluster = Cluster()
    with (cluster._data / "postgresql.conf").open("a") as file:
        file.write("logging_collector = on\nlog_directory = 'log'\nlog_filename = 'all.log'\n")
    cluster.start()
    try:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            for role in ("throughcare", SERVING, JUSTICE):
                connection.execute(f"ALTER ROLE {role} SET log_statement = 'all'".encode())
                connection.execute(f"ALTER ROLE {role} SET log_min_messages = 'log'".encode())
        yield cluster
    finally:
        cluster.stop()


async def _played(one: Kept) -> None:
    async with httpx.AsyncClient(base_url=one.running.base_url, timeout=30) as http:
        names = ("c-court-treatment-judge", "c-clinic-harbor-clinic-staff")
        judge, clinic = (Party(http, one.clients[name], f"{one.running.base_url}/oauth/token") for name in names)
        case_id = await steps.register_case(judge, COURT, "docket", "ZQ-DOCKET-77")
        more: dict[str, Any] = {"contact": {"email": "zqmailcanary@example.org"}, "referral_reason": "Zqreasoncanary"}
        more["identifier"] = {"system": "https://court.example", "value": "ZQ-SENDERS-9"}
        sent = await steps.refer(judge, CLINIC, case_id, PERSON, **more)
        added = await clinic.post("/v1/patients", PERSON | {"local_id": "Zqlocalcanary"}, Idempotency_Key="k-1")
        one.patient, one.referral = (await must(added, 201))["id"], sent["id"]
        await steps.accept(clinic, one.referral, one.patient)
        note = {"counselling_notes": "Zqnotecanary"}
        await steps.assess(clinic, one.patient, past_mondays(1)[0], **note)
        await steps.report(clinic, one.patient, past_mondays(1)[0], ("attended",))
        name = f"{PERSON['given_name']} {PERSON['sur_name']}"
        wanted = {"recipients": [{"org_unit": COURT, "role": "judge"}], "elements": ["enrolment.status"]}
        form = steps.form(one.patient, one.referral, name, CLINIC, **wanted)
        consent = (await must(await clinic.post("/v1/consents", form), 201))["id"]
        signed = signing()
        signed["signatures"][0]["name"] = name
        await must(await clinic.post(f"/v1/consents/{consent}/signatures", signed), 201)
        acting = '"Zqstaffcanary"; name="Zqstaffcanary"'
        read = await must(await judge.get(reading("treatment-statuses", case_id, MONITOR), Acting_User=acting))
        assert read["items"]
        letter = PAPER_DISCLOSURE | {"recipient": {"name": "Zqlettercanary"}, "basis": "medical_emergency"}
        letter = {member: value for member, value in letter.items() if member not in ("consent_id", "case")}
        await must(await clinic.post(f"/v1/patients/{one.patient}/disclosures", letter), 201)
        await allow(clinic, one.patient, subject={"name_on_form": name})
        await handed(clinic, one.patient, person=PERSON)
        for party in (judge, clinic):
            for word in WORDS:
                await party.get(f"/v1/{word}?{word}=1", X_Request_Id=f"{word} of somebody", Acting_User=f'"{word}"')
                await party.post("/v1/referrals", {word: word})
