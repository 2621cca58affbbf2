"""What must hold after a crash, read from the database itself."""

from collections import Counter
from dataclasses import dataclass

import orjson

from app.instance import open_vault
from app.settings import Settings, read_keys
from tests.resilience.traffic import Traffic
from tests.storage.direct import connection, openings, rows

TABLES = {"referral": "id", "patient": "id", "message": "id", "consent": "id", "consent_signature": "consent_id"}


def stored(url: str) -> dict[str, list[str]]:
    """The answered ids of every table that the traffic writes to, one a row."""
    with connection(url) as opened:
        return {
            table: [row[0] for row in opened.execute(f"SELECT {column} FROM {table}").fetchall()]
            for table, column in TABLES.items()
        }


@dataclass
class Reckoning:
    """The rows that were there before the traffic, and how many writes a crash kept from being acknowledged."""

    settings: Settings
    before: dict[str, list[str]]
    committed_unanswered: int = 0

    @property
    def url(self) -> str:
        """The database."""
        return self.settings.database_url

    def after_restart(self, traffic: Traffic) -> None:
        """Every acknowledged write is there once; every received body was recorded; no consent is half there."""
        now = stored(self.url)
        for table, ids in now.items():
            assert len(ids) == len(set(ids)), table
            sent = [write for write in traffic.writes if write.table == table]
            acknowledged = {write.acknowledged for write in sent if write.acknowledged is not None}
            assert acknowledged <= set(ids), f"{table}: an acknowledged write is gone"
            new = len(ids) - len(self.before[table])
            assert len(acknowledged) <= new <= len(sent), table
            self.committed_unanswered += new - len(acknowledged)
        self._bodies(traffic.received)
        self._consents()

    def after_repetition(self, traffic: Traffic) -> None:
        """Every write, whenever it was acknowledged, is there exactly once."""
        for table, ids in stored(self.url).items():
            sent = [write.acknowledged for write in traffic.writes if write.table == table]
            assert None not in sent
            assert sorted(ids) == sorted([*self.before[table], *map(str, sent)]), table

    def _bodies(self, received: list[list[str]]) -> None:
        vault = open_vault(self.settings, read_keys(self.settings))
        recorded: Counter[str] = Counter()
        for opened in openings(self.url, vault).values():
            recorded[opened["item"][1]] += 1
        missing = Counter(item for body in received for item in body) - recorded
        assert not missing, f"{missing.total()} received items have no record"
        ((consultations,),) = rows(self.url, "SELECT count(*) FROM consultation")
        assert consultations >= len(received)
        children = "SELECT count(*) FROM disclosure WHERE consultation_id NOT IN (SELECT id FROM consultation)"
        assert rows(self.url, children) == [(0,)]

    def _consents(self) -> None:
        """Proposed with no recipient row and no signature, or active with all of them and its gates bumped."""
        recipients: dict[str, set[str]] = {}
        for consent, unit in rows(self.url, "SELECT consent_id, unit_id FROM consent_recipient"):
            recipients.setdefault(consent, set()).add(unit)
        signed = {row[0] for row in rows(self.url, "SELECT consent_id FROM consent_signature")}
        gates = {row[0] for row in rows(self.url, "SELECT key FROM gate")}
        for consent, patient, facts, activated in rows(
            self.url, "SELECT id, patient_id, facts, activated_at FROM consent"
        ):
            there = recipients.get(consent, set())
            if facts is None:
                assert (there, activated, consent in signed) == (set(), None, False)
            else:
                assert there == {unit for unit, *_ in orjson.loads(facts)["grants"]}
                assert activated is not None
                assert consent in signed
                assert {f"p:{patient}:{unit}" for unit in there} <= gates
