"""sandbox, demo: what a newcomer runs."""

import argparse
import asyncio
from typing import Any


def add(commands: Any) -> None:
    """Register the commands."""
    sandbox = commands.add_parser("sandbox", help="set up a fictional sandbox and serve it on loopback")
    sandbox.add_argument("--host", default="127.0.0.1")
    sandbox.add_argument("--port", type=int, default=8000)
    sandbox.add_argument("--seed", choices=["item", "county"], default="item", help="one disclosed item, or 500 people")
    sandbox.set_defaults(run=run_sandbox)
    demo = commands.add_parser("demo", help="play the stories on both databases and tell what each party sees")
    demo.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    demo.set_defaults(run=run_demo)


def run_sandbox(chosen: argparse.Namespace) -> int:
    """Prepare, say how to begin, serve."""
    from app.sandbox.start import start  # noqa: PLC0415  # so that --help starts without FastAPI

    start(chosen.host, chosen.port, chosen.seed)
    return 0


def run_demo(chosen: argparse.Namespace) -> int:
    """Non-zero if anything differs from what the stories say."""
    from app.sandbox.demo import play  # noqa: PLC0415  # so that --help starts without FastAPI

    return asyncio.run(play(chosen.database or ["sqlite", "postgresql"]))
