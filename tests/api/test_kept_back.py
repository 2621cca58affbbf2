"""What a restriction keeps back is read like what was never given: on every face, byte for byte."""

from collections.abc import Sequence

import pytest

from app.sandbox.steps import reading
from tests.api.scene import Scene
from tests.api.test_restrictions import STATUS, SUMMARY, agreed, reported
from tests.service import DATABASES, run, world

PAIRS = {
    "a finer step, its coarser one left": ([STATUS, SUMMARY], [SUMMARY], [STATUS, "attendance.compliant"]),
    "a coarser step with all that is finer": ([STATUS, SUMMARY], ["attendance.compliant"], [STATUS]),
    "the provider, whose name stands beside": ([STATUS, "enrolment.provider"], ["enrolment.provider"], [STATUS]),
    "a whole ladder": ([STATUS, SUMMARY], [SUMMARY, "attendance.compliant"], [STATUS]),
}
"""Given, restricted of it, and what somebody gave who never gave more than what is left."""


async def faces(s: Scene) -> list[tuple[int, list[tuple[str, str]], bytes]]:
    """Status, headers but the request id, and body of what the judge can read of the case."""
    monitor = "condition_monitoring"
    asked = [s.judge.get(reading(kind, s.case_id, monitor)) for kind in ("treatment-statuses", "assessments")]
    asked.append(s.judge.get(f"/v1/cases/{s.case_id}/report?purpose={monitor}"))
    asked.append(s.judge.get(f"{reading('treatment-statuses', s.case_id, monitor)}&limit=1"))
    asked.append(s.judge.post("/v1/treatment-statuses/search", {"cases": [s.case_id], "purpose": monitor}))
    answers = [await one for one in asked]
    kept = [[(name, value) for name, value in one.headers.items() if name != "x-request-id"] for one in answers]
    return [(one.status_code, headers, one.content) for one, headers in zip(answers, kept, strict=True)]


def without_cursor(told: Sequence[tuple[int, list[tuple[str, str]], bytes]]) -> list[tuple[int, bytes]]:
    """A cursor is sealed anew each time, and an ETag is of the body with it: both aside where there is a next page."""
    return [(status, body.partition(b'"next"')[0]) for status, _, body in told]


@pytest.mark.parametrize("which", PAIRS)
@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_is_restricted_is_read_like_what_was_never_given(kind: str, which: str) -> None:
    given, restricted, less = PAIRS[which]
    async with world(kind) as w:
        s = await reported(w, sign=less)
        never = await faces(s)
        (first,) = (await s.clinic.get(f"/v1/patients/{s.patient}/consents")).json()["items"]
        await s.sign(elements=given, supersedes=[first["id"]])
        open_ = await faces(s)
        assert without_cursor(open_) != without_cursor(never), "what is given more is seen"
        await agreed(s, *restricted)
        kept_back = await faces(s)
        assert without_cursor(kept_back) == without_cursor(never)
        assert [one for one in kept_back if b'"next"' not in one[2]] == [
            one for one in never if b'"next"' not in one[2]
        ]
