"""The two worlds as a machine on SQLite: sequences that Hypothesis makes up."""

from tests.api.worlds_machine_run import play_all


def test_no_sequence_on_sqlite_tells_the_worlds_apart() -> None:
    play_all("sqlite")
