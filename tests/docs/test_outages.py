"""What the pages say of outages and of the nightly run is so, with the programs that they offer."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from app.identity.keys import ServiceKeys
from app.main import open_hub
from tests.api.scene import COURT
from tests.docs.reading import ROOT
from tests.docs.sides import EXAMPLES, JUDGE, STAFF, Sides, cutting, sides
from tests.docs.test_integration import ACTIVE, ENGAGED, ID


def _until(process: "subprocess.Popen[str]", said: str) -> str:
    """Read the program's standard error until a line has it."""
    assert process.stderr is not None
    while line := process.stderr.readline():
        if said in line:
            return line
    raise AssertionError(f"it ended without saying {said}")


def test_a_watch_lives_through_an_outage(tmp_path: Path) -> None:
    """The service is killed and comes back with other keys, so that the token is refused; the read comes still."""
    with sides(tmp_path) as s:
        case_id, referral, patient = s.refer()
        s.do(STAFF, "clinic.py", "report", patient, "--session", "attended")
        with s.start(JUDGE, "court.py", "watch", case_id, "--every", "0.2") as watching:
            _until(watching, "nothing")
            s.running.kill()
            _until(watching, "ConnectError: again in")
            keys = json.loads(s.running.settings.keys.read_text())
            keys["service"]["access"] = ServiceKeys.generate()["access"]
            s.running.settings.keys.write_text(json.dumps(keys))
            s.running.start()
            s.consent(patient, referral)
            out, err = watching.communicate(timeout=60)
        assert watching.returncode == 0, err
        assert out.splitlines() == [ENGAGED, ACTIVE]
        log = (s.running.folder / "server.log").read_text()
        assert re.search(r'"route":"/v1/treatment-statuses","status":401.*"code":"invalid_token"', log)


def test_a_write_whose_answer_was_lost_is_carried_out_once(tmp_path: Path) -> None:
    """It arrives, its answer does not; then 503; then the same under the same key: one status, and its first answer."""
    with sides(tmp_path) as s, cutting(s.running.base_url) as (url, keys):
        _, _, patient = s.refer()
        filed, err = s.do(STAFF, "clinic.py", "report", patient, THROUGHCARE_URL=url)
        assert re.fullmatch(ID, filed) and len(keys) == 3 and len(set(keys)) == 1
        assert re.search(r"^(RemoteProtocolError|ReadError): again in 1 s$", err, re.MULTILINE)
        assert "503 unavailable: again in 2 s" in err
        _, refused = s.do(STAFF, "clinic.py", "report", patient, code=1)
        assert refused.startswith("422 invalid_request") and "already" in refused


def test_a_program_waits_for_a_service_that_is_not_there_yet(tmp_path: Path) -> None:
    """The shell's and Python's; one without patience gives up and says why."""
    with sides(tmp_path) as s:
        key = tmp_path / "court-rsa"
        subprocess.run(["sh", str(EXAMPLES / "make_key.sh"), str(key)], check=True)
        settings = os.environ | json.loads((s.running.folder / "environment.json").read_text())
        add = ["client", "rotate", "--client", JUDGE, "--jwk", f"{key}.public.jwk"]
        subprocess.run([sys.executable, "-m", "app", *add], cwd=ROOT, env=settings, check=True, capture_output=True)
        s.running.kill()
        _, err = s.do(JUDGE, "court.py", "whoami", code=1, THROUGHCARE_PATIENCE="0.5")
        assert "gave up after 0 s: ConnectError" in err
        environment = s.environment(JUDGE, THROUGHCARE_KEY=f"{key}.pem")
        command = ["sh", str(EXAMPLES / "court.sh"), "whoami"]
        pipe = subprocess.PIPE
        with (
            subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as shell,
            s.start(JUDGE, "court.py", "whoami") as python,
        ):
            time.sleep(0.5)
            s.running.start()
            out, err = shell.communicate(timeout=60)
            assert shell.returncode == 0 and json.loads(out)["client_id"] == JUDGE, err
            assert json.loads(python.communicate(timeout=60)[0])["client_id"] == JUDGE


def _old_place(s: Sides, place: str) -> str:
    """The same place in the judge's feed as it would have been given 31 days ago."""

    async def made() -> str:
        hub = await open_hub(s.running.settings)
        try:
            position: Any = hub.vault.position(COURT, JUDGE, place)
            return hub.vault.cursor(COURT, JUDGE, [*position[:-1], position[-1] - 31])
        finally:
            await hub.database.close()

    return asyncio.run(made())


def test_a_night_reads_only_what_is_new(tmp_path: Path) -> None:
    """Everything the first time, nothing the next, then the case with news; an old place leads to a full reading."""
    with sides(tmp_path) as s:
        people = {given: s.refer(f"CR-{given}", given) for given in ("Robin", "Sam", "Ada")}
        (tmp_path / "cases.txt").write_text("\n".join(case_id for case_id, _, _ in people.values()))
        robin, sam, ada = (case_id for case_id, _, _ in people.values())

        def read() -> set[str]:
            out, err = s.do(JUDGE, "nightly_sync.py", "place.txt", "cases.txt")
            found = {json.loads(line)["case"]["case_id"] for line in out.splitlines()}
            assert f"{len(found)} cases with news" in err
            return found

        def allow(given: str) -> None:
            _, referral, patient = people[given]
            s.do(STAFF, "clinic.py", "report", patient)
            s.consent(patient, referral, given)

        allow("Robin")
        allow("Sam")
        assert read() == {robin, sam}
        assert read() == set()
        allow("Ada")
        assert read() == {ada}
        s.do(STAFF, "clinic.py", "revoke", people["Sam"][2])
        assert read() == set()
        place = tmp_path / "place.txt"
        place.write_text(_old_place(s, place.read_text()))
        out, err = s.do(JUDGE, "nightly_sync.py", "place.txt", "cases.txt")
        assert {json.loads(line)["case"]["case_id"] for line in out.splitlines()} == {robin, ada}
        assert "3 cases with news" in err  # asked about, since nobody knows any more which have some
        assert read() == set()
