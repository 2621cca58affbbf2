"""The profile files: what is shipped, and the overlays of whoever runs the service."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from app.consent.profile import Profile, parse_profile
from app.consent.profile_book import ProfileBook
from app.consent.profile_overlay import Overlay, parse_overlay
from app.consent.profile_reading import ProfileError

_CONSENT: Final = Path(__file__).parent / "consent"
PROFILES: Final = _CONSENT / "profiles"
OVERLAYS: Final = PROFILES / "overlays"
_TEXTS: Final = _CONSENT / "texts"
_MINORS: Final = PROFILES / "minors"
T = TypeVar("T", Profile, Overlay)


def profiles(own: Path | None = None) -> ProfileBook:
    """Every profile ever shipped, by ``id@version``: an old consent is decided under its own and today's.

    ``own`` is a folder of further overlays.

    Raises:
        ProfileError: a file cannot be used; it names the file and the key.
        OSError: the folder or a file cannot be read.
    """
    shipped = [_read(path, _profile) for path in sorted(PROFILES.glob("*.toml"))]
    laws = [_read(path, _overlay) for path in sorted(OVERLAYS.glob("*.toml"))]
    if own is not None:
        laws += [_read(path, _overlay) for path in sorted(own.iterdir()) if path.suffix == ".toml"]
    names = [law.name for law in laws]
    for name in names:
        if names.count(name) > 1:
            raise ProfileError(f"{name}.toml: overlay.id: there is another overlay of this name")
    return ProfileBook(shipped, laws)


def _read(path: Path, parse: Callable[[str], T]) -> T:
    try:
        found = parse(path.read_text(encoding="utf-8"))
        if found.name != path.stem:
            raise ProfileError(f"id, version: the file is named after {path.stem}, and this is {found.name}")
    except (ProfileError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name}: {error}") from error
    return found


def _profile(text: str) -> Profile:
    settings = parse_profile(text).settings
    notice = _TEXTS / f"{settings['notice']}.txt"
    if not notice.is_file():
        raise ProfileError("settings.notice: there is no text of this name")
    _has_minors(settings["minors"])
    return parse_profile(text, notice.read_text(encoding="utf-8").strip())


def _overlay(text: str) -> Overlay:
    found = parse_overlay(text)
    if "notice" in found.settings:
        raise ProfileError("settings.notice: an overlay has no text of its own")
    _has_minors(found.settings.get("minors", ""))
    return found


def _has_minors(name: str) -> None:
    if name and not (_MINORS / f"{name}.toml").is_file():
        raise ProfileError("settings.minors: there is no table of this name")
