"""An item that is refused after part of it was made ready leaves nothing, and takes nothing from its neighbours."""

import pytest

from app.sandbox.weeks import past_mondays
from tests.api.scene import scene
from tests.api.test_batches import REPORTS, opened, patients, sent, status
from tests.service import DATABASES, run, world
from tests.storage.direct import count


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_contradiction_between_others_leaves_nothing(kind: str) -> None:
    """It is found after the message is ready to be written, on its own patient and between other patients' items."""
    async with world(kind) as w:
        s = await scene(w)
        first, second, third = past_mondays(3)
        others = await patients(s.clinic, 4)
        items = [status(other, first) for other in others]
        items[2:2] = [status(s.patient, first), status(s.patient, second, status="planned"), status(s.patient, third)]
        results = await sent(s.clinic, items)
        assert [result["status"] for result in results] == [201, 201, 201, 422, 201, 201, 201]
        assert [error["code"] for error in results[3]["problem"]["errors"]] == ["status_out_of_order"]
        assert count(w.settings.database_url, "message", REPORTS) == 6
        assert count(w.settings.database_url, "message", "identifier_index IS NOT NULL") == 0
        (again,) = await sent(s.clinic, [status(s.patient, second)])
        assert again["status"] == 201, "the week is not taken"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_refused_correction_leaves_what_it_would_have_replaced(kind: str) -> None:
    """It is refused after the earlier report was superseded and its rows were about to go."""
    async with world(kind) as w:
        s = await scene(w)
        first, second = past_mondays(2)
        filed = await sent(s.clinic, [status(s.patient, first), status(s.patient, second)])
        before = opened(w, s.patient)
        wrong = status(s.patient, second, status="planned", supersedes=filed[1]["id"])
        refused, other = await sent(s.clinic, [wrong, status((await patients(s.clinic, 1))[0], first)])
        assert (refused["status"], other["status"]) == (422, 201)
        assert opened(w, s.patient) == before != []
        assert count(w.settings.database_url, "message", f"{REPORTS} AND superseded_by IS NOT NULL") == 0
        right = status(s.patient, second, status="paused", supersedes=filed[1]["id"])
        (corrected,) = await sent(s.clinic, [right])
        assert corrected["status"] == 201


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_identifier_of_a_refused_item_is_free(kind: str) -> None:
    """One that was only made ready guards nothing; one that was filed guards at once, before it is written."""
    async with world(kind) as w:
        s = await scene(w)
        first, second, third = past_mondays(3)
        named = {"identifier": {"system": "urn:clinic", "value": "7"}}
        items = [
            status(s.patient, first),
            status(s.patient, second, status="planned", **named),
            status(s.patient, second, **named),
            status(s.patient, second, **named),
            status(s.patient, third, **named),
        ]
        results = await sent(s.clinic, items)
        assert [result["status"] for result in results] == [201, 422, 201, 201, 409]
        assert results[2]["id"] == results[3]["id"]
        assert count(w.settings.database_url, "message", REPORTS) == 2
