"""Whatever happened since, each past look is decided again as it was recorded, from what was known then."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, settings

from app.exchange.replay import Replayed, is_same, replayed
from app.storage import replay
from tests.exchange.histories import HISTORIES, Act, Play, carry_out, play_in
from tests.service import DATABASES, World, run, world
from tests.storage.direct import rows

HOW_MANY: Final = max(3, settings().max_examples // 40)
"""Each history is a service of its own with dozens of requests: fewer of them, and as many as asked for at night."""
GATED: Final = "SELECT id FROM consultation ORDER BY at, id"


async def every(w: World) -> list[Replayed]:
    """Every look through the gate, decided again."""
    found = []
    async with w.hub.database.read() as reader:
        for (name,) in rows(w.settings.database_url, GATED):
            row = await reader.one(replay.CONSULTATION, consultation=name)
            assert row is not None
            if b'"asked"' in bytes(row["entry"]):
                found.append(await replayed(reader, w.hub, row))
    return found


def shown(again: Replayed) -> dict[str, Any]:
    """What to look at where a look is not decided again as it was."""
    entry = again.entry
    recorded = {name: entry[name] for name in ("op", "role", "purpose", "asked", "outcome", "reasons", "profiles")}
    fell = sorted({str(r) for one in again.decided for f in one.verdict.findings for r in f.fell.values()})
    left = sorted((one.kind, one.instrument, *sorted(one.elements)) for one in again.told)
    covered = sorted(
        (str(element), under.id)
        for one in again.decided
        for finding in one.verdict.findings
        for element, under in finding.covered.items()
    )
    return recorded | {"again": fell, "left": left, "covered": covered}


async def play(kind: str, history: list[Act]) -> Play:
    """Carry a history out, then hold every look against what is decided again."""
    async with world(kind) as w:
        p = await play_in(w)
        await carry_out(p, history)
        looks = await every(w)
        assert len(looks) >= 3 * (len(history) + 1)
        assert [shown(one) for one in looks if not one.same] == []
        return p


@pytest.mark.parametrize("kind", DATABASES)
def test_every_read_of_a_random_history_is_decided_again_as_it_was_recorded(kind: str) -> None:
    """Signed, superseded, revoked whole, in part or pending, events entered late, restrictions, doubts, court orders,
    assignments, merges, another law: the same elements, instruments, reasons and profiles."""

    @settings(max_examples=HOW_MANY)
    @given(HISTORIES)
    def each(history: list[Act]) -> None:
        asyncio.run(play(kind, history))

    each()


EVERYTHING: Final[list[Act]] = [
    *(("sign", 0, 1), ("suspend", 0, 0), ("settle", 0, 0), ("supersede", 1, 0), ("suspend", 1, 1), ("settle", 0, 0)),
    *(("restrict", 0, 0), ("unrestrict", 0, 1), ("unrestrict", 0, 0), ("restrict", 1, 1), ("unrestrict", 1, 0)),
    *(("order", 0, 0), ("revoke", 1, 0), ("order", 1, 2), ("revoke", 0, 1), ("sign", 0, 2), ("revoke", 3, 0)),
    *(("sign", 2, 0), ("suspend", 0, 2), ("revoke", 2, 0), ("merge", 0, 0), ("restrict", 1, 0), ("merge", 1, 0)),
    *(("unrestrict", 2, 0), ("event", 1, 4), ("event", 0, 2), ("sign", 1, 0), ("suspend", 4, 2), ("settle", 0, 1)),
    *(("sign", 3, 0), ("assign", 0, 1), ("assign", 0, 0), ("assign", 2, 0), ("file", 0, 0), ("law", 1, 1)),
    *(("law", 0, 1), ("law", 2, 0), ("law", 0, 0), ("sign", 1, 3)),
]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_one_history_with_every_act_is_decided_again_as_it_was_recorded(kind: str) -> None:
    """The acts of the property, each at least once and carried out: what is drawn at random may miss some."""
    p = await play(kind, EVERYTHING)
    assert p.done >= 40, p.done


@run
async def test_a_record_that_says_something_else_is_not_the_same() -> None:
    """Another reason, outcome or profile, another instrument or one element more: each is found."""
    async with world("sqlite") as w:
        p = await play_in(w)
        await carry_out(p, [("sign", 0, 0), ("sign", 1, 1), ("revoke", 1, 1)])
        looks = [one for one in await every(w) if one.told]
        assert looks
        changed: Counter[str] = Counter()
        for again in looks:
            verdicts = [one.verdict for one in again.decided]
            assert is_same(again.entry, again.told, verdicts)
            first, *others = again.told
            for name, wrong in {
                "reasons": ["restricted"],
                "outcome": "deny",
                "profiles": ["unodc-generic@1"],
            }.items():
                assert not is_same({**again.entry, name: wrong}, again.told, verdicts), name
            if first.kind.startswith("event:"):
                more = replace(first, instrument="0" * 32)
                assert not is_same(again.entry, [more, *others], verdicts)
                continue
            for one in (
                replace(first, instrument="0" * 32),
                replace(first, elements=first.elements | {"clinical.diagnosis"}),
                replace(first, elements=frozenset()),
                replace(first, item="0" * 32),
                replace(first, subject="0" * 32),
            ):
                assert not is_same(again.entry, [one, *others], verdicts), one
                changed["told"] += 1
        assert changed["told"] >= 5
