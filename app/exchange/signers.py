"""The patient as a signature meets them: age, life or death, and the table of who signs for a minor."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from app.consent.local_time import zone_of
from app.consent.profile import Profile
from app.consent.signing import MinorTable, Person, parse_minors
from app.exchange import patients
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.storage.database import Reader

_TABLES: Final = Path(__file__).parents[1] / "consent" / "profiles" / "minors"


@cache
def tables() -> Mapping[str, MinorTable]:
    """Id -> table, of every jurisdiction that is shipped."""
    found = [parse_minors(path.read_text(encoding="utf-8")) for path in sorted(_TABLES.glob("*.toml"))]
    return {table.name: table for table in found}


def table_of(profile: Profile) -> MinorTable:
    """The table of the innermost overlay that has one of its own id (a state's law), else that of the profile.

    Raises:
        KeyError: the profile names a table that there is not; reading the profiles refuses that at start.
    """
    overlays = (name.partition("@")[0] for name in reversed(profile.name.split("+")[1:]))
    own = (tables()[name] for name in overlays if name in tables())
    return next(own, None) or tables()[profile.settings["minors"]]


async def person_of(hub: Hub, caller: Caller, reader: Reader, patient: str, time_zone: str) -> Person:
    """The patient of this clinic; ``time_zone`` is that of the form."""
    words = patients.words(hub, await patients.own(reader, caller.unit, patient))
    died = words.get("deceased_on")
    return Person(
        birth_date=date.fromisoformat(words["birth_date"]),
        deceased_on=date.fromisoformat(died) if died is not None else None,
        minors=table_of(hub.profiles[caller.profile]),
        zone=zone_of(time_zone),
    )
