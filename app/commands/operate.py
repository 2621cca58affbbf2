"""serve, migrate, work, retain: what an operator runs."""

import argparse
import asyncio
import json
import os
import sys
from typing import Any

from app.exchange import retention
from app.settings import Settings, SettingsError


def add(commands: Any) -> None:
    """Register the commands."""
    server = commands.add_parser("serve", help="serve the API")
    server.add_argument("--host", default=None)
    server.add_argument("--port", type=int, default=None)
    server.add_argument("--workers", type=int, default=1)
    server.set_defaults(run=run_serve)
    migrate = commands.add_parser("migrate", help="bring the database to the newest schema, and make keys if none are")
    migrate.set_defaults(run=run_migrate)
    worker = commands.add_parser("work", help="sequence and sign the disclosure log, ring doorbells, until stopped")
    worker.add_argument("--once", action="store_true", help="sequence what is there, ring what is due, then stop")
    worker.set_defaults(run=run_work)
    audit = commands.add_parser("verify-ledger", help="walk the whole disclosure log and name the first lie")
    audit.set_defaults(run=run_verify)
    shortened = commands.add_parser("retain", help="delete what the law no longer keeps of the log of who asked")
    shortened.set_defaults(run=run_retain)
    restored = commands.add_parser("accept-restore", help="serve an older copy of the database from now on, knowingly")
    restored.set_defaults(run=run_accept_restore)


def run_work(chosen: argparse.Namespace) -> int:
    """Sequence in batches, and ring; every two seconds once there is nothing left."""
    from app.instance import keep_no_core  # noqa: PLC0415  # so that --help starts without FastAPI
    from app.worker import work  # noqa: PLC0415  # the same

    keep_no_core(for_good=True)
    asyncio.run(work(Settings.from_environment(os.environ), once=chosen.once))
    return 0


def run_verify(_: argparse.Namespace) -> int:
    """0 if every signed root agrees with the entries; the size and root are printed for comparison with a copy."""
    from app.worker import verify  # noqa: PLC0415  # so that --help starts without FastAPI

    verdict = asyncio.run(verify(Settings.from_environment(os.environ)))
    print(f"{verdict.size} entries, root {verdict.root}" + (f": {verdict.lie}" if verdict.lie else ""))
    return 1 if verdict.lie else 0


def run_retain(_: argparse.Namespace) -> int:
    """Delete of the technical log what no law concerned keeps; prints how many went and stayed, as JSON."""
    from app.instance import ready_hub  # noqa: PLC0415  # so that --help starts without FastAPI
    from app.storage.database import Unavailable  # noqa: PLC0415  # the same

    async def whole() -> dict[str, int]:
        hub = await ready_hub(Settings.from_environment(os.environ), justice=False)
        try:
            return await retention.retain(hub)
        finally:
            await hub.database.close()

    try:
        print(json.dumps(asyncio.run(whole()), indent=2))
    except (SettingsError, Unavailable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run_accept_restore(_: argparse.Namespace) -> int:
    """Accept that what was committed after the restored copy was made is lost; old places in feeds end."""
    from app.worker import accept_restore  # noqa: PLC0415  # so that --help starts without FastAPI

    size = asyncio.run(accept_restore(Settings.from_environment(os.environ)))
    print(f"accepted: {size} disclosures are in the tree; every cursor of a feed from before is refused from now on")
    return 0


def run_migrate(_: argparse.Namespace) -> int:
    """Migrate the configured database."""
    from app.serving import prepare  # noqa: PLC0415  # so that --help starts without alembic

    prepare(Settings.from_environment(os.environ))
    return 0


def run_serve(chosen: argparse.Namespace) -> int:
    """Serve until stopped; SIGTERM lets running requests finish."""
    from app.exchange.high_water import Restored  # noqa: PLC0415  # so that --help starts without asyncpg
    from app.instance import check  # noqa: PLC0415  # the same
    from app.serving import serve  # noqa: PLC0415  # so that --help starts without uvicorn
    from app.storage.database import Unavailable  # noqa: PLC0415  # the same

    named = {"THROUGHCARE_HOST": chosen.host, "THROUGHCARE_PORT": str(chosen.port) if chosen.port else None}
    os.environ.update({name: value for name, value in named.items() if value is not None})
    settings = Settings.from_environment(os.environ)  # after the flags: a sandbox refuses a non-loopback address
    try:
        asyncio.run(check(settings))  # each worker looks again, but one that does not start is started again for ever
    except (SettingsError, Unavailable, Restored) as error:
        print(error, file=sys.stderr)
        return 1
    serve(settings.host, settings.port, workers=chosen.workers)
    return 0
