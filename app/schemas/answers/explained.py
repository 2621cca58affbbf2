"""Why something was decided as it was: for the patient side and the privacy officer, never for a justice unit."""

from app.schemas.answers.base import Answer


class ExplainedInstrument(Answer):
    """A consent or court order that was looked at, and whether it spoke. Without id it names nobody."""

    kind: str
    speaks: bool
    profiles: list[str]
    """Under which it was decided: the discloser's of that time first."""
    sentence: str
    section: str
    reason: str | None = None
    consent_id: str | None = None
    court_order_id: str | None = None
    signed_at: str | None = None


class ExplainedElement(Answer):
    """One element that was asked for: under what it could be told, or why not."""

    element: str
    allowed: bool
    sentence: str
    section: str
    reason: str | None = None
    consent_id: str | None = None
    court_order_id: str | None = None


class ExplainedDecision(Answer):
    """What was decided about one patient of one discloser, for one purpose in one case."""

    discloser: str
    purpose: str
    profile: str
    instruments: list[ExplainedInstrument]
    elements: list[ExplainedElement]
    patient_id: str | None = None
    case: str | None = None


class Explanation(Answer):
    """A look that was decided by the rules, decided again from what was known then.

    ``same_as_recorded`` is computed: outcome, reasons, and each element under the instrument recorded. ``decided_by``
    is rules; or discloser or law where no rule of the gate decided, which is then all that can be said.
    """

    at: str
    unit_id: str
    purposes: list[str]
    kinds: list[str]
    decided_by: str
    language: str
    decisions: list[ExplainedDecision]
    role: str | None = None
    basis: str | None = None
    same_as_recorded: bool | None = None
    outcome: str | None = None
    reason: str | None = None
    sentence: str | None = None
    section: str | None = None
    disclosure_id: str | None = None
    consultation_id: str | None = None
