"""One call of the API as plain data: who makes it, what is sent, what is kept of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``$name`` in path or body is what an earlier answer gave, ``$now`` the instant at which it is made.

    ``client`` is a sandbox client without the ``c-``. ``keep`` is name -> member of the answer.
    """

    client: str
    method: str
    path: str
    body: Any = None
    status: int = 200
    keep: Mapping[str, str] | None = None


def post(client: str, path: str, body: Any, status: int = 201, **keep: str) -> Call:
    """A POST; ``keep`` is name -> member of the answer."""
    return Call(client, "POST", path, body, status, keep)


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """``value`` with every ``$name`` replaced, whether it is a whole text or a part of a path."""
    if isinstance(value, str):
        for name in sorted(known, key=len, reverse=True) if "$" in value else ():
            value = value.replace(f"${name}", known[name])
        return value
    if isinstance(value, Mapping):
        return {name: filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    return value
