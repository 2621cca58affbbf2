"""What is answered, as models for the contract. An absent key is absent: never null, never "redacted"."""

from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel


class Answer(BaseModel):
    """Base of every answer: no unknown keys."""

    model_config = ConfigDict(extra="forbid")


class Open(BaseModel):
    """Base of an answer that repeats the sender's own words beside what is named here."""

    model_config = ConfigDict(extra="allow")


class TokenAnswer(Answer):
    """An access token (RFC 6749 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenError(Answer):
    """Why no token was issued (RFC 6749 5.2)."""

    error: str
    error_description: str | None = None
    hint: str | None = None


class AuthorizationServer(Open):
    """Authorization server metadata (RFC 8414)."""

    issuer: str
    token_endpoint: str
    jwks_uri: str


class Keys(Answer):
    """A JWK set (RFC 7517) of this service's public keys."""

    keys: list[dict[str, Any]]


class Health(Answer):
    """Whether the service is alive or ready."""

    ok: bool


class Assignment(Answer):
    """One (unit, role) that the client may name in a token request."""

    id: str
    unit_id: str
    unit_name: str
    role: str


class Me(Answer):
    """The calling client in its assignment."""

    client_id: str
    agency_id: str
    agency_kind: str
    unit_id: str
    unit_name: str
    role: str
    purposes: list[str]
    scopes: list[str]
    assignments: list[Assignment]


class Unit(Answer):
    """A registered unit, with what it says of itself."""

    id: str
    name: str
    agency_id: str
    agency_name: str
    agency_kind: str
    services: list[str]
    languages: list[str]
    roles: list[str]
    capacity: str | None = None
    waiting_time: str | None = None


class Units(Answer):
    """Registered units."""

    items: list[Unit]


class Vocabulary(Open):
    """The closed code lists of this version."""

    version: int


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
    appointment: dict[str, Any] | None = None
    obligations: dict[str, Any] | None = None


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


class Patient(Answer):
    """A patient of this clinic."""

    id: str
    given_name: str
    sur_name: str
    birth_date: str
    local_id: str | None = None


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
    effective_from: str | None = None
    records_from: str | None = None


class Consents(Answer):
    """The consents of one patient."""

    items: list[Consent]


class Revoked(Answer):
    """What stopped, from when, and who already received what."""

    patient_id: str
    state: str
    consents: list[dict[str, Any]]


class PreviewAnswer(Answer):
    """What each named recipient would see."""

    recipients: list[dict[str, Any]]


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
