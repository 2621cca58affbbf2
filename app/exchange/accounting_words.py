"""One row of an accounting as a sentence that the patient reads, in each language of the consent form."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from app.consent.form import Wording
from app.vocabulary import Element, Purpose, Role

_TEMPLATES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "en": {
            "read": "{who} read: {what}{about}{case}, {why}, {when}.",
            "read_on": "{who} read: {what}{about}{case}, {why}, {when}; {basis}.",
            "notice": "{discloser} told {who} {channel}: {what}, {when}. {made_by} did so; {basis}.",
            "notice.incident": "what happened",
            "notice.patient_status": "that you are a patient there",
            "notice.name": "your name",
            "notice.address": "your address",
            "notice.last_known_whereabouts": "where you were last known to be",
            "notice.report_under_state_law": "the report that the law asks for",
            "news": "{who} was told that there is something new to read: {news}{case}, {why}, {when}.",
            "event:referral": "the answer to a referral of yours",
            "event:assessment": "an assessment of you",
            "event:treatment_status": "how your treatment is going",
            "withdrawn": "{who} was told no longer to rely on something that was read{case}, {why}, {when}: it was "
            "found wrong. Nothing else was said.",
            "told": "{discloser} told {who} {channel}: {what}{case}, {why}, {when}. {made_by} did so; {basis}.",
            "paper": "on paper",
            "phone": "by phone",
            "in_person": "in person",
            "about": ", about {start} to {end}",
            "case": ", in case {case}",
            "once": "on {first}",
            "times": "{times} times from {first} to {last}",
            "consent": "you had consented",
            "medical_emergency": "it was a medical emergency",
            "court_order": "a court had ordered it",
            "audit_or_evaluation": "it was for an audit or evaluation",
            "research": "it was for research",
            "child_abuse_report": "the law asked for a report of child abuse",
            "crime_on_premises": "it was about a crime on the premises or against staff",
            "vital_statistics": "the law on births and deaths asked for it",
        },
        "es": {
            "read": "{who} leyó: {what}{about}{case}, {why}, {when}.",
            "read_on": "{who} leyó: {what}{about}{case}, {why}, {when}; {basis}.",
            "notice": "{discloser} comunicó a {who} {channel}: {what}, {when}. Lo hizo {made_by}; {basis}.",
            "notice.incident": "lo que ocurrió",
            "notice.patient_status": "que usted es paciente allí",
            "notice.name": "su nombre",
            "notice.address": "su dirección",
            "notice.last_known_whereabouts": "dónde se sabía por última vez que usted estaba",
            "notice.report_under_state_law": "el informe que la ley exige",
            "news": "A {who} se le avisó de que hay algo nuevo que leer: {news}{case}, {why}, {when}.",
            "event:referral": "la respuesta a una derivación suya",
            "event:assessment": "una evaluación suya",
            "event:treatment_status": "cómo va su tratamiento",
            "withdrawn": "A {who} se le avisó de que ya no se fíe de algo que se leyó{case}, {why}, {when}: se halló "
            "erróneo. No se dijo nada más.",
            "told": "{discloser} comunicó a {who} {channel}: {what}{case}, {why}, {when}. Lo hizo {made_by}; {basis}.",
            "paper": "por escrito",
            "phone": "por teléfono",
            "in_person": "en persona",
            "about": ", sobre el tiempo del {start} al {end}",
            "case": ", en el caso {case}",
            "once": "el {first}",
            "times": "{times} veces, del {first} al {last}",
            "consent": "usted lo había consentido",
            "medical_emergency": "era una emergencia médica",
            "court_order": "lo había ordenado un tribunal",
            "audit_or_evaluation": "era para una auditoría o evaluación",
            "research": "era para investigación",
            "child_abuse_report": "la ley exigía informar de un maltrato infantil",
            "crime_on_premises": "se trataba de un delito en el local o contra el personal",
            "vital_statistics": "lo exigía la ley sobre nacimientos y defunciones",
        },
    }
)


def sentence(row: Mapping[str, Any], discloser: str, wording: Wording) -> str:
    """The row in words; ``first_at`` and ``last_at`` are instants in microseconds, said to the minute in UTC."""
    words = _TEMPLATES[wording.language]
    said = {
        "who": _who(row["recipient"], wording),
        "what": "; ".join(words.get(element) or wording.elements[Element(element)] for element in row["elements"]),
        "about": _about(row, words),
        "case": words["case"].format(case=row["case"]) if "case" in row else "",
        "why": wording.purposes[Purpose(row["purpose"])],
        "when": _when(row, words),
    }
    if row["kind"] in words and row["kind"] != "notice":
        return words["withdrawn" if row["kind"] == "withdrawn" else "news"].format(**said, news=words[row["kind"]])
    basis = words[row["basis"]]
    if "made_by" not in row:
        return words["read" if row["basis"] == "consent" else "read_on"].format(**said, basis=basis)
    told = {"discloser": discloser, "channel": words[row["channel"]], "made_by": row["made_by"], "basis": basis}
    return words["notice" if row["kind"] == "notice" else "told"].format(**said, **told)


def _who(recipient: Mapping[str, str], wording: Wording) -> str:
    if "name" in recipient:
        return recipient["name"]
    named = [recipient["agency_name"]] if "agency_name" in recipient else []
    unit = ", ".join(dict.fromkeys([*named, recipient["unit_name"]]))
    return f"{unit} ({wording.roles[Role(recipient['role'])]})" if "role" in recipient else unit


def _about(row: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if "period" not in row:
        return ""
    start, _, end = row["period"].partition("/")
    return words["about"].format(start=start, end=end)


def _when(row: Mapping[str, Any], words: Mapping[str, str]) -> str:
    first, last = _minute(row["first_at"]), _minute(row["last_at"])
    return words["once" if row["times"] == 1 else "times"].format(first=first, last=last, times=row["times"])


def _minute(instant: int) -> str:
    return datetime.fromtimestamp(instant // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
