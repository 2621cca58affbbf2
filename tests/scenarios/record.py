"""The record that a gated read left: one consultation, why what fell fell, and a disclosure for whatever left."""

import json
from typing import Any

import httpx

from tests.scenarios.answers import elements_in
from tests.scenarios.reading import Step


class Trail:
    """The record of one instance, read beside the service."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def _rows(self, text: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(text).fetchall()
        return found

    def mark(self) -> int:
        """How many consultations there are."""
        return int(self._rows("SELECT count(*) FROM consultation")[0][0])

    def check(self, answer: httpx.Response, step: Step, before: int, labels: dict[str, str], where: str) -> None:
        """What left is what is required and what is recorded; a refused purpose leaves no look at anybody."""
        then, said = step.then, f"{where}: {answer.status_code} {answer.text[:400]}"
        if "refused" in then:
            assert [answer.status_code, answer.json().get("code")] == then["refused"], said
            assert self.mark() == before, f"{where}: a refused purpose was looked into"
            return
        assert answer.status_code == 200, said
        assert self.mark() == before + 1, f"{where}: not exactly one consultation"
        told = elements_in(answer)
        assert set(told) == set(then["answer"]), f"{where}: {sorted(set(told) ^ set(then['answer']))}"
        for element, value in then.get("values", {}).items():
            assert value in told[element], f"{where}: {element}: {told[element]}"
        self._recorded(set(told), step, labels, where)

    def _recorded(self, told: set[str], step: Step, labels: dict[str, str], where: str) -> None:
        identifier, raw = self._rows("SELECT id, entry FROM consultation ORDER BY at DESC, id LIMIT 1")[0]
        entry = json.loads(bytes(raw))
        outcome = step.then.get("outcome", "permit" if told else "deny")
        assert entry["outcome"] == outcome, f"{where}: {entry}"
        reasons = self._required(step)
        if reasons is not None:
            met = reasons == set(entry["reasons"]) if not told else reasons <= set(entry["reasons"])
            assert met, f"{where}: recorded {entry['reasons']}"
        text = f"SELECT instrument_id, entry FROM disclosure WHERE consultation_id = '{identifier}'"
        left: dict[str, set[str]] = {}
        for instrument, one in self._rows(text):
            left.setdefault(labels.get(instrument, "?"), set()).update(json.loads(bytes(one))["elements"])
        assert set[str]().union(*left.values()) == told, f"{where}: recorded {left}"
        for label, elements in step.then.get("under", {}).items():
            assert left.get(label, set()) == set(elements), f"{where}: under {label}: {left}"

    @staticmethod
    def _required(step: Step) -> set[str] | None:
        reason: Any = step.then.get("recorded", step.then.get("reason"))
        if reason is None:
            return None
        if isinstance(reason, dict):
            return set(reason.values())
        return {reason} if isinstance(reason, str) else set(reason)
