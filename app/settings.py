"""The environment, read once, as one frozen value. A refusal names the variable, never what stands in it."""

import fcntl
import ipaddress
import json
import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from app.storage.durable_file import draft_beside, sync_folder

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
    keys_command: tuple[str, ...]
    """A command whose standard output is the keys, in the place of the file; empty: the file."""
    issuer: str
    """Base URL that callers use, without a final slash: OAuth issuer (RFC 8414) and audience of access tokens."""
    host: str
    port: int
    sandbox: bool
    shreds: Path
    """The list of what was erased (``storage/shreds.py``)."""
    backup_days: int
    """For so many days a backup is kept, 0 to 3650: after that a destroyed key is nowhere."""
    pool_size: int
    """Connections of this process for serving, 1 to 16."""
    rate_per_minute: int
    """Requests of one client in a minute, on all workers together; 0: no limit."""
    overlays: Path | None = None
    """A folder of the operator's own overlays (``consent/profile_overlay.py``)."""
    dpia: str = ""
    """The id of the data protection impact assessment (GDPR 35), where a unit's profile requires one."""

    synthetic_only: bool = False
    """An instance for tests: the people in it are invented, as their ids say (``exchange/synthetic.py``)."""

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
        keys = Path(_text(environ, "KEYS", "var/keys.json"))
        overlays = _text(environ, "OVERLAYS", "")
        return cls(
            database_url=_database(environ),
            justice_database_url=_justice_database(environ),
            keys=keys,
            shreds=Path(_text(environ, "SHREDS", str(keys.with_name("shreds.jsonl")))),
            backup_days=_number(environ, "BACKUP_DAYS", 35, 0, 3650),
            keys_command=_command(environ),
            issuer=_issuer(environ, port),
            host=host,
            port=port,
            sandbox=sandbox,
            pool_size=_number(environ, "POOL_SIZE", 12, 1, 16),
            rate_per_minute=_number(environ, "RATE_PER_MINUTE", 6000, 0, 999_999),
            overlays=Path(overlays) if overlays else None,
            dpia=_text(environ, "DPIA", ""),
            synthetic_only=_flag(environ, "SYNTHETIC_ONLY"),
        )

    @property
    def https(self) -> bool:
        """Whether callers reach the service by TLS."""
        return self.issuer.startswith("https://")


def read_keys(settings: Settings) -> dict[str, Any]:
    """The keys of this service, from the command if there is one, else from the file; read anew each time.

    Raises:
        SettingsError: the command fails or takes longer than 30 seconds, the file cannot be read, or what they give is
            no JSON object.
    """
    if not settings.keys_command:
        return load_keys(settings.keys)
    try:
        done = subprocess.run(  # noqa: S603  # the operator's own command, split into words, no shell
            settings.keys_command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as error:
        kind = type(error).__name__  # its words may hold what the command printed
        raise SettingsError(f"{_PREFIX}KEYS_COMMAND", f"the command gave no keys ({kind})") from None
    return _object(done.stdout, "KEYS_COMMAND", "the command's output")


def load_keys(path: Path) -> dict[str, Any]:
    """The keys in a file, as ``create_keys`` wrote them.

    Raises:
        SettingsError: there is no such file, or it holds no JSON object.
    """
    try:
        text = path.read_bytes()
    except OSError:
        text = b""
    return _object(text, "KEYS", "the file")


def _object(text: bytes, name: str, what: str) -> dict[str, Any]:
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        raise SettingsError(_PREFIX + name, f"{what} cannot be read or holds no JSON object")
    return keys


def change_keys(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Put what ``change`` makes of the keys in a file in their place; gives it.

    The file is there whole before and after, mode 0600. One change at a time, whoever makes it.
    """
    with open(path, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.fstat(held.fileno()).st_ino != path.stat().st_ino:  # another change came first, and has let go
            return change_keys(path, change)
        changed = change(load_keys(path))
        draft = draft_beside(path, changed)
        try:
            os.replace(draft, path)
            sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
    return changed


def create_keys(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The keys in the file; if there is none, it is written (mode 0600) with what ``make`` gives.

    The file appears whole or not at all, and one that exists is never replaced: of two processes that start at once
    both return the keys of the first. Losing keys would make every sealed row unreadable.
    """
    if path.exists():
        return load_keys(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = draft_beside(path, make())
    try:
        os.link(draft, path)  # unlike a rename it fails when the name is taken
        sync_folder(path.parent)
    except FileExistsError:
        pass  # another process was first; its keys are the service's
    finally:
        draft.unlink(missing_ok=True)
    return load_keys(path)


def _text(environ: Mapping[str, str], name: str, default: str) -> str:
    return environ.get(_PREFIX + name, "").strip() or default


def _number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = _text(environ, name, str(default))
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else -1
    if not least <= number <= most:
        raise SettingsError(_PREFIX + name, f"must be a whole number from {least} to {most}")
    return number


def _command(environ: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(_text(environ, "KEYS_COMMAND", "")))
    except ValueError:
        raise SettingsError(f"{_PREFIX}KEYS_COMMAND", "must be a command in words, quoted as for a shell") from None


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
