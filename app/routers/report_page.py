"""The report as a page to print: no script, no image, one style sheet of our own."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

STYLE: Final = "/docs/assets/report.css"
POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS: Final = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
WITHDRAWN: Final = (
    "Something that was sent before was found wrong and must no longer be relied on. Which item it was is in the "
    "report's other form."
)
_KINDS: Final = {
    "referral": "Answer to the referral",
    "assessment": "Assessment",
    "treatment_status": "Treatment status",
}


def page_of(report: Mapping[str, Any], unit: str) -> str:
    """The whole document. Every value is escaped: what a clinic wrote is text, never mark-up."""
    case = report.get("case")
    title = f"Case {case['type']} {case['value']}" if case is not None else "Report"
    purpose = str(report["purpose"]).replace("_", " ")
    parts = [f"<h1>{escape(title)}</h1>", f"<p>For {escape(unit)}, for {escape(purpose)}.</p>"]
    people = list(dict.fromkeys(item["subject_ref"] for item in report["items"]))
    numbered = [(f"Person {people.index(item['subject_ref']) + 1}", item) for item in report["items"]]
    parts += [_section(kind, heading, numbered) for kind, heading in _KINDS.items()]
    if "withdrawn" in report:
        parts.append(f"<p class='withdrawn'>{WITHDRAWN}</p>")
    parts.append(f"<p class='meaning'>{escape(report['meaning'])}</p>")
    parts += _obligations(report["obligations"]) if "obligations" in report else []
    body = "\n".join(part for part in parts if part)
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><link rel="stylesheet" href="{STYLE}">'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _section(kind: str, heading: str, items: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    of_kind = [(person, item) for person, item in items if item["kind"] == kind]
    rows = [_row(person, item, name, said) for person, item in of_kind for name, said in item["elements"].items()]
    if not rows:
        return ""
    columns = "".join(f"<th scope='col'>{name}</th>" for name in ("Person", "From", "Period", "What", "Value", "Kind"))
    return f"<h2>{heading}</h2>\n<table><thead><tr>{columns}</tr></thead>\n<tbody>{''.join(rows)}</tbody></table>"


def _row(person: str, item: Mapping[str, Any], name: str, said: Mapping[str, Any]) -> str:
    period = item.get("period")
    cells = (
        person,
        item["discloser"],
        f"{period['start']} to {period['end']}" if period is not None else "current",
        name.replace(".", ": ").replace("_", " "),
        _words(said["value"]),
        said["epistemic"].replace("_", " "),
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>\n"


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')}: {_words(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "; ".join(_words(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("_", " ") if isinstance(value, str) else str(value)


def _obligations(said: Mapping[str, Any]) -> list[str]:
    parts = [f"<p class='notice'>{escape(notice)}</p>" for notice in said["notices"]]
    parts += [f"<p>{escape(said['use_limit'])} {escape(said['read_again'])}</p>", "<h2>Scope of the consent</h2>"]
    for scope in said["scope"]:
        elements = ", ".join(name.replace(".", ": ").replace("_", " ") for name in scope["elements"])
        ends = _words(scope["ends"])
        text = f"{scope['discloser']} to {scope['recipient']['unit']} ({_words(scope['recipient']['role'])}), for "
        parts.append(f"<p>{escape(text + _words(scope['purpose']))}: {escape(elements)}. Ends: {escape(ends)}.</p>")
    return parts
