"""What is answered to who carries out a patient's rights. None of it is ever answered to a justice unit."""

from typing import Any

from app.schemas.answers.base import Answer, Open


class Restriction(Answer):
    """A restriction and its state. ``covers_until``: ended by notice, it still covers what was recorded by then."""

    id: str
    patient_id: str
    state: str
    elements: list[str]
    recipient_unit: str | None = None
    paid_in_full: bool
    note: str | None = None
    requested_at: str
    agreed_at: str | None = None
    ended_at: str | None = None
    covers_until: str | None = None
    how: str | None = None
    told_at: str | None = None


class Restrictions(Answer):
    """What a patient asked to have restricted, oldest first."""

    items: list[Restriction]


class SuspendedAccounting(Answer):
    """Until when disclosures to a unit are not shown to the patient; who of it said so, and why."""

    id: str
    patient_id: str
    recipient_unit: str
    entered_at: str
    until: str
    statement: str
    official: str
    impedes: str


class SuspendedAccountings(Answer):
    """Every suspension about a patient, for the privacy officer."""

    items: list[SuspendedAccounting]


class IntermediaryLine(Answer):
    """One recipient and day: the entity, the date, a brief description (42 CFR 2.24)."""

    recipient: dict[str, Any]
    date: str
    last_date: str
    description: str


class IntermediaryList(Answer):
    """Whom records went to by way of this service in the last three years."""

    items: list[IntermediaryLine]


class OwnRecord(Open):
    """All that the clinic keeps of its patient; ``left_out`` names what the law keeps apart."""

    patient_id: str
    records: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    referrals: list[dict[str, Any]]
    transfers: list[dict[str, Any]]
    left_out: list[str]


class PatientExport(Answer):
    """What a patient carries elsewhere; ``format`` is its name and version (GDPR 20)."""

    format: str
    made_at: str
    discloser: str
    patient_id: str
    records: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    left_out: list[str]


class StoreOutcome(Answer):
    """What becomes of one store in an erasure: erased, kept, held or restricted; on which ground, until when."""

    store: str
    outcome: str
    ground: str | None = None
    until: str | None = None
    retention: str | None = None


class RegisteredRequest(Answer):
    """A patient's request, by when it is due and what was answered."""

    id: str
    patient_id: str
    discloser: str
    kind: str
    state: str
    channel: str
    received_at: str
    due_at: str
    overdue: bool | None = None
    free: bool | None = None
    extension_reasons: str | None = None
    extended_at: str | None = None
    answered_at: str | None = None
    late: bool | None = None
    outcome: str | None = None
    reasons: str | None = None
    recipients_told: list[str] | None = None
    recipients_to_tell: list[str] | None = None
    stores: list[StoreOutcome] | None = None


class RegisteredRequests(Answer):
    """The register of requests, oldest first."""

    items: list[RegisteredRequest]
    next: str | None = None


class Hold(Answer):
    """A legal hold; ``review_due`` where somebody has to look whether it is still needed."""

    id: str
    patient_id: str
    case_ref: str
    placed_at: str
    review_at: str
    review_due: bool | None = None
    lifted_at: str | None = None
    lifted_by: str | None = None


class Holds(Answer):
    """Every hold of a patient, oldest first."""

    items: list[Hold]


class AssessedIncident(Answer):
    """What was found of an incident, and by when to notify if it is a breach."""

    incident_id: str
    notify_by: str
    nature_and_extent: str
    unauthorised_person: str
    acquired_or_viewed: str
    mitigation: str
    secured: bool
    outcome: str
    by: str
    by_name: str | None = None
    assessed_at: str
