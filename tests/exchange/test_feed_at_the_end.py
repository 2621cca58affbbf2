"""A pull that is decided just before a consent ends and recorded just after it: decided again, and never a 503."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.main import create_app
from app.storage.database import Recording, Transaction
from tests.api.scene import scene
from tests.exchange.raw import call
from tests.exchange.witness import Witness
from tests.service import run, world
from tests.storage.direct import change


@dataclass
class _Late(Witness):
    """The clock passes ``end`` between the decision of a write's flow and its record."""

    end: int = 0
    url: str = ""

    def behind(self, proof: str | None) -> "_Late":
        """The same behind the wall."""
        return _Late(self.inner.behind(proof), end=self.end, url=self.url)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction whose record comes late."""
        async with self.inner.write() as transaction:
            inner = transaction.record

            async def record(recording: Recording, *, exclusive: bool) -> bool:
                await asyncio.to_thread(change, self.url, f"UPDATE clock_floor SET at = {self.end}")
                return await inner(recording, exclusive=exclusive)

            transaction.record = record  # type: ignore[method-assign]
            yield transaction


@run
async def test_a_consent_that_ends_between_decision_and_record_makes_no_503() -> None:
    async with world("postgresql") as w:
        s = await scene(w)
        end = (int(datetime.now(UTC).timestamp()) + 3600) * 1_000_000
        until = datetime.fromtimestamp(end // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
        await s.sign(expiry={"at": until})
        app = create_app(w.settings)
        app.state.hub = replace(w.hub, database=_Late(w.hub.database, end=end, url=w.settings.database_url))
        answer = await call(app, await s.judge.token(), "GET", "/v1/events")
        assert (answer.status, answer.json["items"]) == (200, [])
