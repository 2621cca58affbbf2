"""The environment, read once, as one frozen value. A refusal names the variable, never what stands in it."""

import ipaddress
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

_PREFIX: Final = "THROUGHCARE_"
_DATABASES: Final = ("sqlite:///", "postgresql://")


class SettingsError(Exception):
    """The service cannot start as it is configured; ``variable`` is the one to change."""

    def __init__(self, variable: str, detail: str) -> None:
        super().__init__(f"{variable}: {detail}")
        self.variable = variable


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs. The database URL may hold a password and is kept out of ``repr``."""

    database_url: str = field(repr=False)
    justice_database_url: str | None = field(repr=False)
    """On PostgreSQL the same database as the role that answers justice callers and holds no content."""
    keys: Path
    """The file that holds the service's keys (``load_keys``)."""
    issuer: str
    """Base URL that callers use, without a final slash: OAuth issuer (RFC 8414) and audience of access tokens."""
    host: str
    port: int
    sandbox: bool
    pool_size: int
    """Connections of this process for serving, 1 to 16."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that the variables ``THROUGHCARE_…`` give.

        Raises:
            SettingsError: one cannot be used, or the sandbox would be reachable from elsewhere.
        """
        port = _number(environ, "PORT", 8000, 0, 65535)
        host = _text(environ, "HOST", "127.0.0.1")
        sandbox = _flag(environ, "SANDBOX")
        if sandbox and not _is_loopback(host) and not _flag(environ, "ALLOW_REMOTE_SANDBOX"):
            detail = "the sandbox has known secrets and listens on a loopback address only"
            raise SettingsError(f"{_PREFIX}HOST", f"{detail} unless {_PREFIX}ALLOW_REMOTE_SANDBOX=1")
        return cls(
            database_url=_database(environ),
            justice_database_url=_justice_database(environ),
            keys=Path(_text(environ, "KEYS", "var/keys.json")),
            issuer=_issuer(environ, port),
            host=host,
            port=port,
            sandbox=sandbox,
            pool_size=_number(environ, "POOL_SIZE", 12, 1, 16),
        )

    @property
    def https(self) -> bool:
        """Whether callers reach the service by TLS."""
        return self.issuer.startswith("https://")


def load_keys(path: Path) -> dict[str, Any]:
    """The keys of this service, as ``create_keys`` wrote them.

    Raises:
        SettingsError: there is no such file, or it holds no JSON object.
    """
    try:
        keys = json.loads(path.read_bytes())
    except (OSError, ValueError):
        keys = None
    if not isinstance(keys, dict):
        raise SettingsError(f"{_PREFIX}KEYS", "the file cannot be read or holds no JSON object")
    return keys


def create_keys(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The keys in the file; if there is none, it is written (mode 0600) with what ``make`` gives.

    The file appears whole or not at all, and one that exists is never replaced: of two processes that start at once
    both return the keys of the first. Losing keys would make every sealed row unreadable.
    """
    if path.exists():
        return load_keys(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(make(), file)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename it fails when the name is taken
        _sync_folder(path.parent)
    except FileExistsError:
        pass  # another process was first; its keys are the service's
    finally:
        draft.unlink(missing_ok=True)
    return load_keys(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _text(environ: Mapping[str, str], name: str, default: str) -> str:
    return environ.get(_PREFIX + name, "").strip() or default


def _number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = _text(environ, name, str(default))
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else -1
    if not least <= number <= most:
        raise SettingsError(_PREFIX + name, f"must be a whole number from {least} to {most}")
    return number


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = _text(environ, name, "0")
    if text not in {"0", "1"}:
        raise SettingsError(_PREFIX + name, "must be 0 or 1")
    return text == "1"


def _database(environ: Mapping[str, str]) -> str:
    url = _text(environ, "DATABASE_URL", "sqlite:///var/throughcare.db")
    if not any(url.startswith(prefix) and len(url) > len(prefix) for prefix in _DATABASES):
        raise SettingsError(f"{_PREFIX}DATABASE_URL", "must be sqlite:///path or postgresql://user@host/database")
    return url


def _justice_database(environ: Mapping[str, str]) -> str | None:
    url = _text(environ, "JUSTICE_DATABASE_URL", "")
    if url and not (url.startswith("postgresql://") and len(url) > len("postgresql://")):
        raise SettingsError(f"{_PREFIX}JUSTICE_DATABASE_URL", "must be postgresql://user@host/database")
    return url or None


def _issuer(environ: Mapping[str, str], port: int) -> str:
    issuer = _text(environ, "ISSUER", f"http://127.0.0.1:{port}").rstrip("/")
    try:
        url = urlsplit(issuer)
        usable = url.scheme in {"http", "https"} and bool(url.hostname) and "@" not in url.netloc
    except ValueError:
        usable = False
    if not usable or any(mark in issuer for mark in "?# ") or not issuer.isascii():
        raise SettingsError(f"{_PREFIX}ISSUER", "must be an http or https URL without user, query or fragment")
    return issuer


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
