"""The receiver that the court's page offers: it takes the real worker's rings, and nobody else's."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from app.sandbox.cluster import free_port
from tests.docs.reading import ROOT
from tests.docs.sides import JUDGE, STAFF, sides
from tests.docs.test_outages import _until


def test_the_example_is_rung_and_reads_what_is_new(tmp_path: Path) -> None:
    """A consent is signed, the worker rings, and what it allows is printed; a forged or stale ring changes nothing."""
    with sides(tmp_path) as s:
        port = free_port()
        case_id, referral, patient = s.refer()
        (tmp_path / "cases.txt").write_text(f"{case_id}\n")
        s.do(JUDGE, "doorbell.py", "register", f"http://127.0.0.1:{port}/doorbell", "secret.txt")
        secret = (tmp_path / "secret.txt").read_text()
        assert secret.startswith("whsec_") and (tmp_path / "secret.txt").stat().st_mode & 0o077 == 0
        s.do(JUDGE, "nightly_sync.py", "place.txt", "cases.txt")
        with s.start(JUDGE, "doorbell.py", "listen", str(port), "secret.txt", "place.txt", "cases.txt") as door:
            try:
                _until(door, "listening")
                s.do(STAFF, "clinic.py", "report", patient, "--session", "attended")
                s.consent(patient, referral)
                _forge(port, secret)
                environment = os.environ | json.loads((s.running.folder / "environment.json").read_text())
                command = [sys.executable, "-m", "app", "work", "--once"]
                done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
                assert done.returncode == 0 and '"code":"taken"' in done.stderr, done.stderr
                assert door.stdout is not None
                assert '"enrolment.status"' in door.stdout.readline()
            finally:
                door.kill()


def _forge(port: int, secret: str) -> None:
    body, now = b'{"type":"feed.poll","id":"x"}', int(time.time())
    for at, key in ((now, b"another key, not the one we have"), (now - 3600, base64.b64decode(secret[6:]))):
        mac = hmac.new(key, f"x.{at}.".encode() + body, hashlib.sha256).digest()
        headers = {"webhook-id": "x", "webhook-timestamp": str(at)}
        headers |= {"webhook-signature": "v1," + base64.b64encode(mac).decode()}
        assert httpx.post(f"http://127.0.0.1:{port}/doorbell", content=body, headers=headers).status_code == 400
