"""A scenario's consents as forms: what it leaves out is the usual, and a profile has its own kind for the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tests.scenarios.cast import END, Ids, recipient, written

_TPO_STATEMENTS: Final = {name: True for name in ("hipaa_redisclosure", "tpo_redisclosure", "tpo_refusal")}
_OWN: Final = frozenset({"to", "of", "by", "signing", "stored", "kind", "supersedes", "referral", "insist"})
_DELAYING: Final = frozenset({"revocable_from", "duration_rationale"})
"""What only a form of 2.35 says; another profile has no such form, unless a scenario insists."""
CLOCK: Final = {"event": "final_disposition", "at": END}
_KIND: Final = {
    "eu-gdpr-led": {"cjs_2_35": "agreement", "named_disclosure": "agreement", "proceeding": "agreement"},
    "unodc-generic": {"cjs_2_35": "named_disclosure"},
}
"""Profile -> kind of the US form -> the kind that says the same there (domain rules 2.5, justice consent kind)."""
LAWFUL_BASIS: Final = {"article": "6(1)(e)", "law": "National code of criminal procedure, section 155"}


def form_of(spec: Mapping[str, Any], profile: str, ids: Ids, base: datetime) -> dict[str, Any]:
    """The form of a consent as the clinic sends it. ``None`` in a spec takes a member off."""
    kind = spec.get("kind", "cjs_2_35")
    person = spec.get("of", "maria")
    form: dict[str, Any] = {
        "patient_id": ids(person),
        "kind": kind,
        "referral_id": None if kind == "tpo" else ids(spec.get("referral", "R")),
        "subject": {"name_on_form": ids(f"name of {person}")},
        "disclosers": [ids(f"unit of {spec.get('by', 'clinic')}")],
        "recipients": [recipient(one, ids) for one in spec.get("to", ("judge",))],
        "purposes": ["condition_monitoring"],
        "expiry": {"at": END},
        "statements": {"revocation": True},
        "records_from": ids("first week"),
    }
    if kind == "cjs_2_35":
        form |= {"revocable_from": CLOCK, "duration_rationale": "Until the court decides.", "statements": None}
    if kind == "tpo":
        form |= {"purposes": ["treatment"], "expiry": {"at": "none"}}
        form["statements"] = {"revocation": True} | _TPO_STATEMENTS
    form = _translated(form, kind, profile)
    left_out = _OWN | (_DELAYING if form["kind"] != "cjs_2_35" and not spec.get("insist") else set())
    form |= {name: value for name, value in spec.items() if name not in left_out}
    form["supersedes"] = [ids(one) for one in spec["supersedes"]] if "supersedes" in spec else None
    for name in ("expiry", "revocable_from"):
        if form.get(name) and form[name].get("at"):
            form[name] = form[name] | {"at": written(form[name]["at"], base)}
    if form.get("effective_from"):
        form["effective_from"] = written(form["effective_from"], base)
    form["recipients"] = [{n: v for n, v in one.items() if v is not None} for one in form["recipients"]]
    return {name: value for name, value in form.items() if value is not None}


def _translated(form: dict[str, Any], kind: str, profile: str) -> dict[str, Any]:
    other = _KIND.get(profile, {}).get(kind, kind)
    if other == kind:
        return form
    form |= {"kind": other, "statements": {"revocation": True}, "revocable_from": None, "duration_rationale": None}
    return form | ({"lawful_basis": LAWFUL_BASIS} if other == "agreement" else {})
