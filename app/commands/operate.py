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
    from app.serving import prepare  # noqa: PLC0415  # --help starts without alembic

    prepare(Settings.from_environment(os.environ))
    return 0


def run_serve(chosen: argparse.Namespace) -> int:
    """Serve until stopped; SIGTERM lets running requests finish."""
    from app.serving import serve  # noqa: PLC0415  # --help starts without uvicorn

    settings = Settings.from_environment(os.environ)
    serve(chosen.host or settings.host, chosen.port or settings.port, workers=chosen.workers)
    return 0
