"""The body of a signing: who signed, and what else must come before a consent is active (domain rules 5.2).

Any part may come in a later call; ``merge`` puts the calls together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from app.consent.proposal import STRICT
from app.vocabulary.lifecycle import AuthorityScope, Capacity, SignatureMethod, SignatureRole


@dataclass(frozen=True)
class Signature:
    """One signature. The signed page stays at the clinic; ``evidence_hash`` is ``sha256:`` and its 64 hex digits.

    ``authority_ref`` names the paper that lets a representative sign, ``authority_scope`` what it is about: of property
    alone it lets nobody sign (42 CFR 2.15(a)(1)). ``unit`` is the registered unit that a witness or interpreter works
    for, if any.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    role: SignatureRole
    name: str
    method: SignatureMethod
    signed_at: datetime
    evidence_hash: str
    authority_ref: str | None = None
    unit: str | None = None
    authority_scope: AuthorityScope | None = None


@dataclass(frozen=True)
class CapacityOnForm:
    """Whether the patient could decide at that moment, and who says so (domain rules 5.2)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    status: Capacity
    assessed_by: str
    at: datetime


@dataclass(frozen=True)
class NoticeGiven:
    """The patient notice (42 CFR 2.22) that was handed over: its version, when, and in which language (BCP 47)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    version: str
    at: datetime
    language: str


@dataclass(frozen=True)
class SignedForm:
    """Which text was signed: the ``language``, ``form_version`` and ``hash`` that its form came with."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    language: str
    form_version: str
    hash: str


@dataclass(frozen=True)
class PressureDeclaration:
    """What the patient was told about being free to choose: that treatment does not depend on it, that they may seek
    legal advice (domain rules 5.2)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    treatment_not_dependent: bool
    legal_advice_offered: bool


@dataclass(frozen=True)
class Signing:
    """Signatures and what else must come before a consent is active.

    ``form`` names the text that was signed: it must be the text of this consent. ``interpreter`` is the interpreter's
    name, ``interpreter_language`` the language (BCP 47) into which they interpreted. ``explanation_given`` lists what
    was explained beside the form, ``read_aloud`` says that the form itself was read to the patient. ``activate`` says
    that this is all: the call is refused, with a flaw for each thing that is missing, where it does not make the
    consent active.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    signatures: tuple[Signature, ...] = ()
    capacity: CapacityOnForm | None = None
    notice_given: NoticeGiven | None = None
    copy_given_at: datetime | None = None
    explanation_given: tuple[str, ...] = ()
    interpreter: str | None = None
    read_aloud: bool = False
    interpreter_language: str | None = None
    pressure_declaration: PressureDeclaration | None = None
    form: SignedForm | None = None
    activate: bool = False


def merge(parts: Sequence[Signing]) -> Signing:
    """Several calls as one, oldest first: signatures add up; of all else the latest that was given counts."""
    latest = tuple(reversed(parts))
    return Signing(
        signatures=tuple(signature for part in parts for signature in part.signatures),
        capacity=next((part.capacity for part in latest if part.capacity is not None), None),
        notice_given=next((part.notice_given for part in latest if part.notice_given is not None), None),
        copy_given_at=next((part.copy_given_at for part in latest if part.copy_given_at is not None), None),
        explanation_given=next((part.explanation_given for part in latest if part.explanation_given), ()),
        interpreter=next((part.interpreter for part in latest if part.interpreter is not None), None),
        read_aloud=any(part.read_aloud for part in parts),
        interpreter_language=next((part.interpreter_language for part in latest if part.interpreter_language), None),
        pressure_declaration=next((part.pressure_declaration for part in latest if part.pressure_declaration), None),
        form=next((part.form for part in latest if part.form is not None), None),
    )
