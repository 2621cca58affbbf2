"""Ways in which other systems leaked, tried here where no other test tries them (docs/leaks.md has all of them)."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from app.sandbox import steps
from app.sandbox.weeks import past_mondays
from app.storage import tables as t
from app.storage.statement import Statement
from tests.api.contract import check, document, operations
from tests.api.scene import CLINIC, MARIA, scene
from tests.service import run, world

EVERY = Statement(select(t.consultation.c.id))
COUNTED = re.compile(r"(^|_)(total|count|counts|size|length|hits|matches|remaining|estimated)(_|$)")
ASKED = {"case", "purpose", "referral", "after", "limit", "format", "windows", "direction", "status"}
"""All that justice can narrow a read by: its own case and referral, a purpose, a place in its own list."""
OTHERS_HAVE = (
    *(
        "_total",
        "_summary",
        "_count",
        "total",
        "count",
        "_has",
        "_include",
        "_revinclude",
        "_elements",
        "_sort",
        "sort",
    ),
    *("_filter", "filter", "q", "search", "patient", "subject", "person", "name", "code", "element", "_lastUpdated"),
    *("since", "_since", "offset", "page", "_page", "_history", "fields", "expand", "include", "$everything"),
)


def _of_justice() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every read whose scope only justice holds, and the sender's own referrals."""
    for method, path, documented in operations():
        if method == "GET" and documented.get("x-scope") in ("reports.read", "referrals.read"):
            yield method, path, documented


def test_no_answer_has_a_member_for_a_count() -> None:
    """Not a total, not an estimate, not a number of matches: in no answer of any operation."""
    found = set()
    for method, path, documented in operations():
        for status, answer in documented["responses"].items():
            for content in answer.get("content", {}).values() if status.startswith("2") else ():
                names = {str(pointer[-1]) for pointer in _members(content.get("schema", {}))}
                found |= {(method, path, name) for name in names if COUNTED.search(name)}
    assert found == set()


def _members(schema: dict[str, Any], seen: tuple[str, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in seen:
            return
        yield from _members(document()["components"]["schemas"][name], (*seen, name))
    for name, part in schema.get("properties", {}).items():
        yield (name,)
        yield from _members(part, seen)
    for part in (
        *filter(None, [schema.get("items")]),
        *schema.get("anyOf", ()),
        *schema.get("oneOf", ()),
        *schema.get("allOf", ()),
    ):
        yield from _members(part, seen)


@run
async def test_a_read_is_narrowed_by_ones_own_words_alone_and_all_others_are_refused_alike() -> None:
    """No filter, no sort, no inclusion and no count can be asked for; which ones there are is in the contract."""
    async with world("sqlite") as w:
        s = await scene(w)
        for method, path, documented in _of_justice():
            named = {one["name"] for one in documented["parameters"] if one["in"] == "query"}
            assert named <= ASKED, path
            needed = [one for one in documented["parameters"] if one["in"] == "query" and one["required"]]
            query = {one["name"]: s.case_id if one["name"] == "case" else str(one["example"]) for one in needed}
            address = path.format(case_id=s.case_id, referral_id=s.referral)
            told = set()
            for other in OTHERS_HAVE:
                head = {"Authorization": f"Bearer {await s.judge.token()}"}
                answer = await w.http.request(method, address, params=query | {other: "1"}, headers=head)
                check(answer, method, path)
                assert answer.status_code == 422, f"{path} {other}"
                told.add(answer.content)
            assert len(told) == 1, path


@run
async def test_a_cursor_of_before_the_revocation_shows_nothing_after_it() -> None:
    """A cursor is a place and no permission: the second page is decided anew."""
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign()
        for monday in past_mondays(6)[:4]:
            await steps.report(s.clinic, s.patient, monday, ("attended", "missed"))
        first = (await s.seen(limit="2")).json()
        assert len(first["items"]) >= 2
        before = (await s.seen(limit="2", after=first["next"])).json()
        assert before["items"]
        revoked = await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"on_behalf_of": "patient", "all": True})
        assert revoked.is_success, revoked.text
        after = (await s.seen(limit="2", after=first["next"])).json()
        assert after["items"] == [] and "next" not in after
        assert after == (await s.seen(limit="2")).json() | {"signature": after["signature"]}


@run
async def test_pages_are_full_to_the_last_and_none_is_empty_at_the_limits() -> None:
    """Of 1, 99, 100, 101 and 200 rows, by pages of 1 to 200: every row once, no page short but the last, none empty."""
    async with world("sqlite") as w:
        judge = w.party("c-court-treatment-judge")
        case_id = await steps.register_case(judge, "u-court-treatment", "docket", "CR-1")
        sent: list[str] = []
        for most in (1, 99, 100, 101, 200):
            while len(sent) < most:
                sent.append((await steps.refer(judge, CLINIC, case_id, MARIA))["id"])
            for limit in (1, 50, 99, 100) if most < 200 else (100,):
                if limit > 1 or most == 1:
                    pages = await _pages(judge, limit)
                    found = [item for page in pages for item in page]
                    assert sorted(found) == sorted(sent), f"{most} by {limit}"
                    assert {len(page) for page in pages[:-1]} <= {limit} and 0 < len(pages[-1]) <= limit


async def _pages(judge: Any, limit: int) -> list[list[str]]:
    pages, after = [], ""
    while True:
        body = (await judge.get(f"/v1/referrals?limit={limit}{after}")).json()
        pages.append([item["id"] for item in body["items"]])
        if "next" not in body:
            return pages
        after = f"&after={body['next']}"


@run
async def test_a_consent_has_one_status_on_every_face() -> None:
    """By its id, in the list, on its replayed creation, on the printed form, and in what may be read under it."""
    async with world("sqlite") as w:
        s = await scene(w)
        made = await s.clinic.post("/v1/consents", s.form(), Idempotency_Key="one-status")
        consent = made.json()["id"]
        for act, state, items in (("", "proposed", 0), ("sign", "active", 1), ("revoke", "revoked", 0)):
            if act == "sign":
                await steps.complete(s.clinic, consent, "Maria Lopez")
            if act == "revoke":
                taken = {"on_behalf_of": "patient", "all": True}
                assert (await s.clinic.post(f"/v1/patients/{s.patient}/revocations", taken)).is_success
            shown = (await s.clinic.get(f"/v1/consents/{consent}")).json()
            (listed,) = (await s.clinic.get(f"/v1/patients/{s.patient}/consents")).json()["items"]
            replayed = (await s.clinic.post("/v1/consents", s.form(), Idempotency_Key="one-status")).json()
            assert (shown["state"], listed["state"], replayed["state"]) == (state, state, state)
            assert bool((await s.seen()).json()["items"]) is bool(items)


@run
async def test_a_read_that_is_refused_or_empty_is_on_the_record_as_any_other() -> None:
    """Unknown case, never asked, revoked: each consultation has its row before it is answered."""
    async with world("sqlite") as w:
        s = await scene(w)
        before = await _consultations(w)
        await s.seen()
        await s.seen(case="f" * 32)
        refused = await s.judge.get(f"/v1/referrals/{'f' * 32}")
        assert refused.status_code == 404
        assert await _consultations(w) == before + 3


async def _consultations(w: Any) -> int:
    async with w.hub.database.read() as reader:
        return len(await reader.all(EVERY))
