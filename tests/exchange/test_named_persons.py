"""A person on a form is exactly a text that ``Acting-User`` can carry."""

from hypothesis import example, given
from hypothesis import strategies as st

from app.consent.creation.parties import STAFF_ID
from app.errors import Invalid
from app.exchange.authenticate import _acting


@given(st.text(st.characters(max_codepoint=0x17F), max_size=70))
@example("jdg-8")
@example("Judge Roe")
@example("x" * 64)
@example("x" * 65)
@example('n"1')
@example("n\\1")
@example("n1\n")
def test_what_the_form_takes_is_what_the_header_can_say(person: str) -> None:
    try:
        told = _acting(f'"{person}"')[0]
    except Invalid:
        told = None
    assert (STAFF_ID.fullmatch(person) is not None) == (told == person)
