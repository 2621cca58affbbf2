"""One running instance for all scenarios of one database and profile, and what one scenario adds to it.

Everything that a scenario makes is of its own people and cases, so none disturbs another, and the setting is paid once.
"""

import asyncio
import atexit
import contextlib
import itertools
import string
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from functools import cache
from typing import Any, Final, TypeVar

from app.exchange import administration
from app.sandbox.party import Party
from app.sandbox.register import private_jwk
from app.vocabulary import Role
from tests.scenarios.cast import actor, client
from tests.scenarios.record import Trail
from tests.service import World, world
from tests.storage.direct import change, connection, rows

V = TypeVar("V")
_LETTERS: Final = string.ascii_lowercase


class Place:
    """An instance in which every unit has one profile, and the loop that it lives in."""

    def __init__(self, database: str, profile: str, settings: Mapping[str, str]) -> None:
        self.profile = profile
        self._numbers = itertools.count(1)
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.w: World = self.run(self._stack.enter_async_context(world(database, **settings)))
        self._parties: dict[str, Party] = {}
        self.trail = Trail(self._stack.enter_context(connection(self.url)))
        change(self.url, f"UPDATE unit SET profile = '{profile}@1'")

    @property
    def url(self) -> str:
        """Of the database."""
        return self.w.settings.database_url

    def run(self, what: Coroutine[Any, Any, V]) -> V:
        """Run to its end in this instance's loop."""
        return self._runner.run(what)

    def close(self) -> None:
        """Stop the instance; a cluster that is gone by now takes its database with it."""
        with contextlib.suppress(Exception):
            self.run(self._stack.aclose())
        self._runner.close()

    def fresh(self) -> str:
        """A word of letters that no other scenario of this instance has: names have no digits."""
        number, letters = next(self._numbers), ""
        while number:
            number, place = divmod(number - 1, 26)
            letters = _LETTERS[place] + letters
        return f"q{letters}x"

    def party(self, name: str) -> Party:
        """A client of the sandbox, its token kept from one scenario to the next."""
        if name not in self._parties:
            self._parties[name] = self.w.party(client(name))
        return self._parties[name]

    async def another(self, like: str, unit: str | None, profile: str) -> tuple[str, Party]:
        """A client more of that client's kind, in a unit of its own unless one is named: for what ends with it."""
        near, role = actor(like)
        name = self.fresh()
        agency = rows(self.url, f"SELECT agency_id FROM unit WHERE id = '{near}'")[0][0]
        if unit is None:
            unit = await administration.add_unit(
                self.w.hub,
                agency,
                f"Unit {name}",
                alias=f"Treatment provider {name}",
                time_zone="America/Chicago",
                profile=profile,
                identifier=f"u-{name}",
            )
        return unit, await self._client(name, unit, role)

    async def _client(self, name: str, unit: str, role: Role) -> Party:
        key = private_jwk(name.encode(), f"c-{name}")
        public = {part: value for part, value in key.items() if part != "d"}
        await administration.add_client(self.w.hub, unit, role, jwk=public, identifier=f"c-{name}")
        entry = {"client_id": f"c-{name}", "private_jwk": key, "unit_id": unit}
        return Party(self.w.http, entry, f"{self.w.settings.issuer}/oauth/token")


@cache
def place(database: str, profile: str, *settings: tuple[str, str]) -> Place:
    """The instance of a database and profile, started when first needed and stopped at the end of the process."""
    made = Place(database, profile, dict(settings))
    _OPEN.append(made)
    return made


_OPEN: Final[list[Place]] = []


def leave() -> None:
    """Stop every instance that was started."""
    while _OPEN:
        _OPEN.pop().close()
    place.cache_clear()


atexit.register(leave)
