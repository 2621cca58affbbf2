"""Clients that write and read while things are killed, and keep what they sent and what they were answered."""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from app.sandbox.party import Party
from app.sandbox.start import CLINIC, COURT, PERSON
from app.sandbox.weeks import past_mondays, week
from tests.resilience.patient import Patient

PROBATION: Final = "u-probation-adult"
GONE: Final = (httpx.HTTPError, KeyError)
"""What a client meets when the other side dies: no connection, half an answer, a token answer without a token."""


@dataclass
class Write:
    """One creating request, its key, and the id it was acknowledged with."""

    party: Party
    table: str
    column: str
    """Where the answered id must be found."""
    path: str
    body: dict[str, Any]
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    acknowledged: str | None = None

    async def send(self) -> bool:
        """Send it, again with the same key if it was sent before; whether it was acknowledged."""
        try:
            answer = await self.party.post(self.path, self.body, **{"Idempotency_Key": self.key})
        except GONE:
            return False
        if answer.status_code in (409, 503):  # the first one still runs, or the database is away
            return False
        assert answer.status_code == 201, answer.text
        identifier = answer.json()["id"]
        assert self.acknowledged in (None, identifier)
        self.acknowledged = identifier
        return True


@dataclass
class Traffic:
    """Everything sent and received, over all rounds."""

    someone: Patient
    writes: list[Write] = field(default_factory=list)
    received: list[list[str]] = field(default_factory=list)
    """The item ids of every body that arrived whole."""
    _names: "itertools.count[int]" = field(default_factory=itertools.count)

    async def run(self, stop: asyncio.Event) -> None:
        """Write and read until told to stop."""
        tasks = [self._write(kind, stop) for kind in (self._referral, self._patient, self._consent) * 2]
        tasks += [self._read(stop) for _ in range(4)]
        await asyncio.gather(*tasks)

    async def _send(self, write: Write) -> str | None:
        self.writes.append(write)
        await write.send()
        return write.acknowledged

    async def _write(self, kind: Any, stop: asyncio.Event) -> None:
        while not stop.is_set():
            async for write in kind():
                if await self._send(write) is None:
                    await asyncio.sleep(0.02)
                    break

    async def _read(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                answer = await self.someone.judge.get(self.someone.path)
            except GONE:
                await asyncio.sleep(0.02)
                continue
            assert answer.status_code in (200, 503), answer.text
            if answer.status_code == 200:
                self.received.append([item["id"] for item in answer.json()["items"]])

    def _person(self) -> dict[str, str]:
        return PERSON | {"given_name": f"Person {next(self._names)}"}

    async def _referral(self) -> AsyncIterator[Write]:
        body = {"recipient": CLINIC, "case_id": self.someone.case_id, "stage": "trial", "person": self._person()}
        body |= {"conditions": {"service_asked": "outpatient"}}
        yield Write(self.someone.judge, "referral", "id", "/v1/referrals", body)

    async def _patient(self) -> AsyncIterator[Write]:
        clinic = self.someone.clinic
        added = Write(clinic, "patient", "id", "/v1/patients", self._person())
        yield added
        for monday in past_mondays(3):
            body = {"patient_id": added.acknowledged, "period": week(monday), "status": "active"}
            yield Write(clinic, "message", "id", "/v1/treatment-statuses", body)

    async def _consent(self) -> AsyncIterator[Write]:
        await asyncio.sleep(0.05)  # a few: each one is weighed in every read
        clinic, units = self.someone.clinic, ((COURT, "court_team"), (PROBATION, "probation_officer"))
        recipients = [{"org_unit": unit, "role": role} for unit, role in units]
        proposal = self.someone.proposal | {"recipients": recipients, "additional": True}
        proposed = Write(clinic, "consent", "id", "/v1/consents", proposal)
        yield proposed
        path = f"/v1/consents/{proposed.acknowledged}/signatures"
        yield Write(clinic, "consent_signature", "consent_id", path, signing())


def signing() -> dict[str, Any]:
    """Everything that the law asks for, at once."""
    at = datetime.now(UTC).replace(microsecond=0).isoformat()
    signature = {"role": "patient", "name": "Sam Avery", "method": "wet", "signed_at": at}
    return {
        "signatures": [signature | {"evidence_hash": "sha256:" + "0" * 64}],
        "capacity": {"status": "presumed", "assessed_by": "N. Reyes, LCSW", "at": at},
        "notice_given": {"version": "2026-02", "at": at, "language": "en"},
        "copy_given_at": at,
    }
