"""Values pass to PostgreSQL as the text of arrays: whatever stands in them comes out as it went in."""

from hypothesis import given
from hypothesis import strategies as st
from psycopg import connect
from psycopg.rows import scalar_row

from app.storage.hot import array
from tests.service import cluster

AWKWARD = (
    "",
    "NULL",
    "null",
    '"',
    "\\",
    "\\\\",
    '\\"',
    '","',
    ",",
    "{",
    "}",
    "{}",
    " ",
    "\n",
    "é",
    "p:a:u-b",
    "\\x00ff",
)
WORDS = st.lists(st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(codec="utf-8", exclude_characters="\0"))))


def test_text_and_numbers_come_back() -> None:
    with connect(cluster().url("postgres"), autocommit=True, row_factory=scalar_row) as server:

        @given(WORDS, st.lists(st.integers(-(2**63), 2**63 - 1)))
        def check(words: list[str], numbers: list[int]) -> None:
            assert server.execute("SELECT %s::text::text[]", [array(words)]).fetchone() == words
            assert server.execute("SELECT %s::text::bigint[]", [array(numbers)]).fetchone() == numbers

        check()
