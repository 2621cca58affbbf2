"""patient erase, referral erase: destroy a key and with it everything that was sealed under it."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from app.errors import Conflict, NotFound
from app.exchange import erasure
from app.exchange.hub import Hub
from app.exchange.idempotent import KEPT_US
from app.settings import Settings, SettingsError
from app.storage.database import Unavailable
from app.storage.scrub import scrub
from app.vocabulary.calendar import DAY_US, day_of

_Flow = Callable[[Hub, str], Awaitable[erasure.Counts]]


def add(commands: Any) -> None:
    """Register the commands."""
    for noun, flow, said in (
        ("patient", erasure.erase_patient, "a patient and every record merged with it"),
        ("referral", erasure.erase_referral, "a referral, its sender's own record"),
    ):
        verbs = commands.add_parser(noun, help=f"erase {said}").add_subparsers(required=True, metavar="verb")
        erased = verbs.add_parser("erase", help=f"destroy the key of {said}, for ever")
        erased.add_argument("id")
        erased.set_defaults(run=_runs(flow))


def report(counts: erasure.Counts, backup_days: int, today: date, *, scrubbed: bool) -> dict[str, Any]:
    """What was destroyed and when the last copies die.

    Backups made until now hold the wrapped key; those made in the next 30 days may hold an answer that was kept for a
    repeated request, under the service's own key.
    """
    last = today + timedelta(days=backup_days)
    return {
        "destroyed": counts,
        "scrubbed": scrubbed,
        "last_copy_dies_on": last.isoformat(),
        "kept_answers_die_on": (last + timedelta(days=KEPT_US // DAY_US)).isoformat(),
    }


def _runs(flow: _Flow) -> Callable[[argparse.Namespace], int]:
    def run(chosen: argparse.Namespace) -> int:
        settings = Settings.from_environment(os.environ)
        try:
            counts, today = asyncio.run(_whole(settings, flow, chosen.id))
        except NotFound:  # what was erased before, also by a start that found it in the list, may be left to scrub
            scrub(settings.database_url)
            print("there is none of this id", file=sys.stderr)
            return 1
        except Conflict as held:
            print(held.detail, file=sys.stderr)
            return 1
        except (SettingsError, Unavailable) as error:
            print(error, file=sys.stderr)
            return 1
        told = report(counts, settings.backup_days, today, scrubbed=scrub(settings.database_url))
        print(json.dumps(told, indent=2))
        return 0

    return run


async def _whole(settings: Settings, flow: _Flow, identifier: str) -> tuple[erasure.Counts, date]:
    from app.instance import ready_hub  # noqa: PLC0415  # so that --help starts without FastAPI

    hub = await ready_hub(settings, justice=False)
    try:
        counts = await flow(hub, identifier)
        async with hub.database.read() as reader:
            return counts, date.fromordinal(day_of(await reader.now()))
    finally:
        await hub.database.close()
