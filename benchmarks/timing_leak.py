"""The shipped application with a leak planted in front of it: 50 µs of work for some cases. Never part of app/.

What the measurement has to find, or it proves nothing. The cases come in an environment variable of this file alone.
"""

import os
import time
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import create_app as create_shipped

CASES: Final = "TIMING_LEAK_CASES"
"""The environment variable: case_ids, a space between."""
MICROSECONDS: Final = 50
PATH: Final = "/v1/treatment-statuses"


class Leak:
    """Works for a while before a read of one of the cases is served."""

    def __init__(self, app: ASGIApp, cases: frozenset[bytes]) -> None:
        self._app = app
        self._cases = cases

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; nothing but time differs."""
        if scope["type"] == "http" and scope["path"] == PATH:
            asked = scope["query_string"].partition(b"case=")[2][:32]
            ends = time.perf_counter() + MICROSECONDS / 1e6
            while asked in self._cases and time.perf_counter() < ends:
                pass
        await self._app(scope, receive, send)


def create_app() -> ASGIApp:
    """For uvicorn's ``--factory``."""
    return Leak(create_shipped(), frozenset(os.environ[CASES].encode().split()))
