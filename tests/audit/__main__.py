"""``python -m tests.audit``: bandit over app/, pip-audit over the lock file, detect-secrets over the committed text.

What a tool finds and is none is written down in ``exceptions.toml`` with its reason; an entry that finds nothing any
more fails like a finding that has none. Whether a package has a known vulnerability only a service on the network can
say. Where it does not answer, or does not know the packages, this says so aloud and claims nothing; with
THROUGHCARE_AUDIT_ONLINE=1 that fails.
"""

import os
import sys
from pathlib import Path

from tests.audit import findings, packages

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """0: nothing unexplained was found; 1: something was, or what has to be known is not."""
    known = findings.exceptions(ROOT / "tests" / "audit" / "exceptions.toml")
    failed = False
    for tool, found in (("bandit", findings.bandit(ROOT)), ("detect-secrets", findings.secrets(ROOT))):
        wrong = findings.unexplained(found, known[tool])
        print(f"{tool}: {len(found)} findings, {len(found) - len(wrong)} of them explained")
        for line in wrong:
            print(f"  {line}", file=sys.stderr)
        failed = failed or bool(wrong)
    verdict = packages.audited(ROOT / "requirements.lock")
    for line in verdict.lines():
        print(line, file=sys.stderr if verdict.vulnerable or verdict.unknown else sys.stdout)
    must_know = os.environ.get("THROUGHCARE_AUDIT_ONLINE") == "1"
    return int(failed or bool(verdict.vulnerable) or (must_know and bool(verdict.unknown)))


if __name__ == "__main__":
    sys.exit(main())
