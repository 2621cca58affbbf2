"""One instance without its HTTP face: settings, keys, database, profiles. What the command line and workers open."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.consent.profile import Profile, parse_profile
from app.exchange.hub import Hub
from app.identity.keys import ServiceKeys
from app.identity.signer import Signer
from app.identity.tokens import AccessTokenCache
from app.settings import Settings, SettingsError, load_keys
from app.storage.database import Database, Unavailable
from app.storage.postgres import PostgresDatabase
from app.storage.sealing import Vault
from app.storage.sqlite import SqliteDatabase
from app.storage.wall import unfit_for_justice, unfit_to_serve

_CONSENT: Final = Path(__file__).parent / "consent"


_SERVING: Final = "THROUGHCARE_DATABASE_URL"
_JUSTICE: Final = "THROUGHCARE_JUSTICE_DATABASE_URL"


async def open_database(settings: Settings, *, justice: bool) -> Database:
    """Connect to the configured database, which must keep what it acknowledges; with ``justice`` as both its roles.

    Raises:
        SettingsError: on PostgreSQL a role is missing, or is more or less than the second wall needs.
        Unavailable: it cannot be reached, or does not keep what it acknowledges.
    """
    database: Database
    if settings.database_url.startswith("sqlite:///"):
        database = await SqliteDatabase.open(Path(settings.database_url.removeprefix("sqlite:///")))
    else:
        database = await _walled(settings, justice=justice)
    await database.check()
    return database


async def _walled(settings: Settings, *, justice: bool) -> PostgresDatabase:
    if justice and settings.justice_database_url is None:
        raise SettingsError(_JUSTICE, "name the role for justice callers; see docs/operations.md")
    url = settings.justice_database_url if justice else None
    database = await PostgresDatabase.open(settings.database_url, url, size=settings.pool_size)
    try:
        flaw, variable = await unfit_to_serve(database.pools), _SERVING
        if flaw is None and database.justice is not None:
            flaw, variable = await unfit_for_justice(database.pools, database.justice), _JUSTICE
        if flaw is not None:
            raise SettingsError(variable, flaw)
    except (SettingsError, Unavailable):
        await database.close()
        raise
    return database


async def check(settings: Settings) -> None:
    """Whether the service can start on its database.

    Raises:
        SettingsError: on PostgreSQL a role is missing, or is more or less than the second wall needs.
        Unavailable: it cannot be reached, or does not keep what it acknowledges.
    """
    if settings.database_url.startswith("postgresql:"):
        database = await open_database(settings, justice=True)
        await database.close()


async def open_hub(settings: Settings, *, justice: bool = True) -> Hub:
    """Everything that a flow needs, from the settings; without ``justice`` for a process that answers nobody."""
    stored = load_keys(settings.keys)
    keys = ServiceKeys.load(stored["service"])
    return Hub(
        database=await open_database(settings, justice=justice),
        vault=Vault(bytes.fromhex(stored["master"])),
        profiles=profiles(),
        keys=keys,
        signer=Signer(keys),
        issuer=settings.issuer,
        sandbox=settings.sandbox,
        tokens=AccessTokenCache(),
    )


def profiles() -> Mapping[str, Profile]:
    """Every profile ever shipped, by ``id@version``: an old consent is decided under its own and today's."""
    found = {}
    for path in sorted((_CONSENT / "profiles").glob("*.toml")):
        text = path.read_text()
        notice = parse_profile(text).settings["notice"]
        profile = parse_profile(text, (_CONSENT / "texts" / f"{notice}.txt").read_text().strip())
        found[profile.name] = profile
    return found
