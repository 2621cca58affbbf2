"""Known vulnerabilities of the locked packages, as far as a service on the network can tell."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Of how many packages what is known."""

    sound: int
    vulnerable: tuple[str, ...]
    unknown: tuple[str, ...]
    """Packages of which nothing could be learnt, or one line that says why none was looked at."""

    def lines(self) -> list[str]:
        """What to print; nothing that could be taken for a success where nothing is known."""
        told = [f"pip-audit: VULNERABLE: {one}" for one in self.vulnerable]
        if self.unknown:
            told.append("pip-audit: " + "*" * 60)
            told.append(f"pip-audit: NOT CHECKED: {len(self.unknown)} ({', '.join(self.unknown[:4])} ...)")
            told.append("pip-audit: this is no pass. THROUGHCARE_AUDIT_ONLINE=1 makes it fail.")
            told.append("pip-audit: " + "*" * 60)
        if self.sound:
            told.append(f"pip-audit: {self.sound} packages without a known vulnerability")
        return told


def audited(lock: Path) -> Verdict:
    """Ask about every pin of a lock file."""
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "15", "-f", "json"]
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        return read(json.loads(done.stdout))
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return Verdict(0, (), ("the service did not answer",))


def read(report: dict[str, Any]) -> Verdict:
    """A report of pip-audit. A package that it skipped counts as unknown: it calls that a success."""
    packages = report["dependencies"]
    vulnerable = [
        f"{one['name']} {one['version']}: {flaw['id']}" for one in packages for flaw in one.get("vulns", ())
    ]  # fmt: skip
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    sound = sum(1 for one in packages if "skip_reason" not in one and not one.get("vulns"))
    if not packages:
        unknown = ["no package was looked at"]
    return Verdict(sound, tuple(vulnerable), tuple(unknown))
