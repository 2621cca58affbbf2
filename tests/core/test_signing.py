"""Signatures: what is wrong with them, what is still to come, and from when a consent is in force (domain 5.2, 5.3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from app.consent.local_time import micros
from app.consent.proposal import Proposal
from app.consent.signature import (
    CapacityOnForm,
    NoticeGiven,
    PressureDeclaration,
    Signature,
    SignedForm,
    Signing,
    merge,
)
from app.consent.signing import SigningFacts, effective_from, flaws_of_signing, still_missing
from app.consent.signing.sentences import SENTENCES
from app.vocabulary import AgencyKind
from app.vocabulary.lifecycle import AuthorityScope, Capacity, SignatureMethod, SignatureRole
from tests.core.forms import CJS, NOW, TPO, ZONE, cjs

AT: Final = datetime(2026, 11, 24, 14, tzinfo=UTC)
LATER: Final = datetime(2026, 11, 24, 15, 0, 5, 1, tzinfo=UTC)
"""Just beyond what two clocks may differ."""
HASH: Final = "sha256:" + "0aF9" * 16
UNITS: Final = {"diversion": AgencyKind.POLICE, "jail": AgencyKind.CUSTODY, "clinic-a": AgencyKind.CLINIC}
FACTS: Final = SigningFacts(NOW, ZONE, UNITS)
CAN, CANNOT = Capacity.ASSESSED_HAS, Capacity.IMPAIRED
R: Final = SignatureRole


def sign(role: SignatureRole = R.PATIENT, **changes: Any) -> Signature:
    """A sound signature but for the changes."""
    return replace(Signature(role, "Somebody", SignatureMethod.WET, AT, HASH), **changes)


def capacity(status: Capacity, at: datetime = AT) -> CapacityOnForm:
    """An assessment by the same clinician."""
    return CapacityOnForm(status, "Dr. Osei", at)


def signing(*signatures: Signature, **changes: Any) -> Signing:
    """Everything that a consent needs, signed by the patient unless said otherwise, but for the changes."""
    notice = NoticeGiven("2026-02", AT, "en-US")
    return replace(Signing(signatures or (sign(),), capacity(CAN), notice, AT), **changes)


GUARDIAN: Final = sign(R.GUARDIAN, authority_ref="order 12/2026")
OF_MONEY: Final = sign(R.GUARDIAN, authority_ref="order 12/2026", authority_scope=AuthorityScope.PROPERTY)
LACKING: Final = capacity(Capacity.ADJUDICATED_LACKING)
SPANISH: Final = NoticeGiven("2026-02", AT, "es")
INTERPRETED: Final = {"interpreter": "Ana Ruiz", "interpreter_language": "es"}
MARKED: Final = sign(method=SignatureMethod.MARK)
UNFIT: Final = Capacity.INTOXICATED_OR_WITHDRAWAL
HOUR: Final = timedelta(hours=1)
SPANISH_FORM: Final = SignedForm("es", "1", HASH)
PAYMENT: Final = replace(TPO, purposes=("payment",))
FREE, PRESSED = PressureDeclaration(True, True), PressureDeclaration(False, True)

SOUND: Final[dict[str, tuple[Signing, Proposal]]] = {
    "patient alone": (signing(), CJS),
    "nothing yet": (Signing(), CJS),
    "patient and guardian": (signing(sign(), GUARDIAN), CJS),
    "guardian first": (signing(GUARDIAN), CJS),
    "guardian of one whom a court found unable": (signing(GUARDIAN, capacity=LACKING), CJS),
    "the director, to payment alone": (signing(sign(R.DIRECTOR), capacity=capacity(CANNOT)), PAYMENT),
    "unable, and the director is still to sign": (Signing(capacity=capacity(CANNOT)), PAYMENT),
    "that finding first": (Signing(capacity=LACKING), CJS),
    "mark, witnessed by the clinic": (
        signing(sign(method=SignatureMethod.MARK), sign(R.WITNESS, unit="clinic-a")),
        CJS,
    ),
    "another language, with an interpreter": (signing(notice_given=SPANISH, interpreter="Ana Ruiz"), CJS),
    "another language, interpreter signs": (signing(sign(), sign(R.INTERPRETER), notice_given=SPANISH), CJS),
    "found unfit, nobody signed": (Signing(capacity=capacity(UNFIT)), CJS),
    "form of the consent's language": (signing(form=SignedForm("en-GB", "1", HASH)), CJS),
    "form of another language, interpreted": (signing(form=SPANISH_FORM, **INTERPRETED), CJS),
    "told to be free": (signing(pressure_declaration=FREE), CJS),
    "treatment with those who treat depends on sharing": (signing(pressure_declaration=PRESSED), TPO),
    "begins on the day of signing": (signing(), cjs(effective_from="2026-11-24")),
    "begins at the moment of signing": (signing(), cjs(effective_from="2026-11-24T14:00:00Z")),
}

Row = tuple[str, str, Signing, Proposal]
ROWS: Final[tuple[Row, ...]] = (
    ("signed_in_future", "/signatures/0/signed_at", signing(sign(signed_at=LATER)), CJS),
    ("signed_in_future", "/capacity/at", signing(capacity=capacity(CAN, LATER)), CJS),
    ("signed_in_future", "/notice_given/at", signing(notice_given=NoticeGiven("2026-02", LATER, "en")), CJS),
    ("signed_in_future", "/copy_given_at", signing(copy_given_at=LATER), CJS),
    ("backdated_effective_from", "/signatures/0/signed_at", signing(), cjs(effective_from="2026-11-23")),
    ("backdated_effective_from", "/signatures/0/signed_at", signing(), cjs(effective_from="2026-11-24T13:59:59Z")),
    ("evidence_hash_invalid", "/signatures/0/evidence_hash", signing(sign(evidence_hash=HASH[:-1])), CJS),
    ("evidence_hash_invalid", "/signatures/0/evidence_hash", signing(sign(evidence_hash=HASH + "\n")), CJS),
    ("evidence_hash_invalid", "/signatures/0/evidence_hash", signing(sign(evidence_hash="md5:" + HASH[7:])), CJS),
    ("witness_conflict", "/signatures/1/unit", signing(sign(), sign(R.WITNESS, unit="treatment-court")), CJS),
    ("witness_conflict", "/signatures/1/unit", signing(sign(), sign(R.WITNESS, unit="diversion")), CJS),
    ("witness_conflict", "/signatures/1/unit", signing(sign(), sign(R.INTERPRETER, unit="jail")), CJS),
    *(
        ("capacity_not_established", "/capacity/status", signing(capacity=capacity(status)), CJS)
        for status in (CANNOT, Capacity.INTOXICATED_OR_WITHDRAWAL, Capacity.ADJUDICATED_LACKING)
    ),
    ("capacity_not_established", "/capacity/status", Signing(capacity=capacity(CANNOT)), CJS),
    ("no_valid_consenter", "/signatures/0/role", signing(GUARDIAN, capacity=capacity(CANNOT)), CJS),
    ("no_valid_consenter", "/signatures/0/role", signing(sign(R.PARENT)), CJS),
    ("no_valid_consenter", "/signatures/0/role", signing(sign(R.GUARDIAN, authority_ref=" "), capacity=LACKING), CJS),
    ("no_valid_consenter", "/signatures/0/role", signing(sign(R.DIRECTOR), capacity=capacity(CANNOT)), CJS),
    ("no_valid_consenter", "/signatures/0/role", signing(sign(R.DIRECTOR), capacity=capacity(CANNOT)), TPO),
    ("no_valid_consenter", "/signatures/1/role", signing(sign(), sign(R.SPOUSE, authority_ref="x")), CJS),
    ("no_valid_consenter", "/signatures/0/role", signing(OF_MONEY, capacity=LACKING), CJS),
    ("representative_authority_missing", "/signatures/1/authority_ref", signing(GUARDIAN, OF_MONEY), CJS),
    ("representative_authority_missing", "/signatures/1/authority_ref", signing(sign(), sign(R.PARENT)), CJS),
    ("language_mismatch", "/notice_given/language", signing(notice_given=SPANISH), CJS),
    ("language_mismatch", "/form/language", signing(form=SPANISH_FORM), CJS),
    ("interpreter_missing", "/interpreter_language", signing(interpreter_language="es"), CJS),
    (
        "interpreter_language_malformed",
        "/interpreter_language",
        signing(interpreter="Ana Ruiz", interpreter_language="Spanish, I think"),
        CJS,
    ),
    (
        "consent_not_voluntary",
        "/pressure_declaration/treatment_not_dependent",
        signing(pressure_declaration=PRESSED),
        CJS,
    ),
)


@pytest.mark.parametrize("name", SOUND)
def test_sound_signing_has_no_flaw(name: str) -> None:
    assert flaws_of_signing(*SOUND[name], FACTS) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_one_thing_wrong_is_that_flaw_at_that_place(row: Row) -> None:
    code, pointer, signed, proposal = row
    (found,) = flaws_of_signing(signed, proposal, FACTS)
    assert (found.code, found.pointer) == (code, pointer)
    assert found.section.startswith("42 CFR 2.") and found.detail.endswith(".")


def test_every_code_has_its_row() -> None:
    elsewhere = {"reoffer_too_early", "signature_set_incomplete", "patient_notice_missing", "attestation_missing"}
    assert {row[0] for row in ROWS} | elsewhere == set(SENTENCES)


@pytest.mark.parametrize(
    ("assessed", "signed", "places"),
    [
        (AT - 2 * HOUR, AT - 2 * HOUR, []),
        (AT - HOUR, AT - HOUR, ["/capacity/at", "/signatures/0/signed_at"]),
        (AT, AT, ["/capacity/at", "/signatures/0/signed_at"]),
        (AT, AT + 2 * HOUR, ["/capacity/at"]),
        (AT + 2 * HOUR - timedelta(microseconds=1), AT + 2 * HOUR, ["/capacity/at"]),
        (AT + 2 * HOUR, AT + 2 * HOUR, []),
    ],
)
def test_who_was_found_unfit_is_asked_again_and_not_at_once(
    assessed: datetime, signed: datetime, places: list[str]
) -> None:
    """Found unfit an hour before, three hours to wait: nothing of that time counts, a witness aside."""
    facts = replace(FACTS, now=NOW + 3 * micros(AT + HOUR) - 3 * micros(AT))
    facts = replace(facts, unfit=(micros(AT - HOUR),), reoffer=3 * (micros(AT + HOUR) - micros(AT)))
    whole = signing(sign(signed_at=signed), sign(R.WITNESS), capacity=capacity(CAN, assessed))
    found = flaws_of_signing(whole, CJS, facts)
    assert [(each.code, each.pointer) for each in found] == [("reoffer_too_early", place) for place in places]


def test_all_flaws_at_once() -> None:
    officer = sign(R.WITNESS, unit="diversion", evidence_hash="none", signed_at=LATER)
    found = flaws_of_signing(signing(sign(), officer, notice_given=SPANISH, capacity=capacity(CANNOT)), CJS, FACTS)
    assert [each.code for each in found] == [
        "capacity_not_established",
        "language_mismatch",
        "signed_in_future",
        "evidence_hash_invalid",
        "witness_conflict",
    ]


def test_pointers_are_into_the_body_of_this_call() -> None:
    """The patient signed in an earlier call; this one brings a parent without papers, with a bad hash."""
    merged = merge([signing(), Signing((sign(R.PARENT, evidence_hash=""),))])
    found = flaws_of_signing(merged, CJS, replace(FACTS, stored=1))
    assert [(each.code, each.pointer) for each in found] == [
        ("representative_authority_missing", "/signatures/0/authority_ref"),
        ("evidence_hash_invalid", "/signatures/0/evidence_hash"),
    ]


ALL_MISSING: Final = ["patient_signature", "capacity", "patient_notice", "copy_given"]


@pytest.mark.parametrize(
    ("signed", "missing"),
    [
        (signing(), []),
        (Signing(), ALL_MISSING),
        (signing(GUARDIAN), ["patient_signature"]),
        (signing(sign(R.WITNESS)), ["patient_signature"]),
        (signing(GUARDIAN, capacity=LACKING), []),
        (signing(sign(), capacity=LACKING), ["representative_signature"]),
        (signing(OF_MONEY, capacity=LACKING), ["representative_signature"]),
        (signing(sign(R.WITNESS), capacity=capacity(CANNOT)), ["director_signature"]),
        (signing(sign(R.DIRECTOR), capacity=capacity(CANNOT)), []),
        (signing(sign(R.GUARDIAN), capacity=LACKING), ["representative_signature"]),
        (signing(MARKED), ["witness", "read_aloud"]),
        (signing(MARKED, sign(R.INTERPRETER)), ["witness", "read_aloud", "interpreter_language"]),
        (signing(MARKED, sign(R.WITNESS)), ["read_aloud"]),
        (signing(MARKED, sign(R.WITNESS), read_aloud=True), []),
        (signing(capacity=capacity(UNFIT)), ["capacity"]),
        (signing(capacity=None), ["capacity"]),
        (signing(notice_given=None), ["patient_notice"]),
        (signing(notice_given=SPANISH), ["patient_notice"]),
        (signing(notice_given=SPANISH, interpreter="Ana Ruiz"), ["interpreter_language"]),
        (signing(notice_given=SPANISH, **INTERPRETED), []),
        (signing(copy_given_at=None), ["copy_given"]),
        (signing(sign(signed_at=LATER), copy_given_at=LATER), ["patient_signature", "copy_given"]),
    ],
)
def test_still_missing(signed: Signing, missing: list[str]) -> None:
    assert still_missing(signed, CJS, NOW) == missing


@pytest.mark.parametrize(
    ("told", "missing"),
    [(FREE, []), *((told, ["pressure_declaration"]) for told in (None, PRESSED, PressureDeclaration(True, False)))],
)
def test_a_profile_may_ask_for_the_declaration(told: PressureDeclaration | None, missing: list[str]) -> None:
    """That the patient was told to be free: kept where it is given, needed only where the profile says so."""
    signed = signing(pressure_declaration=told)
    assert still_missing(signed, CJS, NOW, voluntariness=True) == missing
    assert still_missing(signed, CJS, NOW) == []


def test_what_was_dated_later_has_come_by_then() -> None:
    signed = signing(sign(signed_at=LATER), capacity=capacity(CAN, LATER), copy_given_at=LATER)
    assert still_missing(signed, CJS, NOW) == ["patient_signature", "capacity", "copy_given"]
    assert still_missing(signed, CJS, NOW + 1) == []


def test_calls_add_up_and_the_latest_word_counts() -> None:
    first = Signing((sign(),), capacity(CANNOT), None, None, ("risks",), "Ana Ruiz", True)
    second = Signing((sign(R.WITNESS),), capacity(CAN), SPANISH, AT, (), None, False, "es", FREE, SPANISH_FORM)
    both = Signing((sign(), sign(R.WITNESS)), capacity(CAN), SPANISH, AT, ("risks",), "Ana Ruiz", True, "es", FREE)
    both = replace(both, form=SPANISH_FORM)
    assert merge([first, second]) == both
    assert merge([first]) == first
    assert merge([]) == Signing()


@pytest.mark.parametrize(
    ("stated", "zone", "expected"),
    [
        (None, None, AT),
        ("2026-11-24", None, AT),
        ("2026-11-25", None, datetime(2026, 11, 25, 6, tzinfo=UTC)),
        ("2026-11-25", "Asia/Tokyo", datetime(2026, 11, 24, 15, tzinfo=UTC)),
        ("2026-12-01T00:00:00Z", None, datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
def test_in_force_from_signature_or_stated_start(stated: str | None, zone: str | None, expected: datetime) -> None:
    proposal = cjs(effective_from=stated, time_zone=zone)
    assert effective_from(signing(), proposal, ZONE) == micros(expected)


def test_last_consenting_signature_counts_and_a_witness_does_not() -> None:
    hour = timedelta(hours=1)
    guardian = replace(GUARDIAN, signed_at=AT + hour)
    witness = sign(R.WITNESS, signed_at=AT + 2 * hour)
    assert effective_from(signing(sign(), guardian, witness), CJS, ZONE) == micros(AT + hour)
    with pytest.raises(ValueError):
        effective_from(signing(witness), CJS, ZONE)
