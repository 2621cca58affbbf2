"""One instance without its HTTP face: settings, keys, database, profiles. What the command line and workers open."""

import ctypes
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from app.consent.profile_book import ProfileBook
from app.consent.profile_reading import ProfileError
from app.exchange import high_water
from app.exchange.allowances import Allowances
from app.exchange.erasure import ListLost, reapply
from app.exchange.hub import Hub
from app.identity.keys import ServiceKeys
from app.identity.signer import Signer
from app.identity.tokens import AccessTokenCache
from app.log import log
from app.profile_files import profiles as profiles
from app.settings import Settings, SettingsError, read_keys
from app.storage import registry
from app.storage.database import Database, Unavailable
from app.storage.postgres import PostgresDatabase
from app.storage.sealing import Vault
from app.storage.shreds import ListUnreadable, ShredList
from app.storage.sqlite import SqliteDatabase
from app.storage.wall import unfit_for_justice, unfit_to_serve
from app.storage.wrapping import Wrapping

_PR_SET_DUMPABLE: Final = 4
"""<linux/prctl.h>."""
_SERVING: Final = "THROUGHCARE_DATABASE_URL"
_JUSTICE: Final = "THROUGHCARE_JUSTICE_DATABASE_URL"


def keep_no_core(*, for_good: bool = False) -> None:
    """No core dump of this process: its memory holds keys and what people said. For every process that serves.

    A limit alone does not hold where the system pipes dumps to a program, and a new program loses the mark alone.
    ``for_good``: nor of any process that this one starts.
    """
    most = 0 if for_good else resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


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
    """Whether the service can start on its database, on which what was erased is erased again first.

    Raises:
        SettingsError: on PostgreSQL a role is missing, or is more or less than the second wall needs; or the shred list
            is lost or cannot be read.
        Unavailable: it cannot be reached, or does not keep what it acknowledges.
        Restored: it is an older copy than was served once.
    """
    keep_no_core()
    hub = await ready_hub(settings)
    try:
        await high_water.require(hub, settings.keys)
    finally:
        await hub.database.close()


def open_vault(settings: Settings, stored: Mapping[str, Any]) -> Vault:
    """The vault of these keys, which looks at the keys again when it meets a wrapping key that they do not hold.

    Raises:
        SettingsError: there are no wrapping keys, or none that can be used.
    """
    try:
        wrapping = Wrapping(stored["wrapping"], lambda: read_keys(settings)["wrapping"])
    except (KeyError, TypeError, ValueError):
        name = "THROUGHCARE_KEYS_COMMAND" if settings.keys_command else "THROUGHCARE_KEYS"
        raise SettingsError(name, "no usable wrapping keys: run migrate, which adds one to the file") from None
    return Vault(bytes.fromhex(stored["master"]), wrapping)


async def open_hub(settings: Settings, *, justice: bool = True) -> Hub:
    """Everything that a flow needs, from the settings; without ``justice`` for a process that answers nobody."""
    stored = read_keys(settings)
    keys = ServiceKeys.load(stored["service"])
    book = read_profiles(settings)
    return Hub(
        database=await open_database(settings, justice=justice),
        vault=open_vault(settings, stored),
        shreds=ShredList(settings.shreds),
        profiles=book,
        keys=keys,
        signer=Signer(keys),
        issuer=settings.issuer,
        sandbox=settings.sandbox,
        tokens=AccessTokenCache(),
        allowances=Allowances(settings.rate_per_minute),
        synthetic_only=settings.synthetic_only,
    )


def read_profiles(settings: Settings) -> ProfileBook:
    """Every profile that is shipped, and the overlays of the operator.

    Raises:
        SettingsError: an overlay cannot be used; it names the file and the key.
    """
    try:
        return profiles(settings.overlays)
    except (ProfileError, OSError) as error:
        raise SettingsError("THROUGHCARE_OVERLAYS", str(error)) from None


async def impact_assessed(hub: Hub, settings: Settings) -> None:
    """GDPR 35: no unit is served under a profile that requires an impact assessment unless one is named.

    Raises:
        SettingsError: one is required and none named.
    """
    if settings.dpia:
        return
    async with hub.database.read() as reader:
        used = [row["profile"] for row in await reader.all(registry.PROFILES)]
    for name in used:
        profile = hub.profiles.get(name)
        if profile is not None and profile.settings["dpia"] == "required":
            detail = f"{name} needs the id of a data protection impact assessment (GDPR 35), and a unit works under it"
            raise SettingsError("THROUGHCARE_DPIA", detail)


async def ready_hub(settings: Settings, *, justice: bool = True) -> Hub:
    """The same, once everything that was ever erased is erased in this database as well: only then may it serve.

    Raises:
        SettingsError: the shred list is lost or cannot be read; or an impact assessment is required and none named.
    """
    hub = await open_hub(settings, justice=justice)
    try:
        await impact_assessed(hub, settings)
        again = await reapply(hub)
    except (ListLost, ListUnreadable) as error:
        await hub.database.close()
        lost = "the database knows of erasures that this list does not: put the list back"
        detail = lost if isinstance(error, ListLost) else "the list cannot be read: put it back whole"
        raise SettingsError("THROUGHCARE_SHREDS", detail) from None
    except BaseException:
        await hub.database.close()
        raise
    if again:
        log("erased_again", count=again)
    return hub
