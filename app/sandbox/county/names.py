"""Names that nobody bears: every surname is put together from two invented halves (domain rules 6, case 87).

With the record number ``SYN-…`` and the identifier system below, a synthetic person can be told from a real one by
whoever meets one, in a database as on a screen.
"""

from datetime import date, timedelta
from typing import Final

GIVEN: Final = (
    "Alby", "Brisa", "Corin", "Delta", "Ember", "Fenn", "Galen", "Haven", "Indra", "Juniper", "Kit", "Lumen", "Marlo",
    "Nova", "Onyx", "Piper", "Quill", "Reed", "Sable", "Teal", "Umber", "Vesper", "Wren", "Xan", "Yarrow", "Zephyr",
)  # fmt: skip
_FIRST: Final = (
    "Ald", "Brem", "Cald", "Dorv", "Elms", "Farn", "Grelm", "Hask", "Iver", "Jorm", "Kelv",
    "Lorn", "Merv", "Nolt", "Orst", "Pell", "Quar", "Rusk", "Svel", "Tarn", "Vond",
)  # fmt: skip
_SECOND: Final = (
    "abrook", "ebramble", "ocliff", "udell", "afern", "egrove", "oheath", "uholt", "akiln", "emarsh",
    "omere", "unook", "apike", "equarry", "oridge", "ushaw", "athicket", "evale", "oweir",
)  # fmt: skip
SURNAMES: Final = tuple(first + second for second in _SECOND for first in _FIRST)
RECORD: Final = "SYN-"
"""How the clinic's own number of a synthetic patient begins."""
SYSTEM: Final = "https://throughcare.example/synthetic"
"""The identifier system of everything that the county sends."""
_BIRTHS: Final = 16_000
_FIRST_BIRTH: Final = date(1958, 1, 1)


def surname(number: int) -> str:
    """The surname of the person of this number."""
    return SURNAMES[number % len(SURNAMES)]


def birth_date(number: int) -> date:
    """A birth date from 1958 to 2001. 16,000 and 399 have no common divisor: no two of 6 million people share both."""
    return _FIRST_BIRTH + timedelta(days=number * 7919 % _BIRTHS)


def is_synthetic(sur_name: str, local_id: str) -> bool:
    """Whether a patient record is one of the county's."""
    return sur_name in SURNAMES and local_id.startswith(RECORD)
