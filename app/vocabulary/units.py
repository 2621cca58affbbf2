"""What a clinic or prison health unit says of itself (design 5): typed in by its staff, never computed."""

from enum import StrEnum
from typing import Final


class UnitCapacity(StrEnum):
    """Whether new patients are taken."""

    OPEN = "open"
    LIMITED = "limited"
    FULL = "full"


class WaitingTime(StrEnum):
    """How long a new patient waits for the first appointment; a band, so that no single patient moves it."""

    NONE = "none"
    UNDER_2_WEEKS = "under_2_weeks"
    TWO_TO_4_WEEKS = "2_to_4_weeks"
    ONE_TO_3_MONTHS = "1_to_3_months"
    OVER_3_MONTHS = "over_3_months"
    CLOSED_LIST = "closed_list"


_ISO_639_1: Final = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_ISO_639_3: Final = "ase bfi cmn csn fsl gsg hmn prs rmy ssp yue"

LANGUAGES: Final = frozenset([*_ISO_639_1.split(), *_ISO_639_3.split()])
"""Languages in which a service can be given: ISO 639-1, and of ISO 639-3 sign languages and some that it lacks."""
