"""serve, migrate: what an operator runs."""

import argparse
import os
from typing import Any

from app.settings import Settings


def add(commands: Any) -> None:
    """Register the commands."""
    server = commands.add_parser("serve", help="serve the API")
    server.add_argument("--host", default=None)
    server.add_argument("--port", type=int, default=None)
    server.add_argument("--workers", type=int, default=1)
    server.set_defaults(run=run_serve)
    migrate = commands.add_parser("migrate", help="bring the database to the newest schema, and make keys if none are")
    migrate.set_defaults(run=run_migrate)


def run_migrate(_: argparse.Namespace) -> int:
    """Migrate the configured database."""
    from app.serving import prepare  # noqa: PLC0415  # so that --help starts without alembic

    prepare(Settings.from_environment(os.environ))
    return 0


def run_serve(chosen: argparse.Namespace) -> int:
    """Serve until stopped; SIGTERM lets running requests finish."""
    from app.serving import serve  # noqa: PLC0415  # so that --help starts without uvicorn

    named = {"THROUGHCARE_HOST": chosen.host, "THROUGHCARE_PORT": str(chosen.port) if chosen.port else None}
    os.environ.update({name: value for name, value in named.items() if value is not None})
    settings = Settings.from_environment(os.environ)  # after the flags: a sandbox refuses a non-loopback address
    serve(settings.host, settings.port, workers=chosen.workers)
    return 0
