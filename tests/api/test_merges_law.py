"""Merging and unmerging records of which something is restricted, suspended or ordered (domain rules, cases 48, 49)."""

from typing import Any

import pytest

from app.sandbox.steps import must
from tests.api.orders import PROCEEDING, approved, week_with_tests
from tests.api.scene import Scene
from tests.api.test_merges_api import NAMED, Two, sign_other, two
from tests.api.test_restrictions import agreed
from tests.service import DATABASES, run, world

STATUS, SUMMARY = "enrolment.status", "attendance.summary"
STATE = {"enrolment.engaged", STATUS}
RESTRICTED = STATE | {"attendance.compliant"}
"""What a restriction of the summary leaves: the coarser step is another element, and stays."""


async def both_signed(t: Two) -> tuple[str, str]:
    """The same consent of either record; their ids."""
    return await t.one.sign(elements=[STATUS, SUMMARY]), await sign_other(t, elements=[STATUS, SUMMARY])


async def ordered(s: Scene) -> list[tuple[str, Any]]:
    """(element, value) of what the judge reads in the case for a proceeding."""
    return [item for _, values in await s.values(purpose=PROCEEDING) for item in values.items()]


@pytest.mark.parametrize("on_survivor", [True, False])
@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_restriction_agreed_of_one_record_holds_for_both_once_they_are_merged(
    kind: str, on_survivor: bool
) -> None:
    async with world(kind) as w:
        t = await two(w)
        await both_signed(t)
        await agreed(t.one if on_survivor else t.other, SUMMARY)
        assert await t.elements() == [RESTRICTED, STATE | {SUMMARY}], "it binds the record that it was asked for"
        await must(await t.merge(t.one, t.other))
        assert await t.elements() == [RESTRICTED, RESTRICTED]
        await must(await t.merge(t.one, t.other, "unmerge"))
        assert all(one <= RESTRICTED for one in await t.elements()), "undoing a merge gives nothing back"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_restriction_agreed_after_the_merge_holds_for_both_records(kind: str) -> None:
    async with world(kind) as w:
        t = await two(w)
        await both_signed(t)
        await must(await t.merge(t.one, t.other))
        await agreed(t.one, SUMMARY)
        assert await t.elements() == [RESTRICTED, RESTRICTED]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_suspended_consent_stays_suspended_with_its_record_and_is_lifted_into_what_both_allow(
    kind: str,
) -> None:
    async with world(kind) as w:
        t = await two(w)
        await t.one.sign(elements=[STATUS])
        other = await sign_other(t, elements=[STATUS, SUMMARY])
        path = f"/v1/consents/{other}/suspensions"
        doubt = await must(await t.other.clinic.post(path, {"cause": "capacity_doubt"}, Acting_User='"reyes"'), 201)
        assert len(await t.elements()) == 1
        await must(await t.merge(t.one, t.other))
        assert await t.elements() == [STATE]
        lifting = f"{path}/{doubt['id']}/lifting"
        lifted = await t.other.clinic.post(lifting, {"note": "Seen again."}, Acting_User='"okafor"')
        assert lifted.is_success, lifted.text
        assert await t.elements() == [STATE] * 2, "not the summary, which one of them withheld"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_order_stays_with_its_record_whether_records_are_merged_or_parted(kind: str) -> None:
    async with world(kind) as w:
        t = await two(w)
        await week_with_tests(t.one)
        await t.other.sign(subject=NAMED, elements=[STATUS])
        await approved(t.one)
        before = await must(await t.one.seen(purpose=PROCEEDING))
        assert any(value != "insufficient_data" for _, value in await ordered(t.one))
        await must(await t.merge(t.other, t.one))
        assert await must(await t.one.seen(purpose=PROCEEDING)) == before, "no consent of the other record narrows it"
        await must(await t.merge(t.other, t.one, "unmerge"))
        assert await must(await t.one.seen(purpose=PROCEEDING)) == before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_order_about_one_record_opens_nothing_of_the_other_one(kind: str) -> None:
    async with world(kind) as w:
        t = await two(w)
        await week_with_tests(t.other)
        await approved(t.one)
        await must(await t.merge(t.one, t.other))
        assert {value for _, value in await ordered(t.one)} <= {"insufficient_data"}, "nothing was filed of this one"
