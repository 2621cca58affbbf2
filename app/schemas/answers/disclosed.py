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


class Items(Answer):
    """Disclosed items, what their absence does not mean, and a signature over the canonical bytes."""

    items: list[Item]
    meaning: str
    signature: dict[str, str]
    next: str | None = None


class DisclosureRow(Answer):
    """One disclosure, re-reads grouped, with a plain sentence."""

    recipient: dict[str, str]
    purpose: str
    case: str
    kind: str
    elements: list[str]
    consent_id: str
    basis: str
    first_at: str
    last_at: str
    times: int
    sentence: str
    period: str | None = None
    acting_user: dict[str, str] | None = None


class Disclosures(Answer):
    """Who saw what of a patient, when and why."""

    items: list[DisclosureRow]
