"""Structured log lines. A key that is not listed here cannot be written, so a line holds no person and no case.

There is no key for a URL, a query, a body, a header or the words of an exception, on purpose: each of them can name
a patient. One line of JSON a call, on standard error.
"""

import json
import logging
import math
import re
import sys
from datetime import UTC, datetime
from typing import Final, Literal

Level = Literal["debug", "info", "warning", "error"]

LOG_KEYS: Final[frozenset[str]] = frozenset(
    {
        "time",
        "level",
        "event",
        "dropped",
        "request_id",
        "method",
        "route",  # the template, never the path that was asked for
        "status",
        "duration_ms",
        "client_id",
        "agency_id",
        "unit_id",
        "role",
        "key_id",
        "code",
        "error_class",
        "error_at",  # file and line in app/
        "attempt",
        "count",
        "database",  # the dialect, never the URL
        "worker",
        "host",
        "port",
        "version",
        "revision",
        "signal",
    }
)
_OWN: Final = frozenset({"time", "level", "event", "dropped"})
_EVENT: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_LONGEST: Final = 200


def log(event: str, /, *, level: Level = "info", **keys: object) -> None:
    """Write one line. Keys whose value is None are left out; what may not be written is counted under ``dropped``.

    Raises nothing: a lost log line stops no request.
    """
    named = _EVENT.fullmatch(event) is not None
    given = {key: value for key, value in keys.items() if value is not None}
    kept = {key: value for key, value in given.items() if key in LOG_KEYS - _OWN and _plain(value)}
    dropped = len(given) - len(kept) + (not named)
    line = {"time": _stamp(), "level": level, "event": event if named else "unnamed", **kept}
    if dropped:
        line["dropped"] = dropped
    try:
        sys.stderr.write(json.dumps(line, separators=(",", ":")) + "\n")
    except (OSError, ValueError):  # standard error is closed: there is nowhere left to tell it
        return


def _plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value))


def _stamp() -> str:
    """RFC 3339 in UTC. ``logging`` itself stamps the record: the instant labels a line and enters no answer."""
    created = logging.LogRecord("throughcare", logging.INFO, "", 0, "", None, None).created
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
