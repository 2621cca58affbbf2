"""What leaves through the gate, and the accounting of it."""

from typing import Any

from app.schemas.answers.base import Answer


class Value(Answer):
    """One element's value, and whether it is a fact or an assessment (LED Art 7)."""

    value: Any
    epistemic: str


class ItemCase(Answer):
    """The caller's own spelling of the case."""

    case_id: str
    type: str
    value: str


class Obligations(Answer):
    """The notice (42 CFR 2.32), the scope of the consent and the limits of use."""

    notice: str
    use_limit: str
    read_again: str
    scope: list[dict[str, Any]]


class ItemPeriod(Answer):
    """First and last day of a window, both inclusive."""

    start: str
    end: str


class Item(Answer):
    """One disclosed item: only what the patient currently allows this unit, for this purpose and case."""

    id: str
    kind: str
    case: ItemCase
    subject_ref: str
    discloser: str
    elements: dict[str, Value]
    obligations: Obligations
    period: ItemPeriod | None = None


class WithdrawnItem(Answer):
    """An item that this unit holds and that was found wrong: it must no longer be relied on. No cause is given."""

    id: str


class ItemsAnswer(Answer):
    """Disclosed items, what their absence does not mean, and a signature over the canonical bytes."""

    items: list[Item]
    meaning: str
    signature: dict[str, str]
    withdrawn: list[WithdrawnItem] | None = None
    next: str | None = None


class SearchEntry(Answer):
    """What of one asked case the patient allows; of an unknown case, nothing."""

    case_id: str
    items: list[Item]
    withdrawn: list[WithdrawnItem] | None = None


class SearchResults(Answer):
    """One entry for each asked case, in the order asked."""

    results: list[SearchEntry]
    meaning: str
    signature: dict[str, str]


class ReportItem(Answer):
    """One item of a report; ``scope`` are places in the report's own list of scopes."""

    id: str
    kind: str
    subject_ref: str
    discloser: str
    elements: dict[str, Value]
    scope: list[int]
    period: ItemPeriod | None = None


class ReportObligations(Answer):
    """Said once for the whole page: notices, limits of use, and each scope of a consent."""

    notices: list[str]
    use_limit: str
    read_again: str
    scope: list[dict[str, Any]]


class Report(Answer):
    """Everything that the patient allows in one case for one purpose, on one page."""

    case_id: str
    purpose: str
    items: list[ReportItem]
    meaning: str
    signature: dict[str, str]
    case: ItemCase | None = None
    obligations: ReportObligations | None = None
    withdrawn: list[WithdrawnItem] | None = None


class Event(Answer):
    """There is something new to read. Read it where ``read`` says; nothing of it is told here."""

    number: int
    case_id: str
    kind: str
    purpose: str
    read: str


class Events(Answer):
    """News since a place in the feed. ``next`` is the place to ask after, also while there is none."""

    items: list[Event]
    next: str


class DisclosureRow(Answer):
    """One disclosure, re-reads grouped, with a plain sentence. ``channel`` is service, or how else it was told.

    ``kind`` is the kind of message; ``event:`` and a kind where only an entry of the feed told that there is something
    to read; ``withdrawn`` where an item was taken back as wrong; ``notice`` of what the clinic told of its own accord.
    """

    recipient: dict[str, str]
    channel: str
    purpose: str
    kind: str
    elements: list[str]
    basis: str
    first_at: str
    last_at: str
    times: int
    disclosure_id: str
    """The last of them; GET …/disclosures/{disclosure_id}/explanation says why it was told."""
    sentence: str
    case: str | None = None
    consent_id: str | None = None
    consent_version: str | None = None
    court_order_id: str | None = None
    emergency: dict[str, str] | None = None
    obligations: dict[str, str] | None = None
    period: str | None = None
    made_by: str | None = None
    acting_user: dict[str, str] | None = None
    suspended_until: str | None = None
    """Until when the patient is not told of it; only the privacy officer sees such a row before that."""
    despite_pending_revocation: bool | None = None
    """It left after the patient had taken it back, before the day from which that can be (42 CFR 2.35(c))."""


class Disclosures(Answer):
    """A page of who was told what of a patient, when and why, oldest first."""

    items: list[DisclosureRow]
    next: str | None = None


class RecordedDisclosure(Answer):
    """A disclosure made outside this service stands in the log."""

    id: str
    patient_id: str
    at: str
    channel: str
