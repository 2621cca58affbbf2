"""Change the decision, derivation and ledger by one small fault at a time and see whether a test fails.

``python -m tests.mutation [path prefix ...]``: all modules of ``TARGETS``, or those that start with a prefix. Writes
var/mutation.json. Fails where more than 2 % survive, one survives that survivors.toml does not explain, or one that it
explains is killed.
"""

import json
import os
import pickle
import sys
import tomllib
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("THROUGHCARE_EXAMPLES", "40")  # read by conftest, once

from tests.mutation.facing import Outcome, faced
from tests.mutation.mutants import ROOT, files
from tests.mutation.trial import Calls, learn

MOST_SURVIVING: Final = 0.02
EXPLAINED: Final = Path(__file__).parent / "survivors.toml"
NAMED: Final = ("file", "function", "was", "now", "nth")
Name = tuple[str, str, str, str, int]
REPORT: Final = ROOT / "var" / "mutation.json"


def learned(wanted: list[str]) -> Calls:
    """What the tests call, learned in a process of its own, so that this one has nothing of the service loaded."""
    read, write = os.pipe()
    if not os.fork():
        os.close(read)
        code, calls = learn(wanted)
        with os.fdopen(write, "wb") as out:
            pickle.dump((code, calls.of, calls.seconds, calls.imported), out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as got:
        code, of, seconds, imported = pickle.load(got)
    os.wait()
    if code:
        raise SystemExit("The tests fail as they are.")
    for name in sorted(imported):  # what is loaded here is not loaded again for each mutant
        try:
            import_module(name)
        except ImportError:
            continue
    return Calls(of, seconds, imported)


def explained(wanted: list[str]) -> dict[Name, str]:
    """Name of a mutant -> why it may survive, for the modules wanted."""
    entries = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")).get("survivor", [])
    named = {
        (one["file"], one["function"], one["was"], one["now"], one.get("nth", 1)): one["reason"] for one in entries
    }
    return {name: reason for name, reason in named.items() if name[0] in wanted}


def report(wanted: list[str], outcome: Outcome, reasons: dict[Name, str]) -> dict[str, Any]:
    """What is written to var/mutation.json. ``score`` is the part that was found, explained survivors not among it."""
    kinds = {"killed": outcome.killed, "endless": outcome.endless, "survived": outcome.survived}
    by_file = {kind: Counter(mutant.file for mutant in found) for kind, found in kinds.items()}
    return {
        "mutants": outcome.total,
        **{kind: len(found) for kind, found in kinds.items()},
        "score": round(1 - len(outcome.survived) / max(outcome.total, 1), 4),
        "by_file": {file: {kind: counts[file] for kind, counts in by_file.items()} for file in wanted},
        "survivors": [
            {"line": one.line, **dict(zip(NAMED, one.name, strict=True)), "reason": reasons.get(one.name, "")}
            for one in outcome.survived
        ],
    }


def main(prefixes: list[str]) -> int:
    """Run, report, judge: 0 where no more than 2 % survive and each has its reason."""
    wanted = files(prefixes)
    outcome, reasons = faced(wanted, learned(wanted)), explained(wanted)
    written = report(wanted, outcome, reasons)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    survived = {mutant.name for mutant in outcome.survived}
    unexplained = [mutant for mutant in outcome.survived if mutant.name not in reasons]
    stale = [name for name in reasons if name not in survived]
    for mutant in unexplained:
        print(f"not explained: {mutant.shown}")
    for name in stale:
        print("explained but killed, or gone:", *name)
    print(f"{outcome.total} mutants, {len(outcome.survived)} survived, score {written['score']:.2%}")
    return int(bool(unexplained or stale) or len(outcome.survived) > MOST_SURVIVING * outcome.total)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
