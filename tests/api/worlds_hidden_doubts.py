"""Hidden steps about consents in doubt, of which no observer is a recipient, and about a death. Nobody may notice."""

import json
import random
from typing import Any, Final

from tests.api.worlds_hidden import hidden
from tests.api.worlds_http import Asked
from tests.api.worlds_scene import COUNTY, HARBOR, PRIVACY, Scene
from tests.api.worlds_visible import Sequence20

_CAUSES: Final = ("capacity_doubt", "dispute", "safeguarding", "pressure")
_OTHER_PAGE: Final = {"evidence_hash": "sha256:" + "f" * 64}


async def _acts(scene: Scene, who: str, path: str, body: dict[str, Any], staff: str) -> dict[str, Any]:
    """What is answered to a member of staff; nothing where the consent is over by now."""
    asked = Asked(who, "step", "POST", path, json.dumps(body).encode(), {"Acting-User": f'"{staff}"'})
    answered = await scene.ask(asked)
    if answered.status not in (201, 409):
        raise RuntimeError(f"{who} POST {path}: {answered.status} {answered.body.decode()[:600]}")
    found: dict[str, Any] = answered.json() if answered.status == 201 else {}
    return found


@hidden("hidden consent")
async def county_in_doubt(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A consent for another court: suspended and lifted, with another page, entered in error or not after all."""
    path = f"/v1/consents/{scene.kept['hidden consent']}"
    read = f"/v1/treatment-statuses?case={scene.kept['hidden case']}&purpose=condition_monitoring"
    one = await _acts(scene, HARBOR, f"{path}/suspensions", {"cause": chance.choice(_CAUSES)}, "reyes")
    await scene.does(COUNTY, "GET", read)
    if one:
        scene.kept["hidden suspension"] = one["id"]
        await _acts(scene, HARBOR, f"{path}/suspensions/{one['id']}/lifting", {}, "okafor")
        await scene.does(COUNTY, "GET", read)
    if chance.random() < 0.3:
        await _acts(scene, HARBOR, f"{path}/evidence-check", _OTHER_PAGE, "reyes")
    said = await _acts(scene, HARBOR, f"{path}/errors", {"reason": "Another form was scanned."}, "reyes")
    if "review_id" in said:
        scene.kept["hidden review"] = said["review_id"]
        decision = {"upheld": chance.random() < 0.5, "note": "Looked at it."}
        await _acts(scene, PRIVACY, f"/v1/reviews/{said['review_id']}/decision", decision, "dpo")
    for who in (HARBOR, PRIVACY):
        await scene.does(who, "GET", "/v1/reviews")


@hidden("maria")
async def said_to_have_died(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """The desk writes down a death, and takes it off: it was somebody else's."""
    path, body = f"/v1/patients/{scene.kept['maria']}", {"deceased_on": "2026-01-05"}
    await scene.does(HARBOR, "PATCH", path, body)
    await scene.does(HARBOR, "PATCH", path, body | {"entered_in_error": True})
