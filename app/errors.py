"""What a flow refuses with. A leaf without HTTP: one place at the edge maps each class to its status.

Details are sentences for a person and never repeat what was sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with what was sent: where, a stable code, a sentence to act on and the rule behind it.

    ``pointer`` is an RFC 6901 JSON pointer into the request body; where a required member is absent it names the
    place at which it is missing. ``section`` cites the rule ("42 CFR 2.31(a)(4)"), '' where there is none.
    """

    pointer: str
    code: str
    detail: str
    section: str = ""


class Problem(Exception):
    """A refusal that the caller may see. ``str()`` is the code alone, so that no log line holds more."""

    def __init__(self, code: str, detail: str, errors: tuple[Flaw, ...] = (), *, hint: str = "") -> None:
        """``hint`` is told in the sandbox only: made of public lists and the caller's own role, of nobody's data."""
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.hint = hint


class Invalid(Problem):
    """What was sent cannot be accepted; ``errors`` lists every flaw at once."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        super().__init__("invalid_request", "The request cannot be accepted as it stands: see errors.", tuple(flaws))


class NotFound(Problem):
    """Unknown, another's and not permitted are one answer; it takes no words, so that none can tell them apart."""

    def __init__(self) -> None:
        super().__init__("not_found_or_not_permitted", "There is nothing here that you may see.")


class Conflict(Problem):
    """The request does not fit the present state of what it names."""


class Gone(Problem):
    """What was asked for was here and is no longer kept, for anybody."""


class Forbidden(Problem):
    """The caller may not do this, whomever or whatever it is about."""


class TooMany(Problem):
    """The client has sent as many requests as it may; ``retry_after`` is whole seconds until it may send more."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too_many_requests", "This client has sent too many requests; wait as Retry-After says.")
        self.retry_after = retry_after


class Unauthenticated(Problem):
    """The caller has not shown who it is."""
