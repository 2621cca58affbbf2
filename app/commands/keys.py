"""keys rotate, rewrap, retire: the wrapping keys, which live outside the database."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from app.exchange import rotation
from app.exchange.hub import Hub
from app.settings import Settings, SettingsError, change_keys
from app.storage.database import Unavailable
from app.storage.wrapping import Unsealable, with_another

_ELSEWHERE = "the keys come from THROUGHCARE_KEYS_COMMAND"


def add(commands: Any) -> None:
    """Register the commands."""
    parser = commands.add_parser("keys", help="rotate the keys that wrap those of patients")
    verbs = parser.add_subparsers(required=True, metavar="verb")
    verbs.add_parser("rotate", help="add a wrapping key and make it the current one").set_defaults(
        run=_guarded(_rotate)
    )
    verbs.add_parser("rewrap", help="wrap every key of a patient with the current one").set_defaults(
        run=_guarded(_rewrap)
    )
    retired = verbs.add_parser("retire", help="take out a wrapping key that wraps nothing any more")
    retired.add_argument("id", help="8 hexadecimal digits")
    retired.set_defaults(run=_guarded(_retire))


def _rotate(settings: Settings, _: argparse.Namespace) -> str:
    if settings.keys_command:
        raise SettingsError("THROUGHCARE_KEYS_COMMAND", f"{_ELSEWHERE}: add a key there and make it current")
    changed = change_keys(settings.keys, lambda keys: keys | {"wrapping": with_another(keys["wrapping"])})
    current: str = changed["wrapping"]["current"]
    return current


def _rewrap(settings: Settings, _: argparse.Namespace) -> str:
    return f"{asyncio.run(_with_hub(settings, rotation.rewrap))} keys wrapped anew"


def _retire(settings: Settings, chosen: argparse.Namespace) -> str:
    name: str = chosen.id
    asyncio.run(_with_hub(settings, lambda hub: rotation.retire(hub, name)))
    if settings.keys_command:
        return f"{name} wraps nothing any more; {_ELSEWHERE}: take it out there"
    change_keys(settings.keys, lambda keys: keys | {"wrapping": _without(keys["wrapping"], name)})
    return f"{name} is retired"


def _without(stored: dict[str, Any], name: str) -> dict[str, Any]:
    if stored["current"] == name:
        raise rotation.StillNeeded("it is the current one: rotate first")
    return stored | {"keys": {one: key for one, key in stored["keys"].items() if one != name}}


async def _with_hub(settings: Settings, flow: Callable[[Hub], Awaitable[Any]]) -> Any:
    from app.instance import open_hub  # noqa: PLC0415  # so that --help starts without FastAPI

    hub = await open_hub(settings, justice=False)
    try:
        return await flow(hub)
    finally:
        await hub.database.close()


def _guarded(act: Callable[[Settings, argparse.Namespace], str]) -> Callable[[argparse.Namespace], int]:
    def run(chosen: argparse.Namespace) -> int:
        try:
            print(act(Settings.from_environment(os.environ), chosen))
        except (SettingsError, rotation.StillNeeded, Unsealable, Unavailable) as error:
            print(error, file=sys.stderr)
            return 1
        return 0

    return run
