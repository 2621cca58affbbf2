"""Administration on the command line, against a SQLite file and seen through a service that runs on it."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from app.__main__ import main
from app.identity.keys import thumbprint
from app.main import create_app, open_hub
from app.sandbox.party import Party
from app.settings import Settings
from tests.api.plain import key, public
from tests.service import ROOT, run, settings_for


class CommandLine:
    """``python -m app`` with the environment of one instance."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: Settings = settings_for("sqlite", folder, 8000, THROUGHCARE_SANDBOX="0")
        self.environment: dict[str, str] = json.loads((folder / "environment.json").read_text())

    def process(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output and errors of a process of its own."""
        command = [sys.executable, "-m", "app", *arguments]
        environ = os.environ | self.environment
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def call(self, *arguments: str) -> tuple[int, str, str]:
        """The same without the two seconds in which a process starts: the function that the process would run."""
        with contextlib.ExitStack() as stack:
            for name in self.environment:
                stack.callback(os.environ.pop, name)
            os.environ.update(self.environment)
            output = stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            errors = stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
            with ThreadPoolExecutor(1) as thread:  # it runs a loop of its own
                code = thread.submit(main, list(arguments)).result()
        return code, output.getvalue(), errors.getvalue()

    def made(self, *arguments: str) -> str:
        """What a command that has to succeed printed: an id."""
        code, output, errors = self.call(*arguments)
        assert code == 0, errors
        return output.strip()

    def refused(self, *arguments: str) -> str:
        """What a command that has to fail said: one line."""
        code, output, errors = self.call(*arguments)
        assert (code, output, len(errors.splitlines())) == (1, "", 1)
        return errors.strip()

    def jwk(self, name: str, *, private: bool = False) -> str:
        """The path of a file with that key."""
        path = self.folder / f"{name}-{private}.json"
        path.write_text(json.dumps(key(name) if private else public(name)))
        return str(path)

    @contextlib.asynccontextmanager
    async def served(self) -> AsyncIterator[httpx.AsyncClient]:
        """The service on the same database, in this process."""
        app = create_app(self.settings)
        app.state.hub = await open_hub(self.settings)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=self.settings.issuer) as http:
            yield http
        await app.state.hub.database.close()

    def party(self, http: httpx.AsyncClient, client: str, name: str) -> Party:
        """That client with that key; it has no token yet."""
        entry = {"client_id": client, "private_jwk": key(name), "unit_id": ""}
        return Party(http, entry, f"{self.settings.issuer}/oauth/token")


def test_a_client_from_first_registration_to_suspension(tmp_path: Path) -> None:
    """Agency, unit, client; rotate, retire; suspend, resume: each seen at once by a service that keeps running."""
    line = CommandLine(tmp_path)
    court = line.made("agency", "add", "--kind", "court", "--name", "Superior Court")
    place = ("--time-zone", "America/Chicago", "--agency", court)
    unit = line.made("unit", "add", "--name", "Part 1", *place)
    client = line.made("client", "add", "--unit", unit, "--role", "judge", "--jwk", line.jwk("first"))
    assert (court[:2], unit[:2], client[:2]) == ("a-", "u-", "c-")

    @run
    async def life() -> None:
        async with line.served() as http:
            first = line.party(http, client, "first")
            me = (await first.get("/v1/me")).json()
            assert (me["agency_id"], me["unit_id"], me["unit_name"], me["role"]) == (court, unit, "Part 1", "judge")
            assert line.made("client", "rotate", "--client", client, "--jwk", line.jwk("second")) == thumbprint(
                public("second")
            )
            second = line.party(http, client, "second")
            assert [(await one.get("/v1/me")).status_code for one in (first, second)] == [200, 200]
            line.made("client", "retire", "--client", client, "--key", thumbprint(public("first")))
            assert [(await one.get("/v1/me")).status_code for one in (first, second)] == [401, 200]
            for noun, name in (("client", client), ("unit", unit)):
                for verb, status in (("suspend", 401), ("resume", 200)):
                    line.made(noun, verb, f"--{noun}", name)
                    assert (await second.get("/v1/me")).status_code == status, f"{noun} {verb}"
            family = line.made("unit", "add", "--name", "Part 2", *place)
            line.made("client", "assign", "--client", client, "--unit", family, "--role", "court_team")
            shown = (await second.get("/v1/me")).json()["assignments"]
            assert sorted(one["role"] for one in shown) == ["court_team", "judge"]

    life()


def test_a_unit_is_renamed_put_under_another_law_and_closed_for_good(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    court = line.made("agency", "add", "--kind", "court", "--name", "Superior Court")
    unit = line.made("unit", "add", "--name", "Part 1", "--time-zone", "America/Chicago", "--agency", court)
    client = line.made("client", "add", "--unit", unit, "--role", "judge", "--jwk", line.jwk("first"))

    @run
    async def life() -> None:
        async with line.served() as http:
            judge = line.party(http, client, "first")
            line.made("unit", "rename", "--unit", unit, "--name", "Treatment Part")
            line.made("unit", "set-profile", "--unit", unit, "--profile", "eu-gdpr-led@1")
            assert (await judge.get("/v1/me")).json()["unit_name"] == "Treatment Part"
            line.made("unit", "close", "--unit", unit)
            assert (await judge.get("/v1/me")).status_code == 401
            assert line.refused("unit", "resume", "--unit", unit).startswith("unit_closed: ")
            unknown = line.refused("unit", "set-profile", "--unit", unit, "--profile", "xx@1")
            assert unknown.startswith("profile_unknown: ")

    life()


def test_what_is_refused_says_why(tmp_path: Path) -> None:
    """A private key, a role of another kind of agency, a third key, an unknown id: one line and exit code 1."""
    line = CommandLine(tmp_path)
    court = line.made("agency", "add", "--kind", "court", "--name", "Superior Court")
    unit = line.made("unit", "add", "--name", "Part 1", "--time-zone", "America/Chicago", "--agency", court)
    adding = ("client", "add", "--unit", unit, "--role")
    private = line.refused(*adding, "judge", "--jwk", line.jwk("first", private=True))
    assert "private key must never be registered" in private
    assert key("first")["d"] not in private
    assert line.refused(*adding, "clinician", "--jwk", line.jwk("first")).startswith("role_not_of_unit: ")
    client = line.made(*adding, "judge", "--jwk", line.jwk("first"))
    line.made("client", "rotate", "--client", client, "--jwk", line.jwk("second"))
    third = ("client", "rotate", "--client", client, "--jwk", line.jwk("third"))
    assert line.refused(*third).startswith("two_keys_live: ")
    assert line.refused(*adding, "judge", "--jwk", line.jwk("second")).startswith("key_registered: ")
    assert line.refused("client", "retire", "--client", client, "--key", "none").startswith("key_unknown: ")
    assert line.refused("client", "suspend", "--client", "c-none").startswith("unknown: ")


def test_as_a_process(tmp_path: Path) -> None:
    """Its exit code and its streams are what a script of an operator goes by."""
    line = CommandLine(tmp_path)
    code, court, errors = line.process("agency", "add", "--kind", "court", "--name", "Superior Court")
    assert (code, court[:2], court.count("\n"), errors) == (0, "a-", 1, "")
    code, output, errors = line.process("client", "suspend", "--client", "c-none")
    assert (code, output, errors.splitlines()) == (1, "", ["unknown: There is no such client or unit."])
    code, output, errors = line.process("agency", "add", "--kind", "bank", "--name", "x")
    assert (code, output) == (2, "") and "invalid choice" in errors


def test_appointment_opens_the_accounting(tmp_path: Path) -> None:
    """A privacy office sees the accounting of a clinic's patients once it is appointed, not before."""
    line = CommandLine(tmp_path)
    units = {}
    for kind, role in (("clinic", "clinic_staff"), ("privacy_office", "privacy_officer")):
        agency = line.made("agency", "add", "--kind", kind, "--name", kind)
        units[kind] = line.made("unit", "add", "--name", kind, "--time-zone", "UTC", "--agency", agency)
        client = line.made("client", "add", "--unit", units[kind], "--role", role, "--jwk", line.jwk(kind))
        units[role] = client

    @run
    async def seen() -> None:
        async with line.served() as http:
            staff = line.party(http, units["clinic_staff"], "clinic")
            officer = line.party(http, units["privacy_officer"], "privacy_office")
            person = {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}
            patient = (await staff.post("/v1/patients", person)).json()["id"]
            path = f"/v1/patients/{patient}/disclosures"
            assert (await officer.get(path)).status_code == 404
            line.made("appoint", "--officer", units["privacy_office"], "--discloser", units["clinic"])
            assert ((await officer.get(path)).status_code, (await officer.get(path)).json()) == (200, {"items": []})

    seen()


def test_sandbox_keeps_to_loopback(tmp_path: Path) -> None:
    """Known secrets on a reachable address need an explicit override; the refusal names the variable."""
    line = CommandLine(tmp_path)
    code, _, errors = line.process("sandbox", "--host", "0.0.0.0", "--port", "0")
    assert code != 0 and "THROUGHCARE_ALLOW_REMOTE_SANDBOX=1" in errors
    assert not (tmp_path / "sandbox.json").exists()
    chosen = json.loads((tmp_path / "environment.json").read_text())
    remote = {"THROUGHCARE_SANDBOX": "1", "THROUGHCARE_HOST": "0.0.0.0"}
    allowed = Settings.from_environment(chosen | remote | {"THROUGHCARE_ALLOW_REMOTE_SANDBOX": "1"})
    assert allowed.sandbox and allowed.host == "0.0.0.0"
