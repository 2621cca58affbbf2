"""The profiles that are shipped, as text, as tables and parsed: read here because the core reads no file."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from app.consent.profile import Profile, parse_profile

CONSENT: Final = Path(__file__).parents[2] / "app" / "consent"
TEXTS: Final = {path.stem: path.read_text(encoding="utf-8") for path in sorted(CONSENT.glob("profiles/*.toml"))}
US, EU, UNODC = "us-42cfr2@1", "eu-gdpr-led@1", "unodc-generic@1"
SHIPPED: Final[dict[str, Profile]] = {name: parse_profile(text) for name, text in TEXTS.items()}


def raw(name: str) -> Any:
    """A profile as the table that its file is; each time one's own, to be spoilt."""
    return deepcopy(tomllib.loads(TEXTS[name]))


def notice(name: str) -> str:
    """The exact text of a notice."""
    return (CONSENT / "texts" / f"{name}.txt").read_text(encoding="utf-8").strip()
