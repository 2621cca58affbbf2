"""What an attack on the high-water mark, the shred list and the start found: each case failed before it was mended."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands.erase import _whole
from app.exchange import high_water
from app.exchange.erasure import erase_patient
from app.exchange.high_water import Mark, Restored, mark_of
from app.sandbox.steps import must
from app.storage import shreds
from app.storage.shreds import Shred, ShredList
from app.worker import accept_restore, work
from tests.api.scene import scene
from tests.service import ROOT, run, server, world
from tests.storage.direct import change

OWNER = "a" * 32
LISTED = Shred("patient", 1, (OWNER,), (OWNER,))


@run
async def test_the_mark_is_kept_for_the_services_user_alone_and_its_folder_is_made() -> None:
    """With keys from a command there may be no folder for a keys file."""
    async with world("sqlite") as w:
        await scene(w)
        keys = w.folder / "elsewhere" / "keys.json"
        await high_water.keep(w.hub, keys)
        assert mark_of(keys).stat().st_mode & 0o777 == 0o600
        assert [one.name for one in keys.parent.iterdir()] == ["keys.mark"]


@run
async def test_the_worker_goes_on_where_the_mark_cannot_be_written() -> None:
    """As beside keys that are mounted for reading only: what was disclosed is sequenced all the same."""
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign()
        await must(await s.seen())
        (w.folder / "file").touch()
        nowhere = dataclasses.replace(
            w.settings, keys=w.folder / "file" / "keys.json", keys_command=("cat", str(w.settings.keys))
        )
        await work(nowhere, once=True)
        async with w.hub.database.read() as reader:
            assert (await high_water._standing(reader)).size > 0


@run
async def test_of_two_that_keep_the_mark_at_once_the_slower_one_does_not_lower_it() -> None:
    async with world("sqlite") as w:
        await scene(w)
        await high_water.keep(w.hub, w.settings.keys)
        newest = high_water._known(mark_of(w.settings.keys))
        high_water._raise(mark_of(w.settings.keys), Mark(0, "", newest.floor - 5))
        assert high_water._known(mark_of(w.settings.keys)) == newest


@run
async def test_a_mark_that_cannot_be_read_is_refused_in_words_and_accepted_like_an_older_copy() -> None:
    async with world("sqlite") as w:
        await scene(w)
        mark = mark_of(w.settings.keys)
        for text in ("", "{", "[]", "null", '{"size": "x"}', '{"size": 1, "other": 2}'):
            mark.write_text(text)
            for look in (high_water.require, high_water.keep):
                with pytest.raises(Restored, match="cannot be read"):
                    await look(w.hub, w.settings.keys)
            assert mark.read_text() == text
            await high_water.accept(w.hub, w.settings.keys)
            await high_water.require(w.hub, w.settings.keys)


def test_a_line_is_on_the_disk_with_its_folder_whoever_made_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever made the file may have been killed before it synced the folder."""
    synced: list[Path] = []
    monkeypatch.setattr(shreds, "sync_folder", synced.append)
    listed = tmp_path / "shreds.jsonl"
    listed.touch(0o600)
    ShredList(listed).append(LISTED)
    assert synced == [tmp_path] and ShredList(listed).entries() == [LISTED]


@pytest.mark.parametrize("lost", ["list", "database"])
def test_a_server_of_several_workers_that_may_not_start_ends_and_says_why(lost: str) -> None:
    """A worker that does not start is started again for ever: so whoever starts them looks first."""
    with server("sqlite") as (running, _):
        running.stop()
        url = running.settings.database_url
        if lost == "list":
            change(
                url, f"INSERT INTO data_key (owner, wrapped_by, created_at, destroyed_at) VALUES ('{OWNER}', '', 1, 1)"
            )
        else:
            mark_of(running.settings.keys).write_text('{"size": 0, "root": "", "floor": 9000000000000000}')
        environment = os.environ | json.loads((running.folder / "environment.json").read_text())
        line = [sys.executable, "-m", "app", "serve", "--workers", "2"]
        ended = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=40, check=False)
        assert ended.returncode == 1 and "Traceback" not in ended.stderr
        assert ("THROUGHCARE_SHREDS" if lost == "list" else "accept-restore") in ended.stderr


@run
async def test_the_worker_and_an_operators_commands_need_no_role_for_justice() -> None:
    """As docs/operations.md says: they answer nobody."""
    async with world("postgresql") as w:
        s = await scene(w)
        bare = dataclasses.replace(w.settings, justice_database_url=None)
        await work(bare, once=True)
        assert await accept_restore(bare) == 0
        counts, _ = await _whole(bare, erase_patient, s.patient)
        assert counts["records"] == 1
