"""What an attack on the scrubbing after an erasure found: each case failed before it was mended."""

import json

from app.exchange import erasure
from app.sandbox.cluster import as_role
from app.storage.scrub import scrub
from app.storage.wrapping import WRAPPED
from tests.api.scene import scene
from tests.service import run, world
from tests.storage.at_rest import kept, texts_below
from tests.storage.direct import connection, key_of


@run
async def test_a_role_that_may_not_vacuum_does_not_say_that_it_did() -> None:
    """PostgreSQL passes over what is not the role's own with a warning; the serving role owns nothing."""
    async with world("postgresql") as w:
        s = await scene(w)
        await erasure.erase_patient(w.hub, s.patient)
        assert scrub(w.settings.database_url) is False
        assert scrub(as_role(w.settings.database_url)) is True


def test_an_erasure_that_is_asked_for_again_scrubs_what_a_reader_kept_from_being_scrubbed() -> None:
    """So docs/operations.md advises; and what a start erased again was not scrubbed yet either."""
    with kept() as one:
        one.play()
        url = one.running.settings.database_url
        wrapped = key_of(url, one.patient)[:WRAPPED]
        with connection(url) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM data_key").fetchone()
            assert json.loads(one.command("patient", "erase", one.patient).stdout)["scrubbed"] is False
            reader.execute("ROLLBACK")
        assert wrapped in b"".join(texts_below(one.folder).values())
        again = one.command("patient", "erase", one.patient)
        assert (again.returncode, again.stderr) == (1, "there is none of this id\n")
        assert wrapped not in b"".join(texts_below(one.folder).values())
