"""Preparing and serving one instance, for the command line and the sandbox."""

import os
from typing import Any

import uvicorn

from app.identity.keys import ServiceKeys
from app.settings import Settings, create_keys
from app.storage.migrate import upgrade


def prepare(settings: Settings) -> None:
    """A database at the newest schema and a key file."""
    create_keys(settings.keys, new_keys)
    upgrade(settings.database_url)


def new_keys() -> dict[str, Any]:
    """A fresh master secret and service keys."""
    return {"master": os.urandom(32).hex(), "service": ServiceKeys.generate()}


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
        log_level="warning",
        timeout_graceful_shutdown=20,
        limit_concurrency=1000,
    )
