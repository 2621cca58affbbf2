"""Statements about many patients at once, ``patient_0`` and so on; one that is left out is NULL and is nobody."""

from typing import Final

from sqlalchemy import BindParameter, bindparam

TOGETHER: Final = 50
"""Patients that one statement can name."""

PATIENTS: Final[list[BindParameter[str]]] = [bindparam(f"patient_{place}") for place in range(TOGETHER)]
