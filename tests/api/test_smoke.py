"""The seeds: one item really disclosed, on both databases, in this process and from a real server."""

import httpx
import pytest

from app.sandbox.party import Party
from app.sandbox.start import seed
from app.sandbox.steps import must, reading
from tests.service import DATABASES, run, server, world


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_seeded_item_is_disclosed(kind: str) -> None:
    async with world(kind) as w:
        judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
        case_id = await seed(judge, clinic)
        body = await must(await judge.get(reading("treatment-statuses", case_id, "condition_monitoring")))
        current, *windows = body["items"]
        assert current["elements"]["enrolment.status"] == {"value": "active", "epistemic": "fact"}
        assert len(windows) == 4
        assert windows[0]["elements"]["attendance.summary"]["value"]["attended"] == 2
        assert await seed(judge, clinic) == case_id


@pytest.mark.parametrize("kind", DATABASES)
def test_seeded_item_from_a_real_server(kind: str) -> None:
    with server(kind) as (running, clients):

        @run
        async def story() -> None:
            async with httpx.AsyncClient(base_url=running.base_url) as http:
                token_url = f"{running.base_url}/oauth/token"
                names = ("c-court-treatment-judge", "c-clinic-harbor-clinic-staff")
                judge, clinic = (Party(http, clients[name], token_url) for name in names)
                case_id = await seed(judge, clinic)
                body = await must(await judge.get(reading("treatment-statuses", case_id, "condition_monitoring")))
                assert len(body["items"]) == 5

        story()
        assert running.stop() in (0, -15)
