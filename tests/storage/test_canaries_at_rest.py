"""What lies on the disk holds no word of anybody, and of an erased patient not even the wrapped key."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from app.sandbox.cluster import Cluster
from app.storage.wrapping import Wrapping
from tests.service import DATABASES
from tests.storage.at_rest import IN_CLEAR, WORDS, Kept, found, kept, talkative_cluster, texts_below
from tests.storage.direct import rows


def files(one: Kept) -> dict[str, bytes]:
    """The database of SQLite, its log and its index as they lie there, and what the service logged."""
    names = ("throughcare.db", "throughcare.db-wal", "throughcare.db-shm", "server.log")
    return {name: (one.folder / name).read_bytes() for name in names if (one.folder / name).exists()}


def dumped(cluster: Cluster, url: str) -> bytes:
    """The whole of a database as SQL."""
    command = [str(cluster._bin / "pg_dump"), "--dbname", url]
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout


@pytest.mark.parametrize("kind", DATABASES)
def test_no_word_of_anybody_stands_in_clear_in_what_the_database_writes(kind: str) -> None:
    """File, write-ahead log, index, dump, data directory, the server's log with every statement, the service's own."""
    if kind == "sqlite":
        with kept() as one:
            one.play()
            texts = files(one)
        assert {"throughcare.db", "throughcare.db-wal", "server.log"} <= set(texts)
    else:
        with talkative_cluster() as cluster:
            url = cluster.create("canaries")
            with kept(url) as one:
                one.play()
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("CHECKPOINT")
                texts = texts_below(cluster._data) | {"dump": dumped(cluster, url)}
                texts["server.log"] = (one.folder / "server.log").read_bytes()
        assert found(["INSERT INTO referral"], {"log": texts["log/all.log"]}), "the server logs no statement"
        assert any(name.startswith("pg_wal/") for name in texts)
        assert found([IN_CLEAR], {"dump": texts["dump"]})
    assert found([IN_CLEAR], texts), "the search finds nothing at all"
    assert found(WORDS, texts) == []


def test_the_search_finds_a_word_however_it_is_written() -> None:
    for text in (b"..ZQ-DOCKET-77..", b"\\x5a512d444f434b45542d3737", b"eHh4WlEtRE9DS0VULTc3eHh4"):
        assert found(["ZQ-DOCKET-77"], {"a": text, "b": b"nothing"}) == [("ZQ-DOCKET-77", "a")]


def test_no_byte_of_an_erased_key_is_left_in_the_file_or_its_log(tmp_path: Path) -> None:
    """Neither the key nor what was wrapped; and the command says what it did and when the last copies die."""
    with kept() as one:
        one.play()
        url = one.running.settings.database_url
        ((wrapped, by),) = rows(url, f"SELECT wrapped, wrapped_by FROM data_key WHERE owner = '{one.patient}'")
        stored = json.loads(one.running.settings.keys.read_text())["wrapping"]
        key = Wrapping(stored).unwrap(bytes(wrapped), one.patient)
        before = b"".join(files(one).values())
        assert by == stored["current"] and wrapped[17:] in before and key not in before
        done = one.command("patient", "erase", one.patient)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        after = b"".join(files(one).values())
        assert told["scrubbed"] is True and (one.folder / "throughcare.db-wal").stat().st_size == 0
        for part in (wrapped, wrapped[17:], wrapped[17:33], key, key[:16]):
            assert part not in after
        days = [datetime.now(UTC).date() + timedelta(days=number) for number in (35, 65)]
        assert [told["last_copy_dies_on"], told["kept_answers_die_on"]] == [day.isoformat() for day in days]
        assert told["destroyed"]["records"] == 1 and told["destroyed"]["keys"] == 2
        again = one.command("patient", "erase", one.patient)
        assert (again.returncode, again.stdout, again.stderr) == (1, "", "there is none of this id\n")
        erased = one.command("referral", "erase", one.referral)
        assert json.loads(erased.stdout)["destroyed"]["referrals"] == 1
        assert one.command("verify-ledger").returncode == 0
        one.running.stop()
        one.running.settings.shreds.unlink()
        for refused in (one.command("work", "--once"), one.command("serve")):
            assert refused.returncode != 0 and "THROUGHCARE_SHREDS" in refused.stderr
