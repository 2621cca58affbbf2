"""Preparing and serving one instance, for the command line and the sandbox."""

import errno
import logging
import os
import sys
from typing import Any, Final

import uvicorn

from app.identity.keys import ServiceKeys
from app.log import log
from app.routers.middleware import place
from app.settings import Settings, create_keys
from app.storage.migrate import upgrade


def prepare(settings: Settings, owner_url: str | None = None) -> None:
    """A database at the newest schema and a key file.

    ``owner_url`` is the database as the role that owns it, if that is another one than the settings serve as.
    """
    create_keys(settings.keys, new_keys)
    upgrade(owner_url or settings.database_url)


def new_keys() -> dict[str, Any]:
    """A fresh master secret and service keys."""
    return {"master": os.urandom(32).hex(), "service": ServiceKeys.generate()}


class Lines(logging.Handler):
    """Errors of the server and of libraries as our own log lines: their class and place, never their words.

    What a failed start says is kept: it is for the operator, and no request was read yet.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """One line; the words only of a failed start, which the server passes on as a text, and of the system."""
        error = record.exc_info[1] if record.exc_info else record.msg
        known = error if isinstance(error, BaseException) else None
        code = errno.errorcode.get(known.errno or 0) if isinstance(known, OSError) else None
        named = type(known).__name__ if known is not None else None
        log("server_error", level="error", error_class=named, error_at=_place(known), code=code)
        if isinstance(record.msg, str) and record.msg.startswith("Traceback"):
            sys.stderr.write(record.msg + "\n")


def _place(error: BaseException | None) -> str | None:
    return place(error.__traceback__) if error is not None else None


LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"lines": {"class": "app.serving.Lines"}},
    "root": {"handlers": ["lines"], "level": "ERROR"},
}
"""For uvicorn, whose own lines are no JSON: a malformed request is a warning, and nobody is told of it."""


def serve(host: str, port: int, *, workers: int = 1) -> None:
    """uvicorn with uvloop and httptools; no access log, which would hold paths, and no Server header."""
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        access_log=False,
        server_header=False,
        log_config=LOGGING,
        log_level="error",
        timeout_graceful_shutdown=20,
        limit_concurrency=1000,
    )
