"""The vocabulary as a document: generated from the code, so that it cannot differ from it."""

from typing import Any

from app.exchange import code_lists
from app.exchange.unit import Committed, published
from app.vocabulary import (
    COVERS,
    FINEST_ONLY,
    JUSTICE,
    KIND_OF_ROLE,
    PURPOSES_OF_ROLE,
    SCOPES_OF_ROLE,
    SINCE,
    VERSION,
    WINDOWED,
    CaseEvent,
    CaseIdentifierType,
    CaseMove,
    ConsentKind,
    Element,
)
from app.vocabulary.disclosing import Basis, Channel
from app.vocabulary.elements import kind_of
from app.vocabulary.units import LANGUAGES, UnitCapacity, WaitingTime


def document() -> Committed[dict[str, Any]]:
    """Elements with their ladders, roles with purposes and scopes, code lists, cut-offs, mappings to other lists."""
    return published(
        {
            "version": VERSION,
            "elements": [_element(element) for element in Element],
            "finest_only": [[step.value for step in ladder] for ladder in FINEST_ONLY],
            "roles": [
                {
                    "role": role.value,
                    "agency_kind": kind.value,
                    "justice": kind in JUSTICE,
                    "purposes": sorted(purpose.value for purpose in PURPOSES_OF_ROLE[role]),
                    "scopes": sorted(scope.value for scope in SCOPES_OF_ROLE[role]),
                }
                for role, kind in KIND_OF_ROLE.items()
            ],
            "case_identifier_types": [code.value for code in CaseIdentifierType],
            "case_events": [code.value for code in CaseEvent],
            "case_moves": [code.value for code in CaseMove],
            "consent_kinds": [code.value for code in ConsentKind],
            "languages": sorted(LANGUAGES),
            "unit_capacities": [code.value for code in UnitCapacity],
            "waiting_times": [code.value for code in WaitingTime],
            "disclosure_bases": [code.value for code in Basis],
            "disclosure_channels": [code.value for code in Channel],
            "codes": code_lists.lists(),
            "levels_of_care": code_lists.levels(),
            "diagnoses": code_lists.diagnoses(),
            "instruments": code_lists.instruments(),
            "mappings": code_lists.mappings(),
        }
    )


def _element(element: Element) -> dict[str, Any]:
    kind = kind_of(element)
    shown: dict[str, Any] = {
        "name": element.value,
        "since": SINCE[element],
        "windowed": element in WINDOWED,
        "covers": sorted(coarser.value for coarser in COVERS[element] - {element}),
    }
    return shown | ({"kind": kind.value} if kind is not None else {})
