"""The reckoning of a load: what was acknowledged and received against what the database holds."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from app.exchange.hub import Hub
from app.exchange.sequencing import audit
from app.instance import open_hub, open_vault
from app.settings import Settings, read_keys
from tests.resilience.load import Entry, Load
from tests.storage.direct import connection, openings, rows

COLUMNS: Final = {
    "referral": "SELECT id FROM referral",
    "referral_amendment": "SELECT id FROM referral_amendment",
    "patient": "SELECT id FROM patient",
    "message": "SELECT id FROM message",
    "consent": "SELECT id FROM consent",
    "consent_signature": "SELECT consent_id FROM consent_signature",
    "revocation": "SELECT consent_id FROM revocation",
    "transfer": "SELECT id FROM transfer",
    "cancelled": "SELECT id FROM referral WHERE cancelled_at IS NOT NULL",
}
"""Where each acknowledged id must stand exactly once."""
_UNTOLD: Final = ("PATCH",)
"""A match names a referral that is there already."""


def stored(url: str) -> dict[str, Counter[str]]:
    """How often each id is there."""
    with connection(url) as opened:
        return {table: Counter(row[0] for row in opened.execute(text).fetchall()) for table, text in COLUMNS.items()}


@dataclass
class Books:
    """What was there before the load began, and where to look now."""

    settings: Settings
    before: dict[str, Counter[str]]

    @classmethod
    def opened(cls, settings: Settings) -> "Books":
        """Begin to count."""
        return cls(settings, stored(settings.database_url))

    def reckon(self, load: Load, *, final: bool = False) -> dict[str, int]:
        """Nothing acknowledged is gone, nothing is there twice, every body was recorded, no consent is half there.

        With ``final`` every act was acknowledged, and then nothing else may be there. Gives what was counted.
        """
        acts, bodies, pages = list(load.acts), list(load.bodies), list(load.pages)
        done = [(act.table, act.ids) for act in acts if act.method not in _UNTOLD]
        now = stored(self.settings.database_url)
        for table, ids in now.items():
            told = Counter(one for name, named in done if name == table for one in named)
            self._same(table, ids - self.before[table], told)
            if final:
                self._whole(table, ids - self.before[table], load, told)
        counted = self._recorded(bodies, pages)
        self._consents(allowed_late=not final)
        numbers(page for page in pages)
        return counted

    def _same(self, table: str, there: Counter[str], told: Counter[str]) -> None:
        doubled = [one for one, times in there.items() if times > 1]
        assert not doubled, f"{table}: {len(doubled)} are there twice"
        gone = told - there
        assert not gone, f"{table}: {gone.total()} acknowledged writes are gone"

    def _whole(self, table: str, there: Counter[str], load: Load, told: Counter[str]) -> None:
        assert all(act.answer is not None for act in load.acts)
        expected = sum(act.rows for act in load.acts if act.table == table and act.method not in _UNTOLD)
        assert there.total() == expected, f"{table}: {there.total()} rows of {expected} acts"
        planned = sum(act.path.endswith("/response") for act in load.acts) if table == "message" else 0
        assert told.total() + planned == expected, table

    def _recorded(self, bodies: list[list[str]], pages: list[list[Entry]]) -> dict[str, int]:
        vault = open_vault(self.settings, read_keys(self.settings))
        items: Counter[str] = Counter()
        told: Counter[tuple[str, str, str]] = Counter()
        entries = rows(self.settings.database_url, "SELECT id, entry FROM disclosure")
        found = openings(self.settings.database_url, vault)  # afterwards: a load may be running, and more is recorded
        for identifier, entry in entries:
            opened: Any = found[identifier]
            said = orjson.loads(bytes(entry))
            items[opened["item"][1]] += 1
            told[opened["case_id"][1], said["kind"], said["purpose"]] += 1
        missing = Counter(item for body in bodies for item in body) - items
        assert not missing, f"{missing.total()} received items have no record"
        pointed = Counter((case, f"event:{kind}", purpose) for page in pages for _, case, kind, purpose in page)
        unsaid = pointed - told
        assert not unsaid, f"{unsaid.total()} entries of the feed have no record"
        ((consultations,),) = rows(self.settings.database_url, "SELECT count(*) FROM consultation")
        assert consultations >= len(bodies) + len(pages)
        children = "SELECT count(*) FROM disclosure WHERE consultation_id NOT IN (SELECT id FROM consultation)"
        assert rows(self.settings.database_url, children) == [(0,)]
        return {"disclosures": len(found), "consultations": consultations}

    def _consents(self, *, allowed_late: bool) -> None:
        """Proposed with no recipient row and no signature, or active with all of them and its gates bumped."""
        with connection(self.settings.database_url) as opened:
            facts = opened.execute(_CONSENTS).fetchall()
            recipients: dict[str, set[str]] = {}
            for consent, unit in opened.execute("SELECT consent_id, unit_id FROM consent_recipient").fetchall():
                recipients.setdefault(consent, set()).add(unit)
            gates = {row[0] for row in opened.execute("SELECT key FROM gate").fetchall()}
        for consent, patient, fact, activated, signatures in facts:
            there = recipients.get(consent, set())
            if fact is None:
                assert (activated, signatures) == (None, 0)
                assert allowed_late or there == set()
            else:
                assert there == {unit for unit, *_ in orjson.loads(fact)["grants"]}
                assert (activated is not None, signatures) == (True, 1)
                assert {f"p:{patient}:{unit}" for unit in there} <= gates


_CONSENTS: Final = """SELECT id, patient_id, facts, activated_at,
  (SELECT count(*) FROM consent_signature WHERE consent_id = consent.id) FROM consent"""


def numbers(pages: Iterable[list[Entry]]) -> int:
    """A number of the feed never stands for two things; pages rise. Gives the highest number."""
    meant: dict[int, Entry] = {}
    for page in pages:
        assert [entry[0] for entry in page] == sorted({entry[0] for entry in page}), "a page does not rise"
        for entry in page:
            assert meant.setdefault(entry[0], entry) == entry, f"number {entry[0]} was used again"
    return max(meant, default=0)


async def ledger(settings: Settings) -> tuple[int, str]:
    """Size and root of the tree, which must hold: every leaf, every root, every signature."""
    hub: Hub = await open_hub(settings)
    try:
        verdict = await audit(hub)
    finally:
        await hub.database.close()
    assert verdict.lie is None, verdict.lie
    return verdict.size, verdict.root
