"""The shipped profile as text, read here because the core reads no file."""

from pathlib import Path

US = (Path(__file__).parents[2] / "app" / "consent" / "profiles" / "us-42cfr2@1.toml").read_text()
NOTICE = (Path(__file__).parents[2] / "app" / "consent" / "texts" / "42cfr2.32-statement-1.txt").read_text().strip()
