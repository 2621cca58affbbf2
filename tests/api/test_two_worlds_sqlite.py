"""The two worlds as a machine on SQLite: sequences that Hypothesis makes up."""

from tests.api.worlds_ground import Ground
from tests.api.worlds_hidden_more import HIDDEN
from tests.api.worlds_machine_run import ENOUGH, play


def test_no_sequence_on_sqlite_tells_the_worlds_apart() -> None:
    ground = Ground("sqlite")
    try:
        played = play(ground)
    finally:
        ground.close()
    hidden = {name.strip("()") for one in played for name in one.happened if name.startswith("(")}
    assert hidden <= set(HIDDEN)
    assert len(set(HIDDEN) - hidden) <= 1 or len(played) < ENOUGH, "what can happen depends on the hour; one may not"
    assert sum(one.stage.comparison.answers for one in played) > 100 * len(played)
