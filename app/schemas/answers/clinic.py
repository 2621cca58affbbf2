"""What a clinic is answered: patients, reports, consents, previews."""

from typing import Any

from app.schemas.answers.base import Answer, Open


class Patient(Answer):
    """A patient of this clinic."""

    id: str
    given_name: str
    sur_name: str
    birth_date: str
    local_id: str | None = None
    deceased_on: str | None = None
    merged_into: str | None = None


class Patients(Answer):
    """Patients of this clinic."""

    items: list[Patient]


class Filed(Answer):
    """A message was filed."""

    id: str
    patient_id: str


class Responded(Answer):
    """A referral was answered."""

    id: str
    referral_id: str
    decision: str


class Consent(Open):
    """A consent as its clinic sees it."""

    id: str
    state: str
    version: int
    created_at: str
    still_missing: list[str] | None = None
    signed_form: dict[str, str] | None = None
    effective_from: str | None = None
    records_from: str | None = None
    warnings: list[dict[str, str]] | None = None
    suspended: bool | None = None
    suspensions: list[dict[str, Any]] | None = None


class Consents(Answer):
    """The consents of one patient."""

    items: list[Consent]


class Revoked(Answer):
    """What stopped, from when, and who already received what.

    ``times`` in ``already_received`` counts occasions: a read, an answer of the feed with an entry of it, a letter.
    ``recipient`` there is a unit; who is none that is registered has a ``recipient_name`` instead. Of an oral one the
    answer says who documented it, or until when the patient's own line should follow; it is in force at once anyway.
    """

    patient_id: str
    state: str
    consents: list[dict[str, Any]]
    channel: str | None = None
    to_document: bool | None = None
    documented_by: dict[str, str] | None = None
    written_confirmation_due: str | None = None
    review_id: str | None = None
    incident_id: str | None = None


class PreviewAnswer(Answer):
    """What each named recipient would see."""

    recipients: list[dict[str, Any]]
