"""Messages: every field is marked, the marks and the derivations name the same elements, the notice is exact."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

import pytest

from app.messages.assessment import Assessment
from app.messages.marks import ENVELOPE, Unmarked, elements_of, message
from app.messages.referral import Referral
from app.messages.response import ReferralResponse
from app.messages.treatment_status import TreatmentStatus
from app.vocabulary import OUTBOUND, Element, MessageKind
from tests.core.texts import NOTICE


def test_an_unmarked_field_fails_at_import() -> None:
    with pytest.raises(Unmarked, match="note has no element"):

        @message
        @dataclass(frozen=True)
        class Careless:
            patient_id: Annotated[str, ENVELOPE]
            note: str


def test_a_field_of_a_clinic_message_is_an_element_that_its_kind_may_state() -> None:
    kinds = {
        ReferralResponse: MessageKind.REFERRAL,
        Assessment: MessageKind.ASSESSMENT,
        TreatmentStatus: MessageKind.TREATMENT_STATUS,
    }
    for cls, kind in kinds.items():
        assert set(elements_of(cls).values()) <= OUTBOUND[kind]


def test_a_referral_from_justice_states_nothing_that_a_clinic_states() -> None:
    inward = set(elements_of(Referral).values())
    assert not inward & frozenset().union(*OUTBOUND.values())
    assert {element.value.partition(".")[0] for element in inward} == {"identity", "legal", "referral"}
    assert Element.REFERRAL_REQUEST in inward


def test_the_notice_is_statement_1_of_42_cfr_2_32_to_the_letter() -> None:
    """Golden text: the 2024 wording, not the one that many public forms still carry."""
    assert NOTICE.startswith(
        "This record which has been disclosed to you is protected by Federal confidentiality rules"
    )
    assert NOTICE.endswith("(see 42 CFR 2.31).")
    assert "criminally investigate or prosecute" not in NOTICE
    assert hashlib.sha256(" ".join(NOTICE.split()).encode()).hexdigest() == GOLDEN


GOLDEN = "d82205a18044f9f45776343d91e26d8ddb44bf13e136af169ec73d755facd9a8"
