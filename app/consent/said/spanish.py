"""Reasons and their frames in Spanish."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.consent.reason import Reason

SPANISH: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.NO_INSTRUMENT: "ningún consentimiento nombra a esta unidad en este caso, o el caso no se conoce",
        Reason.RULE_ERROR: "una regla falló y por eso prohibió; véase el registro",
        Reason.ENTERED_IN_ERROR: "se comprobó que el consentimiento se introdujo por error",
        Reason.RESTRICTED: "el paciente lo restringió",
        Reason.SUSPENDED: "el consentimiento está suspendido mientras haya dudas sobre él",
        Reason.DEFICIENT: "al consentimiento le falta una parte obligatoria",
        Reason.PROFILE_UNKNOWN: "aquí no se conoce un perfil según el cual hay que decidir",
        Reason.KIND_UNKNOWN: "el perfil no conoce esta clase de consentimiento",
        Reason.ROLE_OUTSIDE_KIND: "esta clase de consentimiento no es para esta función",
        Reason.PURPOSE_OUTSIDE_KIND: "esta clase de consentimiento no es para este fin",
        Reason.PURPOSE_NOT_FOR_ROLE: "esta función no puede alegar este fin",
        Reason.CONDITION_NOT_IMPOSED: "en este caso el tratamiento no se impuso como condición",
        Reason.OTHER_CASE: "el consentimiento es para otro caso",
        Reason.NOT_YET_EFFECTIVE: "el consentimiento aún no está en vigor",
        Reason.EXPIRED: "el consentimiento ha vencido",
        Reason.REVOKED: "el paciente lo retiró",
        Reason.SUPERSEDED: "un consentimiento posterior ocupó su lugar, o la orden judicial terminó",
        Reason.UNIT_NOT_NAMED: "el consentimiento no nombra a esta unidad",
        Reason.ROLE_NOT_NAMED: "el consentimiento nombra a la unidad en otra función",
        Reason.PERSON_NOT_NAMED: "el consentimiento nombra a una persona del personal, y no fue ella quien preguntó",
        Reason.PURPOSE_NOT_GRANTED: "el paciente no permitió este fin",
        Reason.ELEMENT_NOT_GRANTED: "el paciente no permitió este dato",
        Reason.ABOVE_ROLE_CEILING: "el perfil nunca da este dato a esta función",
        Reason.NOT_ASSIGNED: "quien preguntó no estaba asignado a este caso",
        Reason.DISCLOSER_CLOSED: "el programa que guarda el expediente ha cerrado",
        Reason.LAWFUL_BASIS_MISSING: "un acuerdo por sí solo no es aquí base jurídica, y no se indicó ninguna ley",
        Reason.REPRESENTATION_ENDED: "otra persona firmó por un menor que ya ha cumplido la mayoría de edad",
        Reason.FINER_STEP_LEAVES: "en su lugar salió un dato más detallado de la misma escala",
    }
)
SPANISH_FRAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "covered": "{what}: se podía comunicar, porque un consentimiento del paciente abarca la unidad, la función, el "
        "fin, el caso y el momento.",
        "ordered": "{what}: se podía comunicar, porque un tribunal lo había ordenado.",
        "fell": "{what}: no se comunicó, porque {why}.",
        "speaks": "{what}: es aplicable a esta unidad, función, fin y caso en este momento.",
        "silent": "{what}: no dice nada sobre esta pregunta, porque {why}.",
        "nothing": "no se encontró nada, porque {why}.",
        "consent": "consentimiento",
        "court_order": "orden judicial",
        "correction": "solo se comunicó que algo que se había leído es incorrecto; se rectifica ante quien lo tiene.",
        "told": "ninguna regla de este servicio lo decidió: lo comunicó una persona del centro, que indicó el motivo.",
        "transfer": "el centro lo entregó para el tratamiento, con el consentimiento del paciente para ello.",
    }
)
