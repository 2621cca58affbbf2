"""What raw SQL leaves in a pooled session must not make the next caller's acknowledged writes less than durable."""

import pytest
from sqlalchemy import text

from app.storage.database import Unavailable
from app.storage.statement import Statement
from tests.service import run
from tests.storage.recordings import recording
from tests.storage.test_wall_pools import narrow_house, proof
from tests.storage.walled import COURT

ONE = Statement(text("SELECT 1 AS one"))


@pytest.mark.parametrize(
    "left", ["set_config('synchronous_commit', 'off', false)", "set_config('client_min_messages', 'error', false)"]
)
@run
async def test_a_session_in_which_a_commit_may_not_be_durable_is_dropped_and_the_next_one_serves(left: str) -> None:
    """Both are anybody's to set; the second hides the warning of a commit that did not wait for its standby."""
    async with narrow_house() as (w, database):
        behind = database.behind(proof(w, COURT))
        made = [recording(disclosures=0) for _ in range(2)]

        async def leave() -> None:
            async with behind.read() as reader:
                await reader.all(Statement(text(f"SELECT {left}")))

        await leave()
        with pytest.raises(Unavailable):
            await behind.record(made[0], exclusive=False)
        assert await behind.record(made[0], exclusive=False)
        await leave()
        with pytest.raises(Unavailable):
            async with behind.write() as tx:
                await tx.all(ONE)
        async with behind.write() as tx:
            assert await tx.record(made[1], exclusive=False)
