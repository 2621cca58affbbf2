"""The page for whoever gets an empty list: seven checks, each with a call that exists, answered by a real instance."""

import re
import shlex
from typing import Any

import pytest

from app.sandbox.steps import must
from tests.api.contract import document
from tests.api.scene import scene
from tests.docs.reading import page
from tests.service import DATABASES, run, world

TEXT = page("docs/empty-list.md")
CHECKS = re.findall(r"^(\d)\. \*\*.+?(?=^\d\. \*\*|\Z)", TEXT, re.MULTILINE | re.DOTALL)
PARTS = re.split(r"^\d\. \*\*", TEXT, flags=re.MULTILINE)[1:]


def calls(part: str) -> list[tuple[str, str, str | None]]:
    """(method, path with query, body) of each curl line of a check."""
    found = []
    for line in re.findall(r"^ {7}(curl (?:.*\\\n)*.+)", part, re.MULTILINE):
        words = shlex.split(line.replace("\\\n", " ").partition("|")[0])
        target = next(word for word in words if word.startswith("$API"))
        body = words[words.index("-d") + 1] if "-d" in words else None
        found.append(("POST" if body else "GET", target.removeprefix("$API"), body))
    return found


def test_there_are_seven_numbered_checks_each_with_its_call() -> None:
    assert CHECKS == [str(number) for number in range(1, 8)]
    assert all(calls(part) for part in PARTS)
    assert "python -m app explain --request-id" in PARTS[6]


def test_the_page_is_linked() -> None:
    assert "docs/empty-list.md" in page("README.md")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_each_call_works_and_tells_nothing_of_a_person(kind: str) -> None:
    """Before a patient was ever asked and after she signed and took it back, the answers are the same bytes."""
    async with world(kind) as w:
        s = await scene(w)
        before = await answers(s)
        consent = await s.sign(elements=["enrolment.status"])
        assert await answers(s) != before
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"consents": [consent]}))
        assert await answers(s) == before and len(before) == 8


async def answers(s: Any) -> list[bytes]:
    """What each call of the page answers, in order."""
    found = []
    for method, target, body in (call for part in PARTS for call in calls(part)):
        path = target.replace("$CASE", s.case_id).replace("$REFERRAL", s.referral)
        template = re.sub(r"/[0-9a-f]{32}", "/{id}", path.partition("?")[0])
        known = {re.sub(r"\{\w+\}", "{id}", one) for one in document()["paths"]}
        assert template in known
        headers = {"Content-Type": "application/json"} if body else {}
        headers["Authorization"] = f"Bearer {await s.judge.token()}"
        answer = await s.w.http.request(method, path, content=body, headers=headers)
        assert answer.status_code == 200, (target, answer.text)
        found.append(answer.content)
    return found
