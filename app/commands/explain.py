"""explain: why a request was answered as it was, for the operator. No name and no value of anybody."""

import argparse
import asyncio
import os
import sys
from typing import Any

from app.settings import Settings, SettingsError


def add(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("explain", help="say what was recorded of a request, and why it was answered so")
    parser.add_argument("--request-id", required=True, help="X-Request-Id of the answer")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """0 and what was recorded; 1 and a sentence if nothing was."""
    from app.exchange.explanations import explained  # noqa: PLC0415  # so that --help starts without FastAPI
    from app.instance import open_hub  # noqa: PLC0415  # the same

    async def whole() -> list[str]:
        hub = await open_hub(Settings.from_environment(os.environ), justice=False)
        try:
            return (await explained(hub, chosen.request_id)).value
        finally:
            await hub.database.close()

    try:
        lines = asyncio.run(whole())
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    if not lines:
        print("Nothing is recorded of a request with this id: it read nothing of anybody.", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0
