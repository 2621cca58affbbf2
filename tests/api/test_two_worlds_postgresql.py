"""The two worlds as a machine on PostgreSQL: sequences that Hypothesis makes up."""

from tests.api.worlds_machine_run import play_all


def test_no_sequence_on_postgresql_tells_the_worlds_apart() -> None:
    play_all("postgresql")
