"""What in a newer contract breaks software written for an older one: path by path, in words that name the operation."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.compatibility.schemas import Comparison, Schema


class Breaking(NamedTuple):
    """One breaking change: the operationId that the older contract has, and a sentence."""

    operation: str
    what: str


def breaking(older: Schema, newer: Schema) -> list[Breaking]:
    """Every breaking change, in the order of the older contract.

    Raises:
        NotCompared: a schema uses a keyword that the comparison does not know.
    """
    found: dict[Breaking, None] = {}
    for path, methods in older["paths"].items():
        for method, before in methods.items():
            after = newer["paths"].get(path, {}).get(method)
            told = _Pair(older, newer, before, after).told() if after else [f"{method.upper()} {path} is gone"]
            found |= dict.fromkeys(Breaking(before["operationId"], what) for what in told)
    return list(found)


class _Pair(NamedTuple):
    """One operation in both contracts."""

    older: Schema
    newer: Schema
    before: Schema
    after: Schema

    def told(self) -> Iterator[str]:
        if self.after["operationId"] != self.before["operationId"]:
            yield f"it is called {self.after['operationId']} now"
        yield from self._security()
        yield from self._parameters()
        yield from self._body()
        yield from self._answers()

    def _security(self) -> Iterator[str]:
        """Each way in that the older contract offers must still be enough."""
        ways = self.after.get("security") or [{}]
        for old in self.before.get("security") or [{}]:
            if not any(_within(new, old) for new in ways):
                yield "security asks for more"

    def _parameters(self) -> Iterator[str]:
        """An unknown parameter is refused here, so one that went breaks whoever sends it."""
        before, after = _named(self.before), _named(self.after)
        for key, old in before.items():
            where = f"{key[0]} parameter {key[1]}"
            if key not in after:
                yield f"{where}: is gone"
                continue
            if after[key].get("required") and not old.get("required"):
                yield f"{where}: is required now"
            yield from self._sent(old["schema"], after[key]["schema"], where)
        for key, new in after.items():
            if key not in before and new.get("required"):
                yield f"{key[0]} parameter {key[1]}: is required now"

    def _body(self) -> Iterator[str]:
        before, after = self.before.get("requestBody"), self.after.get("requestBody", {})
        if after.get("required") and not (before or {}).get("required"):
            yield "a body is required now"
        for kind, content in (before or {}).get("content", {}).items():
            if kind in after.get("content", {}):
                yield from self._sent(content["schema"], after["content"][kind]["schema"], "body")
            else:
                yield f"a body of {kind} is not taken any more"

    def _answers(self) -> Iterator[str]:
        before, after = self.before["responses"], self.after["responses"]
        for status, old in before.items():
            if status not in after:
                yield f"status {status}: is gone"
                continue
            contents = after[status].get("content", {})
            for kind, content in old.get("content", {}).items():
                if kind in contents:
                    compared = Comparison(self.newer, self.older, answers=True)
                    yield from compared.flaws(contents[kind]["schema"], content["schema"], f"status {status}")
                else:
                    yield f"status {status}: {kind} is not answered any more"
        for status in after:
            if status not in before and status < "400":  # any refusal has to be expected, another success has not
                yield f"status {status}: is a new success"

    def _sent(self, old: Any, new: Any, where: str) -> Iterator[str]:
        return Comparison(self.older, self.newer, answers=False).flaws(old, new, where)


def _within(new: Mapping[str, list[str]], old: Mapping[str, list[str]]) -> bool:
    return all(scheme in old and set(scopes) <= set(old[scheme]) for scheme, scopes in new.items())


def _named(operation: Schema) -> dict[tuple[str, str], Schema]:
    return {(one["in"], one["name"]): one for one in operation.get("parameters", ())}
