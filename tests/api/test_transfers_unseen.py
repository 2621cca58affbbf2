"""Transfers: what changes meanwhile is not told, all that is told is recorded, and no justice unit sees any of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.errors import NotFound
from app.exchange import administration, handover
from app.exchange.authenticate import authenticate
from app.sandbox import steps
from app.sandbox.steps import must, reading
from app.storage.database import Transaction
from tests.api.contract import check
from tests.api.handing import (
    CONTENT,
    GUARD,
    LIST,
    NURSE,
    STAFF,
    allow,
    handed,
    listed,
    read,
    revoke,
)
from tests.api.scene import COURT, MARIA, scene
from tests.api.worlds_play import play
from tests.exchange.witness import Witness
from tests.service import DATABASES, run, world
from tests.storage.direct import count, rows


@dataclass
class _Meanwhile(Witness):
    """Something else happens between the decision and the transaction of its record."""

    happens: Callable[[], Awaitable[None]] | None = None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction, once the other thing has happened."""
        happens, self.happens = self.happens, None
        if happens is not None:
            await happens()
        async with self.inner.write() as transaction:
            yield transaction


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("how", ["revoked", "cancelled", "suspended", "narrowed"])
@run
async def test_what_changes_between_decision_and_record_is_not_told(kind: str, how: str) -> None:
    """The gate moved: decided again. Nothing is told, or only what is left; what is not told is not recorded."""
    async with world(kind) as w:
        clinic = w.party(STAFF)
        patient = await steps.add_patient(clinic, MARIA)
        await allow(clinic, patient)
        transfer = await handed(clinic, patient)
        token = await w.party(NURSE).token()
        caller = await authenticate(w.hub, f"Bearer {token}", None, "r-1")

        async def happens() -> None:
            if how == "cancelled":
                await must(await clinic.post(f"{LIST}/{transfer}/cancellation", None))
            elif how == "suspended":
                await administration.suspend(w.hub, unit="u-prison-health")
            else:
                await revoke(clinic, patient, **({"elements": ["clinical.medication"]} if how == "narrowed" else {}))

        hub = replace(w.hub, database=_Meanwhile(w.hub.database, happens=happens))
        told = 0
        if how == "narrowed":
            told = 1
            body = (await handover.fetch(hub, caller, transfer)).value
            assert {name for name in CONTENT if name in body} == {*CONTENT} - {"medication"}
        else:
            with pytest.raises(NotFound):
                await handover.fetch(hub, caller, transfer)
        assert count(w.settings.database_url, "disclosure") == told
        assert ("delivered" in (await read(clinic, transfer)).text) is bool(told)
        page = (await handover.inbox(w.hub, caller, (0, ""), 5)).value
        assert len(page[0]) == told


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_pages_are_full_until_the_last(kind: str) -> None:
    """Transfers that may not be told any more neither shorten a page nor stand on one."""
    async with world(kind) as w:
        clinic, nurse = w.party(STAFF), w.party(NURSE)
        told, made = [], 0
        for number in range(7):
            patient = await steps.add_patient(clinic, MARIA | {"local_id": f"n-{number}"})
            await allow(clinic, patient)
            transfers = [await handed(clinic, patient) for _ in range(2)]
            made += 2
            if number in (0, 2, 3):
                await revoke(clinic, patient)
            else:
                told += transfers
        pages, query = [], "limit=3"
        while query:
            answer = await nurse.get(f"{LIST}?{query}")
            check(answer, "GET", LIST)
            pages.append([item["id"] for item in answer.json()["items"]])
            query = f"limit=3&after={answer.json()['next']}" if "next" in answer.json() else ""
        assert pages == [told[:3], told[3:6], told[6:]]
        assert len(await listed(clinic, direction="sent", limit="50")) == made
        (first,) = await listed(clinic, direction="sent", limit="1")
        assert first["patient_id"] and first["transmission"] == "queued"
        cursor = (await nurse.get(f"{LIST}?limit=1")).json()["next"]
        wrong = await clinic.get(f"{LIST}?direction=sent&after={cursor}")
        assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "cursor_invalid")
        assert (await nurse.get(f"{LIST}?direction=both")).status_code == 422
        assert (await nurse.get(f"{LIST}?limit=51")).status_code == 422


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_every_fetch_is_recorded(kind: str) -> None:
    """Hit or miss one consultation, a disclosure for each transfer given; nothing that a justice unit reads changes."""
    async with world(kind) as w:
        clinic, nurse, url = w.party(STAFF), w.party(NURSE), w.settings.database_url
        patient = await steps.add_patient(clinic, MARIA)
        await allow(clinic, patient)
        others = {table: rows(url, f"SELECT * FROM {table}") for table in ("element_row", "feed_mark", "gate")}
        transfer = await handed(clinic, patient)
        before = count(url, "consultation"), count(url, "disclosure")
        for path in (f"{LIST}/{transfer}", LIST, f"{LIST}/{'0' * 32}"):
            await nurse.get(path, Acting_User='"rn-7"; name="N. Ortiz"')
        assert (count(url, "consultation"), count(url, "disclosure")) == (before[0] + 3, before[1] + 2)
        entries = [bytes(entry) for (entry,) in rows(url, "SELECT entry FROM disclosure ORDER BY at")]
        for entry in entries:
            assert b'"redisclosure":"hipaa_except_proceedings"' in entry and b'"purpose":"treatment"' in entry
            assert b"Lopez" not in entry and b"N07BC02" not in entry and transfer.encode() not in entry
        (row,) = (await must(await clinic.get(f"/v1/patients/{patient}/disclosures")))["items"]
        assert row["acting_user"] == {"id": "rn-7", "name": "N. Ortiz"}
        assert {table: rows(url, f"SELECT * FROM {table}") for table in others} == others


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_no_justice_unit_can_tell_that_care_was_handed_over(kind: str) -> None:
    """Judge, probation and custody officer get the same bytes before, during and after."""
    async with world(kind) as w:
        s = await scene(w)
        await s.sign()
        observers = [s.judge, w.party("c-probation-adult-probation-officer"), w.party(GUARD)]
        case_ids = {one.unit: await steps.register_case(one, COURT, "docket", "CR-2026-0417") for one in observers}

        async def looks() -> list[tuple[int, bytes, str | None]]:
            seen = []
            for one in observers:
                for purpose in ("condition_monitoring", "referral_coordination", "treatment"):
                    for kind_ in ("treatment-statuses", "assessments"):
                        seen.append(await one.get(reading(kind_, case_ids[one.unit], purpose)))
                for path in ("/v1/referrals", f"/v1/referrals/{s.referral}", LIST, f"{LIST}/{'0' * 32}"):
                    seen.append(await one.get(path))
            return [(answer.status_code, answer.content, answer.headers.get("etag")) for answer in seen]

        async def gates() -> list[Any]:
            found = rows(w.settings.database_url, "SELECT key, epoch FROM gate ORDER BY key")
            return [row for row in found if not row[0].endswith(":u-prison-health")]

        before = await looks()
        assert any(status == 200 and b"enrolment.status" in body for status, body, _ in before)
        moved = await gates()
        await allow(s.clinic, s.patient)
        transfer, other = await handed(s.clinic, s.patient), await handed(s.clinic, s.patient)
        assert await looks() == before
        await must(await read(w.party(NURSE), transfer))
        await must(await s.clinic.post(f"{LIST}/{other}/cancellation", None))
        assert await looks() == before
        await revoke(s.clinic, s.patient, recipients=["u-prison-health"])
        assert (await looks(), await gates()) == (before, moved)


@run
async def test_the_worlds_stay_alike_while_care_is_handed_over() -> None:
    played = await play("sqlite", "transfers", forced=("handed_over",), most=0, lookers=0)
    assert played.hidden.count("handed_over") > 10
