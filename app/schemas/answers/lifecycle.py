"""What is answered about suspensions of consents, errors found in them and reviews."""

from app.schemas.answers.base import Answer, Open


class Suspended(Answer):
    """A suspension of a consent; ``until_at`` is absent while it is open."""

    id: str
    consent_id: str
    cause: str
    from_at: str
    until_at: str | None = None
    note: str | None = None
    by: dict[str, str]
    lifted_by: dict[str, str] | None = None


class ErrorReported(Answer):
    """A consent is entered in error, or ``under_review``: suspended until a second person says so too."""

    consent_id: str
    state: str
    review_id: str | None = None
    suspension_id: str | None = None


class EvidenceChecked(Answer):
    """Whether the page is the signed one; if it is not, the consent is suspended."""

    consent_id: str
    as_signed: bool
    suspension_id: str | None = None
    incident_id: str | None = None
    review_id: str | None = None


class Review(Open):
    """What a person at the discloser has to look at, and what they found once ``closed_at`` is there."""

    id: str
    kind: str
    discloser: str
    patient_id: str
    subject_id: str
    created_at: str
    due_at: str
    closed_at: str | None = None


class Reviews(Answer):
    """Reviews, those that are open first."""

    items: list[Review]
    next: str | None = None
