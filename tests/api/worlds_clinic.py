"""What a clinic does, as steps of a world: the same calls for visible and hidden steps."""

import copy
from datetime import date, timedelta
from typing import Any, Final

from app.exchange.times import rfc3339
from tests.api.worlds_scene import HARBOR, Scene

MARIA: Final = {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}
BACKSTOP: Final = "2035-06-30"
DISPOSITION: Final = {"event": "final_disposition", "at": BACKSTOP}


async def register(scene: Scene, who: str, imposing: str, type_: str, value: str) -> str:
    """Register a case; gives the party's own case_id."""
    body = {"imposing_unit": imposing, "identifiers": [{"type": type_, "value": value}]}
    case_id: str = (await scene.does(who, "POST", "/v1/cases", body))["case_id"]
    return case_id


async def refer(scene: Scene, who: str, case_id: str, person: dict[str, str], **more: Any) -> str:
    """Send a referral; gives its id."""
    body = {
        "recipient": "u-clinic-harbor",
        "case_id": case_id,
        "stage": "trial",
        "person": person,
        "conditions": {"service_asked": "outpatient"},
    }
    sent: str = (await scene.does(who, "POST", "/v1/referrals", body | more))["id"]
    return sent


async def add_patient(scene: Scene, person: dict[str, str], key: str, who: str = HARBOR) -> str:
    """Add a patient; gives the id."""
    added: str = (await scene.does(who, "POST", "/v1/patients", person, key))["id"]
    return added


async def match(scene: Scene, referral: str, patient: str, who: str = HARBOR) -> None:
    """Say which patient a referral means."""
    await scene.does(who, "PATCH", f"/v1/referrals/{referral}/patient", {"patient_id": patient})


async def answer(scene: Scene, referral: str, decision: str, key: str, who: str = HARBOR, hour: int = 9) -> None:
    """Answer a referral; an acceptance with an appointment at this hour."""
    body: dict[str, Any] = {"decision": decision}
    if decision == "accepted":
        body["appointment"] = {"start": f"2034-01-15T{hour:02}:00:00Z", "site": "Site 1"}
    await scene.does(who, "POST", f"/v1/referrals/{referral}/response", body, key)


def week_of(monday: date, outcomes: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """The body of a status of one week, without its patient: dated sessions on its first days."""
    sessions = [{"date": (monday + timedelta(days=n)).isoformat(), "outcome": o} for n, o in enumerate(outcomes)]
    period = {"start": monday.isoformat(), "end": (monday + timedelta(days=6)).isoformat()}
    return {"period": period, "status": "active", "sessions": sessions} | more


async def file(scene: Scene, kind: str, name: str, body: dict[str, Any], key: str | None) -> None:
    """File an assessment or a status about ``patient_id`` (default: Maria) and remember it under ``name``.

    What is remembered under the same name before is corrected (``supersedes``).
    """
    stated = {"patient_id": scene.kept["maria"]} | body
    sent = dict(stated)
    if name in scene.kept:
        sent["supersedes"] = scene.kept[name]["id"]
    filed = await scene.does(HARBOR, "POST", f"/v1/{kind}", sent, key)
    scene.kept[name] = {"id": filed["id"], "kind": kind, "body": copy.deepcopy(stated)}


def form(scene: Scene, referral: str | None, recipients: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The body of a consent of Maria at Harbor; purposes and elements on the form are those of its recipients.

    It ends with the case, or on a day where the court has disposed of it.
    """
    return {
        "patient_id": more["patient_id"] if "patient_id" in more else scene.kept["maria"],
        "kind": "named_disclosure",
        "subject": {"name_on_form": "Maria Lopez"},
        "disclosers": ["u-clinic-harbor"],
        "recipients": recipients,
        "purposes": sorted({purpose for one in recipients for purpose in one["purposes"]}),
        "elements": sorted({element for one in recipients for element in one["elements"]}),
        "expiry": {"at": BACKSTOP} if "disposed" in scene.kept else DISPOSITION,
        "statements": {"revocation": True},
        "additional": True,
        "records_from": scene.kept["records_from"],
        **({"referral_id": referral} if referral is not None else {}),
        **more,
    }


def of_2_35(**more: Any) -> dict[str, Any]:
    """What turns a form into one under 42 CFR 2.35: revocable and over at final disposition."""
    words = {"kind": "cjs_2_35", "revocable_from": DISPOSITION, "duration_rationale": "Until the case is decided."}
    return {**words, "statements": {}, **more}


async def propose(scene: Scene, body: dict[str, Any], key: str | None = None, who: str = HARBOR) -> str:
    """Propose a consent; gives its id."""
    proposed: str = (await scene.does(who, "POST", "/v1/consents", body, key))["id"]
    return proposed


async def sign(
    scene: Scene, consent: str, key: str | None = None, who: str = HARBOR, name: str = "Maria Lopez"
) -> None:
    """Have the patient sign, with everything the law asks for."""
    at = rfc3339(max(scene.kept["signing_at"], scene.clock))
    evidence = "sha256:" + "0" * 64
    signing = {
        "signatures": [{"role": "patient", "name": name, "method": "wet", "signed_at": at, "evidence_hash": evidence}],
        "capacity": {"status": "presumed", "assessed_by": "N. Reyes, LCSW", "at": at},
        "notice_given": {"version": "2026-02", "at": at, "language": "en"},
        "copy_given_at": at,
    }
    signed = await scene.does(who, "POST", f"/v1/consents/{consent}/signatures", signing, key)
    if signed["state"] != "active":
        raise RuntimeError(f"the consent is {signed['state']}: {signed.get('still_missing')}")


async def consent(scene: Scene, name: str, body: dict[str, Any]) -> None:
    """Propose and sign, and remember the consent under ``name``."""
    key = name.replace(" ", "-")
    scene.kept[name] = await propose(scene, body, f"propose-{key}")
    await sign(scene, scene.kept[name], f"sign-{key}")


async def revoke(scene: Scene, key: str | None = None, **taken: Any) -> str:
    """Take back at the desk of Harbor; gives the state: in_force or pending."""
    path = f"/v1/patients/{scene.kept['maria']}/revocations"
    state: str = (await scene.does(HARBOR, "POST", path, {"on_behalf_of": "patient"} | taken, key))["state"]
    return state
