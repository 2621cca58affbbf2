"""The one-page report of a case: notice, scopes and meaning once, items beneath (design 5)."""

from collections.abc import Mapping
from typing import Any

from app.consent.obligations import MEANING
from app.exchange.release import Released
from app.vocabulary import Purpose


def report_of(case_id: str, purpose: Purpose, released: Released) -> dict[str, Any]:
    """The report as a JSON object, unsigned. Of a case in which nothing may be read: no items, and the meaning."""
    body: dict[str, Any] = {"case_id": case_id, "purpose": purpose.value, "items": [], "meaning": MEANING}
    scopes: list[Any] = []
    notices: list[str] = []
    for item in released.items:
        obligations = item["obligations"]
        body["case"] = item["case"]
        notices += [obligations["notice"]] if obligations["notice"] not in notices else []
        body["obligations"] = {
            "notices": notices,
            "use_limit": obligations["use_limit"],
            "read_again": obligations["read_again"],
            "scope": scopes,
        }
        body["items"].append(_item(item, scopes))
    if released.withdrawn:
        body["withdrawn"] = [{"id": one} for one in released.withdrawn]
    return body


def _item(item: Mapping[str, Any], scopes: list[Any]) -> dict[str, Any]:
    own = item["obligations"]["scope"]
    scopes += [scope for scope in own if scope not in scopes]
    shown = {name: item[name] for name in ("id", "kind", "subject_ref", "discloser", "elements")}
    shown |= {"period": item["period"]} if "period" in item else {}
    return shown | {"scope": [scopes.index(scope) for scope in own]}
