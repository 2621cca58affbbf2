"""Hidden steps about people and cases that move, all of another court: its staff, its cases, its bells."""

import random

from app.exchange import case_move_reviews
from tests.api.worlds_hidden import hidden
from tests.api.worlds_http import Asked
from tests.api.worlds_scene import COUNTY, HARBOR, Scene
from tests.api.worlds_visible import Sequence20


async def _reads(scene: Scene, name: str, staff: str) -> None:
    """The other court reads its case as a member of its staff."""
    for kind in ("assessments", "treatment-statuses"):
        path = f"/v1/{kind}?case={scene.kept[name]}&purpose=condition_monitoring"
        answered = await scene.ask(Asked(COUNTY, "step", "GET", path, b"", {"Acting-User": f'"{staff}"'}))
        if answered.status != 200:
            raise RuntimeError(f"{path}: {answered.status} {answered.body.decode()[:300]}")


@hidden("hidden referral")
async def county_assigns(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Another court assigns its staff in a case of its own or in the observers' case, and ends it again."""
    name = chance.choice(["hidden case", "hidden view"])
    path = f"/v1/cases/{scene.kept[name]}/assignments"
    for staff in chance.sample(["o-1", "o-2", "ofc-12"], 2):
        await scene.does(COUNTY, "POST", path, {"staff_id": staff})
        await _reads(scene, name, staff)
    ending = chance.choice([{}, {"staff_id": "o-1"}, {"staff_id": "ofc-12"}])
    await scene.does(COUNTY, "POST", f"{path}/ending", ending)
    await _reads(scene, name, "ofc-12")


@hidden("hidden referral")
async def county_hands_over(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Another court joins its case with the observers' one and hands it to one of them; the clinic is asked to ask."""
    path = f"/v1/cases/{scene.kept['hidden case']}/events"
    now = {"occurred_at": f"{drawn.mondays[-1].isoformat()}T10:00:00Z"}
    await scene.does(COUNTY, "POST", path, now | {"code": "joined", "with": scene.kept["hidden view"]})
    if chance.random() < 0.7:
        to = chance.choice(["u-court-treatment", "u-court-family", "u-sheriff"])
        await scene.does(COUNTY, "POST", path, now | {"code": "transferred", "to_unit": to})
        other = f"/v1/cases/{scene.kept['hidden view']}/events"  # which it does not impose
        await scene.does(COUNTY, "POST", other, now | {"code": "transferred", "to_unit": "u-court-family"})
    await case_move_reviews.judge(scene.hub)
    await scene.does(HARBOR, "GET", "/v1/reviews")


@hidden()
async def county_listens(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Another court asks to be rung where nobody answers, in place of where it asked before."""
    if "hidden webhook" in scene.kept:
        await scene.ask(Asked(COUNTY, "step", "DELETE", f"/v1/webhooks/{scene.kept['hidden webhook']}"))
    made = await scene.does(COUNTY, "POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/county"})
    scene.kept["hidden webhook"] = made["id"]
