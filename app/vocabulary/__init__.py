"""The words of the API, once: elements, actors and codes. Everything here is a stable identifier."""

from app.vocabulary.actors import (
    JUSTICE,
    JUSTICE_ROLES,
    KIND_OF_ROLE,
    PURPOSES_OF_ROLE,
    SCOPES_OF_ROLE,
    AgencyKind,
    Purpose,
    Role,
    Scope,
)
from app.vocabulary.elements import COVERS, FINEST_ONLY, OUTBOUND, SINCE, VERSION, WINDOWED, Element, MessageKind
from app.vocabulary.lifecycle import CaseEvent, CaseIdentifierType, CaseMove, ConsentKind, ConsentState

__all__ = [
    "COVERS",
    "FINEST_ONLY",
    "JUSTICE",
    "JUSTICE_ROLES",
    "KIND_OF_ROLE",
    "OUTBOUND",
    "PURPOSES_OF_ROLE",
    "SCOPES_OF_ROLE",
    "SINCE",
    "VERSION",
    "WINDOWED",
    "AgencyKind",
    "CaseEvent",
    "CaseIdentifierType",
    "CaseMove",
    "ConsentKind",
    "ConsentState",
    "Element",
    "MessageKind",
    "Purpose",
    "Role",
    "Scope",
]
