"""Both sides of an exchange as the programs of ``examples/``, a live server, and a line that loses an answer."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.docs.reading import ROOT
from tests.service import Server, server

EXAMPLES = ROOT / "examples"
JUDGE, STAFF = "c-court-treatment-judge", "c-clinic-harbor-clinic-staff"


class Sides:
    """A live server and the programs of both sides, each with its own key and id."""

    def __init__(self, running: Server, clients: dict[str, dict[str, Any]], folder: Path) -> None:
        self.running, self.folder, self._clients = running, folder, clients

    def environment(self, client: str, **more: str) -> dict[str, str]:
        """What a program of this client needs to know."""
        key = self.folder / f"{client}.jwk"
        key.write_text(json.dumps(self._clients[client]["private_jwk"]))
        own = {"THROUGHCARE_URL": self.running.base_url, "THROUGHCARE_CLIENT": client, "THROUGHCARE_KEY": str(key)}
        return os.environ | own | {"THROUGHCARE_PATIENCE": "60"} | more

    def start(self, client: str, *command: str, **more: str) -> "subprocess.Popen[str]":
        """Start one of the examples; ``more`` replaces variables."""
        program, *arguments = command
        return subprocess.Popen(
            [sys.executable, str(EXAMPLES / program), *arguments],
            cwd=self.folder,
            env=self.environment(client, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def do(self, client: str, *command: str, code: int = 0, **more: str) -> tuple[str, str]:
        """Standard output and error of a program that has to end with ``code``."""
        with self.start(client, *command, **more) as process:
            out, err = process.communicate(timeout=90)
        assert process.returncode == code, err
        return out.strip(), err

    def refer(self, docket: str = "CR-1", given: str = "Robin") -> tuple[str, str, str]:
        """Case, referral and patient, accepted."""
        who = ("--docket", docket, "--given", given, "--family", "Example", "--born", "1990-01-31")
        case_id, referral = self.do(JUDGE, "court.py", "refer", "--clinic", "u-clinic-harbor", *who)[0].split()
        return case_id, referral, self.do(STAFF, "clinic.py", "accept", referral)[0]

    def consent(self, patient: str, referral: str, given: str = "Robin") -> None:
        """Signed, for the judge to read whether the person is engaged and active."""
        (self.folder / "form.pdf").write_text("the scanned form")
        form = ("--name", f"{given} Example", "--unit", "u-court-treatment", "--role", "judge", "--until", "2035-06-30")
        more = ("--clerk", "N. Reyes", "--scan", "form.pdf", "--element", "enrolment.status")
        self.do(STAFF, "clinic.py", "consent", patient, referral, *form, *more)


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    """A fresh server; the programs work in ``folder``."""
    with server("sqlite") as (running, clients):
        yield Sides(running, clients, folder)


class _Cutting(BaseHTTPRequestHandler):
    """Passes requests on. Of the first write of a status it loses the answer, to the second it says 503."""

    target = ""
    keys: list[str]

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
        writing = self.command == "POST" and self.path == "/v1/treatment-statuses"
        if writing:
            self.keys.append(self.headers["idempotency-key"])
        if writing and len(self.keys) == 2:
            self._answer(503, b'{"code":"unavailable"}', {"Retry-After": "2"})
            return
        answer = httpx.request(self.command, self.target + self.path, content=body, headers=headers)
        if writing and len(self.keys) == 1:
            self.close_connection = True
            return
        self._answer(answer.status_code, answer.content, {})

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        given = headers | {"Content-Type": "application/json", "Content-Length": str(len(content))}
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _pass

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def cutting(target: str) -> Iterator[tuple[str, list[str]]]:
    """The address of the line, and the Idempotency-Keys that it has seen."""
    keys: list[str] = []
    handler = type("Cutting", (_Cutting,), {"target": target, "keys": keys})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{proxy.server_port}", keys
        proxy.shutdown()
        thread.join()
