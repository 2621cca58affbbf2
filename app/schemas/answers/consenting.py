"""What a clinic is answered about forms: templates, texts, and who wishes for a consent."""

from typing import Any

from app.schemas.answers.base import Answer


class NamedUnit(Answer):
    """A registered unit."""

    id: str
    name: str


class Blank(Answer):
    """What a template still needs: where it goes, whether it must be there, and words for the form."""

    pointer: str
    required: bool
    words: str


class Template(Answer):
    """A kind of consent that fits, its form half filled in, and what the patient may add by name."""

    kind: str
    section: str
    role: str
    proposal: dict[str, Any]
    elements_if_named: list[str]
    fill: list[Blank]


class Templates(Answer):
    """Every kind of consent that fits a recipient unit and a purpose; none may."""

    unit: NamedUnit
    purpose: str
    items: list[Template]


class ConsentForm(Answer):
    """The exact text to print, show and sign, and the hash of its UTF-8 bytes."""

    consent_id: str
    language: str
    form_version: str
    text: str
    hash: str


class Wish(Answer):
    """A justice unit's wish that the patient of its referral be asked for a consent."""

    id: str
    referral_id: str
    unit: NamedUnit
    role: str
    purpose: str
    created_at: str
    patient_id: str | None = None


class Wishes(Answer):
    """Wishes for a consent, oldest first."""

    items: list[Wish]
    next: str | None = None
