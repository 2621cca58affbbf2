"""Two transcripts must be one and the same under a bijection of the values of a committed list of fields.

Everything else is compared as bytes: status, every header but the allow-listed, the body, the order. The two worlds
share their keys and their clock, so that a case_id, a receipt's time and digest and every key of a body must be equal.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.api.worlds_http import Answered, Asked

FREE_HEADERS: Final = frozenset({"date", "x-request-id"})
"""Headers that are not compared: they are the server's clock and a random number of each request."""

FIELDS: Final = {
    "id": "id",
    "items/*/id": "id",
    "results/*/items/*/id": "id",
    "withdrawn/*/id": "id",
    "results/*/withdrawn/*/id": "id",
    "receipt/id": "id",
    "amendments/*/id": "id",
    "items/*/amendments/*/id": "id",
    "items/*/receipt/id": "id",
    "patient_id": "id",
    "items/*/patient_id": "id",
    "items/*/referral_id": "id",
    "referral_id": "id",
    "consents/*/consent_id": "id",
    "items/*/consent_id": "id",
    "items/*/disclosure_id": "id",
    "assignments/*/id": "assignment",
    "items/*/subject_ref": "subject",
    "results/*/items/*/subject_ref": "subject",
    "next": "cursor",
    "access_token": "token",
    "secret": "secret",
    "signature/value": "signature",
    "receipt/signature/value": "signature",
    "items/*/receipt/signature/value": "signature",
}
"""Place in a body (``*``: any index) -> kind of value. The only places where the two worlds may differ."""

HEADER_FIELDS: Final = {"etag": "etag", "webhook-id": "id", "webhook-signature": "signature"}


class Leak(AssertionError):
    """The two worlds can be told apart."""


@dataclass
class Reading:
    """One world's transcript as it is read: each committed value gets the number of its first appearance."""

    names: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def name(self, kind: str, value: str) -> str:
        """The placeholder of a value; the same ever after, in whatever field it appears again."""
        if value not in self.names:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.names[value] = f"<{kind} {self.counts[kind]}>"
        found = self.names[value]
        if not found.startswith(f"<{kind} "):
            raise Leak(f"a value is {found} in one field and a {kind} in another")
        return found

    def canonical(self, answered: Answered) -> list[str]:
        """The answer as lines to compare."""
        lines = [str(answered.status)]
        for key, value in answered.headers:
            if key not in FREE_HEADERS:
                lines.append(f"{key}: {self.name(HEADER_FIELDS[key], value) if key in HEADER_FIELDS else value}")
        return [*lines, self._body(answered.body)]

    def _body(self, body: bytes) -> str:
        try:
            document = json.loads(body)
        except ValueError:
            return repr(body)
        if _dumped(document) != body:  # not compact JSON: then it is compared as it is, byte by byte
            return repr(body)
        return _dumped(self._named(document, "")).decode()

    def _named(self, node: Any, place: str) -> Any:
        if isinstance(node, dict):
            return {key: self._named(value, f"{place}/{key}" if place else key) for key, value in node.items()}
        if isinstance(node, list):
            return [self._named(value, f"{place}/*") for value in node]
        return self.name(FIELDS[place], node) if place in FIELDS and isinstance(node, str) else node


def _dumped(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


Transcript = list[tuple[Asked, Answered]]


@dataclass
class Comparison:
    """Two worlds read side by side."""

    plain: Reading = field(default_factory=Reading)
    other: Reading = field(default_factory=Reading)
    answers: int = 0

    def compare(self, when: str, plain: Transcript, other: Transcript) -> None:
        """Read on in both transcripts.

        Raises:
            Leak: the first place where they differ.
        """
        if [(a.who, a.label) for a, _ in plain] != [(a.who, a.label) for a, _ in other]:
            first = next((a for (a, _), (b, _) in zip(plain, other, strict=False) if a.label != b.label), None)
            raise Leak(f"after {when}: the number of pages or requests differs at {first}")
        for (asked, one), (_, two) in zip(plain, other, strict=True):
            self.answers += 1
            left, right = self.plain.canonical(one), self.other.canonical(two)
            if left != right:
                told = "\n".join(_difference(left, right))
                raise Leak(f"after {when}: {asked.who} {asked.method} ({asked.label})\n{told}")


def _difference(left: list[str], right: list[str]) -> Iterator[str]:
    for one, two in zip(left, right, strict=False):
        if one != two:
            at = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
            begin = max(at - 200, 0)
            yield f"  plain:  …{one[begin : at + 200]}"
            yield f"  hidden: …{two[begin : at + 200]}"
    if len(left) != len(right):
        yield f"  {len(left)} lines and {len(right)} lines"
