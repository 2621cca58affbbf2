"""Many cases out of a few that were played: rows copied by SQL, their ids replaced, their content sealed anew.

A copy is whole: what the clinic files about it and what the court reads of it go the same ways as with the original.
"""

import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import psycopg

from app.instance import open_vault
from app.sandbox.cluster import as_role
from app.settings import read_keys
from app.storage.sealing import DataKey, Vault
from app.storage.sqlite import connect
from benchmarks.court import Case
from benchmarks.instance import Instance

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Source:
    """A table whose rows belong to one case: how they are found, which columns name them, where content is sealed."""

    table: str
    where: str
    ids: tuple[str, ...] = ()
    place: Callable[[Row], tuple[str, ...]] | None = None


_CASE, _PATIENT = "case_key = :case", "patient_id = :patient"
_REFERRAL = "(SELECT id FROM referral WHERE patient_id = :patient)"
_CONSENT = "(SELECT id FROM consent WHERE patient_id = :patient)"
SOURCES: Final = (
    _Source("case_record", "key = :case", ("key",)),
    _Source("case_identifier", _CASE, ("blind_index",)),
    _Source("case_view", _CASE, ("case_id",), lambda row: ("case_view", row["unit_id"], row["case_id"])),
    _Source("patient", "id = :patient", ("id", "name_index"), lambda row: ("patient", row["id"])),
    _Source("ledger_subject", _PATIENT, ("pseudonym",)),
    _Source("referral", _PATIENT, ("id",), lambda row: ("referral", row["id"])),
    _Source("referral_frame", f"referral_id IN {_REFERRAL}"),
    _Source("referral_subject", f"referral_id IN {_REFERRAL}", ("ref",)),
    _Source("subject_ref", _CASE, ("ref", "person_index")),
    _Source("consent", _PATIENT, ("id",), lambda row: ("consent", row["id"])),
    _Source("consent_recipient", f"consent_id IN {_CONSENT}"),
    _Source("consent_signature", f"consent_id IN {_CONSENT}", ("id",), lambda row: ("signature", row["id"])),
    _Source("message", _PATIENT, ("id",), lambda row: (row["patient_id"], row["id"], "message")),
    _Source("element_row", _PATIENT, ("id",), lambda row: (row["patient_id"], row["message_id"], row["element"])),
    _Source("feed_mark", _CASE),
)
"""In the order in which they can be inserted."""


def multiply(of: Instance, originals: Sequence[Case], count: int) -> list[Case]:
    """So many copies, of each original in turn; gives what the parties know of them."""
    vault = open_vault(of.settings, read_keys(of.settings))
    store = _Sqlite(of) if of.kind == "sqlite" else _Postgres(of)
    try:
        templates = [_Template(store, case, vault) for case in originals]
        made = [templates[number % len(templates)].copy() for number in range(count)]
        for table in (*(source.table for source in SOURCES), "data_key"):
            store.insert(table, [row for _, rows in made for row in rows[table]])
        store.done()
    finally:
        store.close()
    return [case for case, _ in made]


class _Template:
    """The rows of one case, and all the names in them that a copy needs of its own."""

    def __init__(self, store: "_Sqlite | _Postgres", case: Case, vault: Vault) -> None:
        self._vault = vault
        (view,) = store.rows("SELECT case_key FROM case_view WHERE case_id = :id", {"id": case.case_id})
        about = {"case": view["case_key"], "patient": case.patient}
        self._case = case
        self._rows = {
            source.table: store.rows(f"SELECT * FROM {source.table} WHERE {source.where}", about) for source in SOURCES
        }
        self._names = sorted(
            {row[name] for source in SOURCES for row in self._rows[source.table] for name in source.ids}
        )
        owned = f"SELECT * FROM data_key WHERE owner = :patient OR owner IN {_REFERRAL}"
        self._keys = {row["owner"]: row for row in store.rows(owned, about)}
        self._pattern = re.compile("|".join(map(re.escape, self._names)))

    def copy(self) -> tuple[Case, dict[str, list[Row]]]:
        """The same rows under fresh names of the same length."""
        fresh = {name: secrets.token_hex(len(name))[: len(name)] for name in self._names}

        def renamed(text: str) -> str:
            return self._pattern.sub(lambda found: fresh[found[0]], text)

        minted = {fresh[owner]: self._vault.mint(fresh[owner]) for owner in self._keys}
        made = {source.table: list(self._copied(source, minted, renamed)) for source in SOURCES}
        made["data_key"] = [
            self._keys[owner] | {"owner": fresh[owner], "wrapped": minted[fresh[owner]]} for owner in self._keys
        ]
        return Case(fresh[self._case.case_id], fresh[self._case.patient]), made

    def _copied(self, source: _Source, minted: dict[str, bytes], renamed: Callable[[str], str]) -> Iterator[Row]:
        for row in self._rows[source.table]:
            copy = {name: renamed(value) if isinstance(value, str) else value for name, value in row.items()}
            if source.place is not None:
                old, new = self._sealing(source, row, minted, renamed)
                content = orjson.dumps(old.open(row["sealed"], *source.place(row))).decode()
                copy["sealed"] = new.seal(orjson.loads(renamed(content)), *source.place(copy))
            yield copy

    def _sealing(
        self, source: _Source, row: Row, minted: dict[str, bytes], renamed: Callable[[str], str]
    ) -> tuple[DataKey | Vault, DataKey | Vault]:
        if source.table == "case_view":
            return self._vault, self._vault
        owner = row["id"] if source.table == "referral" else self._case.patient
        mine = renamed(owner)
        return self._vault.key(self._keys[owner]["wrapped"], owner), self._vault.key(minted[mine], mine)


class _Sqlite:
    """The instance's file."""

    def __init__(self, of: Instance) -> None:
        self._connection = connect(of.database_file)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("BEGIN")

    def rows(self, text: str, about: dict[str, str]) -> list[Row]:
        """Every row of a select."""
        return [dict(row) for row in self._connection.execute(text, about)]

    def insert(self, table: str, rows: list[Row]) -> None:
        """All of them."""
        if rows:
            names = ", ".join(f":{name}" for name in rows[0])
            self._connection.executemany(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({names})", rows)

    def done(self) -> None:
        """Keep it."""
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Leave."""
        self._connection.close()


class _Postgres:
    """The instance's database."""

    def __init__(self, of: Instance) -> None:
        self._connection: psycopg.Connection[Any] = psycopg.connect(as_role(of.settings.database_url))

    def rows(self, text: str, about: dict[str, str]) -> list[Row]:
        """Every row of a select."""
        cursor = self._connection.execute(re.sub(r":(\w+)", r"%(\1)s", text).encode(), about)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def insert(self, table: str, rows: list[Row]) -> None:
        """All of them, by COPY."""
        if rows:
            columns = ", ".join(f'"{name}"' for name in rows[0])
            with (
                self._connection.cursor() as cursor,
                cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as to,
            ):
                for row in rows:
                    to.write_row(list(row.values()))

    def done(self) -> None:
        """Keep it, and let the planner know of it."""
        self._connection.commit()
        self._connection.autocommit = True
        self._connection.execute("VACUUM ANALYZE")

    def close(self) -> None:
        """Leave."""
        self._connection.close()
