"""Preparing and serving one instance, for the command line and the sandbox."""

import errno
import logging
import os
import sys
from typing import Any, Final

import uvicorn

from app.identity.keys import ServiceKeys
from app.instance import keep_no_core
from app.log import log
from app.routers.connections import Connection
from app.routers.middleware import place
from app.settings import Settings, change_keys, create_keys
from app.storage.migrate import upgrade
from app.storage.wrapping import first_wrapping


def prepare(settings: Settings, owner_url: str | None = None) -> None:
    """A database at the newest schema and a key file.

    ``owner_url`` is the database as the role that owns it, if that is another one than the settings serve as.
    """
    if not settings.keys_command:
        stored = create_keys(settings.keys, new_keys)
        if "wrapping" not in stored:  # the keys of before there was a key for each patient
            change_keys(settings.keys, lambda keys: {"wrapping": first_wrapping(), **keys})
    upgrade(owner_url or settings.database_url)


def new_keys() -> dict[str, Any]:
    """A fresh master secret, service keys and a key that wraps those of patients."""
    return {"master": os.urandom(32).hex(), "service": ServiceKeys.generate(), "wrapping": first_wrapping()}


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
    """uvicorn with uvloop and our connections; no access log, which would hold paths, and no Server header."""
    keep_no_core(for_good=True)
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http=Connection,
        access_log=False,
        server_header=False,
        log_config=LOGGING,
        log_level="error",
        # Of five seconds, the default, a busy machine takes more to start a worker, which is then killed, for ever.
        timeout_worker_healthcheck=30,
        timeout_graceful_shutdown=20,  # no limit_concurrency, whose refusal is plain text: the edge has its own
    )
