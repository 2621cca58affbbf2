"""What an attack on keys, rotation and erasure found: each case failed before it was mended."""

import asyncio
import json
import time
from typing import Any

import pytest

from app.exchange import erasure, rotation
from app.exchange.erasure import reapply
from app.instance import open_hub, ready_hub
from app.sandbox import steps
from app.sandbox.steps import must
from app.settings import change_keys
from app.storage import transfers
from app.storage.shreds import Shred
from app.storage.wrapping import Unsealable, Wrapping, first_wrapping, with_another
from tests.api.handing import HILLSIDE, allow, handed
from tests.api.scene import MARIA, scene
from tests.service import DATABASES, run, world
from tests.storage.direct import count, key_of, rows

OTHER = {"given_name": "Ana", "sur_name": "Diaz", "birth_date": "1980-02-01"}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_rewrap_that_began_before_a_later_rotation_wraps_nothing_with_a_key_that_was_retired(kind: str) -> None:
    """Else what it wraps after that key left the file is lost for ever."""
    async with world(kind) as w:
        s = await scene(w)
        settings = w.settings

        def rotated() -> str:
            changed = change_keys(settings.keys, lambda keys: keys | {"wrapping": with_another(keys["wrapping"])})
            return str(changed["wrapping"]["current"])

        second = rotated()
        late = await open_hub(settings)  # begins with the second key as the current one
        try:
            third = rotated()
            newest = await open_hub(settings)
            try:
                await rotation.retire(newest, second)
            finally:
                await newest.database.close()
            change_keys(settings.keys, lambda keys: keys | {"wrapping": _without(keys["wrapping"], second)})
            await rotation.rewrap(late)
            assert rows(settings.database_url, "SELECT DISTINCT wrapped_by FROM data_key WHERE wrapped_by <> ''") == [
                (third,)
            ]
        finally:
            await late.database.close()
        again = await open_hub(settings)
        try:
            async with again.database.read():
                again.vault.key_behind(key_of(settings.database_url, s.patient))
        finally:
            await again.database.close()


def _without(stored: dict[str, Any], name: str) -> dict[str, Any]:
    return stored | {"keys": {one: key for one, key in stored["keys"].items() if one != name}}


@run
async def test_a_transfer_that_is_cancelled_while_its_patient_is_erased_stays_erased() -> None:
    """The cancellation read before the erasure's commit, and writes after it: what it writes nobody could open."""
    async with world("postgresql") as w:
        s = await scene(w)
        await allow(s.clinic, s.patient)
        transfer = await handed(s.clinic, s.patient)
        async with w.hub.database.write() as tx:
            row = await tx.one(transfers.SENT, transfer=transfer, unit="u-clinic-harbor")
            assert row is not None
            await erasure.erase_patient(w.hub, s.patient)
            assert await tx.run(transfers.CANCEL, transfer=transfer, sealed_=b"\x02 words") == 0
        assert (await must(await s.clinic.get("/v1/transfers")))["items"] == []
        assert (await must(await w.party(HILLSIDE).get("/v1/transfers")))["items"] == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_record_that_was_merged_into_an_erased_one_can_still_be_revoked_for_and_erased(kind: str) -> None:
    """As a copy of before the merge was undone holds it, or a merge after an erasure that was listed, not committed."""
    async with world(kind) as w:
        s = await scene(w)
        await s.sign()
        survivor = await steps.add_patient(s.clinic, OTHER)
        w.hub.shreds.append(Shred("patient", 1, (survivor,), (survivor,)))
        await must(await s.clinic.post(f"/v1/patients/{survivor}/merge", {"merged": s.patient}))
        hub = await ready_hub(w.settings)
        try:
            assert "merged_into" not in await must(await s.clinic.get(f"/v1/patients/{s.patient}"))
            everything = {"on_behalf_of": "patient", "all": True}
            await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", everything))
            assert await s.values() == []
            assert (await erasure.erase_patient(hub, s.patient))["records"] == 1
        finally:
            await hub.database.close()


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_transfer_that_was_sent_after_an_erasure_was_listed_dies_with_it_and_is_listed(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        w.hub.shreds.append(Shred("patient", 1, (s.patient,), (s.patient,)))
        await allow(s.clinic, s.patient)
        transfer = await handed(s.clinic, s.patient)
        assert await reapply(w.hub) == 1
        assert count(w.settings.database_url, "data_key", f"owner = '{transfer}' AND wrapped IS NOT NULL") == 0
        assert w.hub.shreds.entries()[-1].keys == tuple(sorted((s.patient, transfer)))
        assert await reapply(w.hub) == 0


@run
async def test_keys_that_cannot_be_read_again_are_answered_503_and_not_500() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        elsewhere = Wrapping(first_wrapping())
        wrapped = elsewhere.wrap(bytes(32), s.patient)
        async with w.hub.database.write() as tx:
            tx._connection.execute(  # type: ignore[attr-defined]  # as a rotation elsewhere leaves it
                "UPDATE data_key SET wrapped = ?, wrapped_by = ? WHERE owner = ?",
                (wrapped, elsewhere.current, s.patient),
            )
        kept = w.settings.keys.read_text()
        for text in ("", "{}", json.dumps(json.loads(kept) | {"wrapping": {"current": "00"}}), kept):
            w.settings.keys.write_text(text)
            w.hub.vault.wrapping._looked = 0.0
            answer = await s.clinic.get(f"/v1/patients/{s.patient}")
            assert (answer.status_code, answer.headers.get("retry-after")) == (503, "1")
            assert (await s.clinic.post("/v1/patients/search", MARIA)).status_code == 503


def test_a_slow_source_of_keys_holds_nobody_up_for_longer_than_half_a_second() -> None:
    """A command may take 30 seconds; whoever needs the new key meanwhile is told to come again."""
    stored = first_wrapping()
    later = with_another(stored)

    def slowly() -> dict[str, Any]:
        time.sleep(1.5)
        return later

    held = Wrapping(stored, slowly)
    held._looked -= 10
    wrapped = Wrapping(later).wrap(bytes(32), "p")
    for most in (0.9, 0.1, 0.1):
        begun = time.monotonic()
        with pytest.raises(Unsealable):
            held.unwrap(wrapped, "p")
        assert time.monotonic() - begun < most
    deadline = time.monotonic() + 10
    while held.current != later["current"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert held.unwrap(wrapped, "p") == bytes(32)


@run
async def test_a_process_with_a_retired_key_that_cannot_read_the_keys_again_wraps_nothing() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        async with w.hub.database.write() as tx:
            tx._connection.execute(  # type: ignore[attr-defined]
                "INSERT INTO data_key (owner, wrapped_by, created_at) VALUES (?, '', 1)",
                (f"wrapping:{w.hub.vault.wrapping.current}",),
            )
        w.settings.keys.write_text("")
        assert (await s.clinic.post("/v1/patients", OTHER)).status_code == 503


@run
async def test_of_two_erasures_of_one_patient_at_once_one_is_done_and_listed() -> None:
    async with world("postgresql") as w:
        s = await scene(w)
        done = await asyncio.gather(
            *(erasure.erase_patient(w.hub, s.patient) for _ in range(2)), return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in done) == ["NotFound", "dict"]
        assert len(w.hub.shreds.entries()) == 1
