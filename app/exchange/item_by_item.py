"""One transaction as many filings see it, one after another: it asks less often and answers the same."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from app.exchange.foreseen import Foreseen
from app.exchange.gathered import Gathered
from app.storage import cases, feed_marks, messages, patients, registry
from app.storage.database import GateKey, Recording, Row, Transaction
from app.storage.statement import Statement

_OF_ALL: Final = frozenset({registry.UNIT})
_APART: Final = frozenset({cases.VIEW, registry.UNIT})
"""What reads nothing that a filing writes."""


class ItemByItem:
    """A Transaction around another.

    The clock moves on with each item and stands still within it: the order in which a patient's reports were filed is
    read from it. Most writes are gathered and written together, before anything is asked that they might change: an
    item that is refused before that leaves nothing to undo, and only what it wrote itself is under a savepoint. What
    the feed marks is marked once, at the end: all take those rows in one order.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._instant: int | None = None
        self._foreseen = Foreseen("")
        self._unit: dict[str, Row | None] = {}
        self._done, self._own = Gathered(), Gathered()
        self._undo = AsyncExitStack()
        self._begun = False
        self._marked: set[str] = set()

    async def foresee(self, unit: str, patients_: Iterable[str]) -> None:
        """Hold this clinic's patients among these until the end, and ask about all at once."""
        self._foreseen = Foreseen(unit)
        await self._foreseen.look(self._tx, patients_)

    @asynccontextmanager
    async def item(self) -> AsyncIterator["ItemByItem"]:
        """The next item; an exception undoes it alone."""
        self._instant = await self._tx.now() if self._instant is None else self._instant + 1
        self._own, self._begun = Gathered(), False
        async with AsyncExitStack() as self._undo:
            yield self
            if self._begun:
                await self._own.write(self._tx)
        self._done.add(self._own)

    async def _settled(self) -> None:
        """All that was gathered is written; the item's own part so that it can be undone."""
        await self._done.write(self._tx)
        if self._own:
            await self._begin()
            await self._own.write(self._tx)

    async def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            await self._undo.enter_async_context(self._tx.savepoint())

    async def finish(self) -> None:
        """After the last item, and before the gate."""
        await self._done.write(self._tx)
        if self._marked:
            named = {f"patient_{place}": patient for place, patient in enumerate(sorted(self._marked))}
            self._marked = set()
            await self._tx.run(feed_marks.MARK_PATIENTS, **named)

    async def now(self) -> int:
        """The instant of this item, later than that of the one before."""
        if self._instant is None:
            self._instant = await self._tx.now()
        return self._instant

    async def all(self, statement: Statement, /, **values: Any) -> Sequence[Row]:
        """Every row."""
        known = self._foreseen.answer(statement, values)
        if known is not None:
            return known
        await self._settled()
        return await self._tx.all(statement, **values)

    async def one(self, statement: Statement, /, **values: Any) -> Row | None:
        """The first row or None."""
        known = self._foreseen.answer(statement, values)
        if known is not None:
            return known[0] if known else None
        key = repr(sorted(values.items()))
        if statement in _OF_ALL and key in self._unit:
            return self._unit[key]
        if statement not in _APART and not self._cannot_change(statement, values):
            await self._settled()
        row = await self._tx.one(statement, **values)
        if statement in _OF_ALL:
            self._unit[key] = row
        return row

    def _cannot_change(self, statement: Statement, values: Mapping[str, Any]) -> bool:
        if statement is not messages.OF_IDENTIFIER:
            return False
        return not (self._done.names(values["index"]) or self._own.names(values["index"]))

    async def raw(self, name: str, *values: Any) -> Sequence[Row]:
        """Run a hot statement by name."""
        await self._settled()
        return await self._tx.raw(name, *values)

    async def run(self, statement: Statement, /, **values: Any) -> int:
        """Execute and give the number of rows changed; of what is only gathered, one."""
        if statement is patients.LOCK_OWN:
            held = self._foreseen.holds(values)
            if held is not None:
                return int(held)
        if statement is feed_marks.MARK_PATIENT:
            self._marked.add(values["patient"])
            return 0
        if statement is messages.ADD:
            self._foreseen.reported(values["patient_id"])
        if Gathered.takes(statement):
            if self._done.collides(statement, values) or self._own.collides(statement, values):
                await self._settled()
            self._own.run(statement, values)
            return 1
        await self._settled()
        await self._begin()
        return await self._tx.run(statement, **values)

    async def run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Execute for each of the rows."""
        await self._settled()
        await self._begin()
        await self._tx.run_each(statement, rows)

    async def narrow(self, keys: Sequence[GateKey]) -> None:
        """The gate, last."""
        await self._settled()
        await self._begin()
        await self.finish()
        await self._tx.narrow(keys)
        self._instant = None  # what follows is later than any read of before

    async def hold(self, keys: Sequence[GateKey]) -> None:
        """Take the gate locks shared."""
        await self._tx.hold(keys)

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """Record a release as a part of this transaction."""
        await self._settled()
        await self._begin()
        return await self._tx.record(recording, exclusive=exclusive)

    async def try_lock(self, name: str) -> None:
        """Hold a lock of this name."""
        await self._tx.try_lock(name)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part that an exception undoes alone."""
        await self._settled()
        async with self._tx.savepoint():
            yield
            await self._settled()
