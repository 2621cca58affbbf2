"""Cases and referrals."""

from typing import Any

from pydantic import RootModel

from app.schemas.answers.base import Answer, Open


class ShownIdentifier(Answer):
    """A typed case identifier."""

    type: str
    value: str


class Case(Answer):
    """A case as its caller named it."""

    case_id: str
    imposing_unit: str
    identifiers: list[ShownIdentifier]


class Received(Answer):
    """The same whatever becomes of it."""

    status: str


class Receipt(Answer):
    """Signed proof that a referral was stored: its id, the digest of what was sent, the time."""

    id: str
    digest: str
    time: str
    signature: dict[str, str]


class SentReferral(Open):
    """The sender's own words, what became of the transmission, and what of the answer the patient allows."""

    id: str
    status: str
    transmission: str
    receipt: Receipt
    decision: dict[str, Any] | None = None
    reason: dict[str, Any] | None = None
    appointment: dict[str, Any] | None = None
    obligations: dict[str, Any] | None = None
    withdrawn: list[dict[str, str]] | None = None


class ReceivedReferral(Open):
    """A referral as its clinic reads it."""

    id: str
    status: str
    issuer: str
    received_at: str
    case_id: str
    patient_id: str | None = None


class ShownReferral(RootModel[SentReferral | ReceivedReferral]):
    """For the sender its own words and what of the answer the patient allows; for the clinic all that was sent."""


class Referrals(Answer):
    """A page of referrals."""

    items: list[dict[str, Any]]
    next: str | None = None


class Cancelled(Answer):
    """The referral is cancelled; whether it was accepted meanwhile is not the sender's to know."""

    id: str
    status: str
