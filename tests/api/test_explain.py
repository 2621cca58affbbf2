"""``python -m app explain``: why a request was answered so, without a name and without a value."""

import json
import os
import subprocess
import sys

import pytest

from app.exchange.explanations import explained
from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.scene import MONITOR, scene
from tests.service import DATABASES, ROOT, World, run, world


def command(w: World, request: str) -> tuple[int, str, str]:
    """Exit code, output and errors of the command on this instance."""
    environ = os.environ | json.loads((w.folder / "environment.json").read_text())
    line = [sys.executable, "-m", "app", "explain", "--request-id", request]
    done = subprocess.run(line, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_operator_reads_what_was_recorded(kind: str) -> None:
    """A read that gave something and one that gave nothing; no person, no case, no count of sessions."""
    async with world(kind) as w:
        s = await scene(w)
        await s.sign(elements=["attendance.summary"], records_from=past_mondays(2)[0].isoformat())
        for monday in past_mondays(2):
            await steps.report(s.clinic, s.patient, monday, ("attended", "missed"))
        path = f"/v1/treatment-statuses?case={s.case_id}&purpose="
        named = '"j-7"; name="R. Amaro"'
        await must(await s.judge.get(path + MONITOR, X_Request_Id="request-granted", Acting_User=named))
        await must(await s.judge.get(path + "proceeding", X_Request_Id="request-refused"))
        granted = "\n".join((await explained(w.hub, "request-granted")).value)
        for line in (
            "unit      u-court-treatment",
            "client    c-court-treatment-judge",
            "role      judge",
            f"purpose   {MONITOR}",
            "outcome   permit",
            "disclosed 2:",
            "attendance.summary (2)",
        ):
            assert f"  {line}" in granted
        refused = "\n".join((await explained(w.hub, "request-refused")).value)
        assert "outcome   deny" in refused and "disclosed 0" in refused
        for lines in (granted, refused):
            assert "  replayed  the same as recorded" in lines
        assert "purpose_not_granted: the patient did not allow this purpose (42 CFR 2.31(a)(5))" in refused or (
            "purpose_outside_kind: this kind of consent is not for this purpose" in refused
        )
        for secret in ("Maria", "Lopez", "Amaro", "j-7", "0417", s.case_id, s.patient, s.referral, "Harbor"):
            assert secret not in granted + refused


@run
async def test_the_command_line_prints_it_or_says_that_there_is_none() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        await must(await s.judge.get(f"/v1/treatment-statuses?case=0&purpose={MONITOR}", X_Request_Id="unknown-case"))
        code, output, errors = command(w, "unknown-case")
        assert (code, errors) == (0, "") and "because   no_instrument: no consent names this unit" in output
        code, output, errors = command(w, "never-heard-of")
        assert (code, output) == (1, "") and errors == (
            "Nothing is recorded of a request with this id: it read nothing of anybody.\n"
        )
