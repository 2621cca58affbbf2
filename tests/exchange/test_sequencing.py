"""The disclosure log is sequenced after its commits, signed, and every lie in it is found."""

import pytest

from app.exchange.sequencing import audit, sequence
from app.sandbox.start import seed
from app.sandbox.steps import must, reading
from tests.service import DATABASES, World, run, world


async def disclosed(w: World) -> None:
    """A few disclosures."""
    judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
    case_id = await seed(judge, clinic)
    for _ in range(2):
        await must(await judge.get(reading("treatment-statuses", case_id, "condition_monitoring")))


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_each_disclosure_gets_one_place_and_the_log_verifies(kind: str) -> None:
    async with world(kind) as w:
        await disclosed(w)
        placed = await sequence(w.hub)
        assert placed == 10
        assert await sequence(w.hub) == 0
        await disclosed(w)
        assert await sequence(w.hub) > 0
        verdict = await audit(w.hub)
        assert (verdict.lie, verdict.size > placed) == (None, True)


@run
async def test_an_altered_entry_is_found() -> None:
    async with world("sqlite") as w:
        await disclosed(w)
        await sequence(w.hub)
        writer = w.hub.database._writer  # type: ignore[attr-defined]  # a dishonest administrator, past every door
        writer.execute("DROP TRIGGER disclosure_no_update")
        altered = "CAST(replace(CAST(entry AS TEXT), 'judge', 'court') AS BLOB)"
        writer.execute(f"UPDATE disclosure SET entry = {altered} WHERE rowid = 3")
        verdict = await audit(w.hub)
        assert verdict.lie is not None and "root" in verdict.lie
