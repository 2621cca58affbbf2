"""The form's text: golden in each language, words for every code, nothing forged into it, the page says the same."""

import re
import tomllib
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest

from app.consent.form import FormFacts, Wording, WordingError, contents, page, parse_wording, text_of
from app.consent.form.names import HEADINGS, SENTENCES
from app.consent.proposal import ClockOnForm, Proposal, RecipientOnForm, SubjectOnForm
from app.vocabulary import CaseEvent, CaseIdentifierType, ConsentKind, Element, Purpose, Role
from tests.core.broken_grounds import AGREEMENT, COUNSELLING, PROCEEDING, THROUGH
from tests.core.forms import CJS, JUDGE, NAMED, TPO, ZONE

TEXTS: Final = Path(__file__).parents[2] / "app" / "consent" / "texts"
GOLDEN: Final = Path(__file__).parent / "golden"
FILES: Final = {path.stem: path.read_text("utf-8") for path in sorted(TEXTS.glob("form-*.toml"))}
LANGUAGES: Final = ("en", "es")
CODED: Final = {
    "element": Element,
    "purpose": Purpose,
    "role": Role,
    "event": CaseEvent,
    "kind": ConsentKind,
    "case_type": CaseIdentifierType,
}
PARTS: Final = replace(
    CJS,
    recipients=(
        JUDGE,
        RecipientOnForm("adult-probation", "probation_officer", "ofc-12", elements=("attendance.sessions",)),
    ),
    elements=("enrolment.status", "attendance.summary", "attendance.sessions"),
    supersedes=("consent-1",),
)
LATER: Final = replace(
    NAMED,
    effective_from="2026-12-01",
    expiry=ClockOnForm("2027-06-30T14:00:00Z", "treatment_ended"),
    additional=True,
    time_zone="America/Chicago",
)
FORMS: Final = {"cjs_2_35": PARTS, "named_disclosure": LATER, "tpo": TPO}
NOT_THERE: Final = frozenset({("eu-gdpr-led", "named_disclosure"), ("unodc-generic", "agreement")})
"""A law and a kind that its profile does not have."""


def wording(language: str) -> Wording:
    """The first version of a language."""
    return parse_wording(FILES[f"form-{language}@1"])


def facts(proposal: Proposal, **changes: Any) -> FormFacts:
    """The facts of a form of Clinic A; in a case unless it names no referral."""
    bound = proposal.referral_id is not None
    known = FormFacts(
        consent="4f5c0a8e",
        proposal=proposal,
        discloser="Harbor Clinic",
        units={"treatment-court": "Treatment Court Part, Ellery Superior Court", "adult-probation": "Adult Unit"},
        case=(CaseIdentifierType.DOCKET, "CR-2026-0417") if bound else None,
        records_from=date(2026, 11, 2) if bound else None,
        revocation="from_clock" if proposal.kind == "cjs_2_35" else "any_time",
        time_zone=ZONE,
    )
    return replace(known, **changes)


def written(proposal: Proposal, language: str = "en", **changes: Any) -> str:
    """The text of a form."""
    spoken = wording(language)
    return text_of(spoken, *contents(facts(proposal, **changes), spoken)).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FORMS)
def test_golden(kind: str, language: str) -> None:
    """What is signed is reviewed word by word: a change of a text is a new version and a new golden file."""
    assert written(FORMS[kind], language) == (GOLDEN / f"{kind}-{language}.txt").read_text("utf-8")


def test_same_consent_same_bytes_and_hash() -> None:
    spoken = wording("en")
    one, other = (text_of(spoken, *contents(facts(PARTS), spoken)) for _ in range(2))
    assert one == other and one.hash == other.hash
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", one.hash)
    assert text_of(spoken, *contents(facts(LATER), spoken)).hash != one.hash


def test_there_are_the_languages_that_are_offered() -> None:
    assert {parse_wording(text).language for text in FILES.values()} == set(LANGUAGES)


def _without(text: str, table: str, name: str) -> str:
    """The wording with one line of one table taken out."""
    kept, inside = [], False
    for line in text.splitlines():
        inside = line == f"[{table}]" if line.startswith("[") else inside
        if not (inside and re.match(rf'"?{re.escape(name)}"? = ', line)):
            kept.append(line)
    assert len(kept) == len(text.splitlines()) - 1, name
    return "\n".join(kept)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_without_words_is_refused(language: str) -> None:
    """Every code, heading and sentence: so the first release with a new one fails here until it has words."""
    text = FILES[f"form-{language}@1"]
    wanted = {table: [code.value for code in codes] for table, codes in CODED.items()}
    for table, names in (wanted | {"heading": list(HEADINGS), "sentence": list(SENTENCES)}).items():
        assert set(tomllib.loads(text)[table]) == set(names)
        for name in names:
            with pytest.raises(WordingError, match=name.replace(".", r"\.")):
                parse_wording(_without(text, table, name))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{zone}", "{place}", "day_begins"),
        ('"January", ', "", "months"),
        ('judge = "judge"', 'judge = " "', "judge"),
        ('version = "1"', "", "version"),
    ],
)
def test_a_wording_that_fills_in_something_else_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(WordingError, match=told):
        parse_wording(FILES["form-en@1"].replace(old, new))


def test_each_recipient_has_its_own_part() -> None:
    first, second = written(PARTS).partition("Recipient 2:")[::2]
    said = wording("en").elements
    assert said[Element.ENROLMENT_STATUS] in first and said[Element.ENROLMENT_STATUS] not in second
    assert f"- {said[Element.ATTENDANCE_SESSIONS]}\n" in second
    assert f"- {said[Element.ATTENDANCE_SUMMARY]} (comes with the above)" in second
    assert "Only this member of its staff: ofc-12." in second


def test_nobody_adds_a_line_or_turns_a_word() -> None:
    """A rationale cannot end its own line, nor a name turn the words beside it around (UAX 9)."""
    forged = "Long.\n\n8. It is your choice\u2028You must sign.\x1b[2J"
    text = written(replace(PARTS, duration_rationale=forged, subject=SubjectOnForm("Maria \u202eLopez")))
    assert "\n8. It is your choice\nYou decide" in text and text.count("\n8. It is your choice") == 1
    assert "Why it lasts this long: Long. 8. It is your choice You must sign. [2J\n" in text
    assert "\nMaria Lopez\n" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FORMS)
def test_the_page_says_the_same_words_and_runs_nothing(kind: str, language: str) -> None:
    spoken = wording(language)
    mark = "<script>alert(1)</script>"
    made = facts(replace(FORMS[kind], subject=SubjectOnForm(f"{mark} & Co")))
    text = text_of(spoken, *contents(made, spoken))
    html = page(spoken, *contents(made, spoken), "/style.css")
    assert f'<html lang="{language}">' in html and "<script" not in html and mark in text.text
    shown = [unescape(one) for one in re.findall(r">([^<>]+)</(?:h1|h2|p|li|code)>", html)]
    assert shown == [line.removeprefix("- ") for line in text.text.splitlines() if line] + [text.hash]
    assert re.findall(r'(?:href|src|style|on\w+)="?([^"> ]*)', html) == ["/style.css"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-31", "It ends at the end of 31 March 2026 (time zone America/Chicago)."),
        ("2026-03-31T04:30:00Z", "It ends at 23:30:00 on 30 March 2026 (time zone America/Chicago, UTC-05:00)."),
        ("2026-11-01T06:30:00z", "It ends at 01:30:00 on 1 November 2026 (time zone America/Chicago, UTC-05:00)."),
        ("2026-11-01T07:30:00Z", "It ends at 01:30:00 on 1 November 2026 (time zone America/Chicago, UTC-06:00)."),
        ("2026-03-31T09:30:00.25+05:30", "It ends at 23:00:00.250000 on 30 March 2026"),
        ("none", "It has no last day. It ends when you take it back."),
    ],
)
def test_an_end_in_words(text: str, words: str) -> None:
    """Case 8: the last day is the clinic's own; an hour that comes twice is told apart by its offset."""
    assert f"\n{words}" in written(replace(TPO, expiry=ClockOnForm(text)))


OTHER: Final = {
    "proceeding": (PROCEEDING, "us-42cfr2"),
    "counselling_notes": (COUNSELLING, "us-42cfr2"),
    "agreement": (AGREEMENT, "eu-gdpr-led"),
    "tpo_through": (THROUGH, "us-42cfr2"),
    "named_disclosure_unodc": (LATER, "unodc-generic"),
    "tpo_eu": (TPO, "eu-gdpr-led"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", OTHER)
def test_golden_of_other_kinds_and_laws(kind: str, language: str) -> None:
    proposal, law = OTHER[kind]
    assert written(proposal, language, law=law) == (GOLDEN / f"{kind}-{language}.txt").read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_patient_is_told_of_another_countrys_law(language: str) -> None:
    """Under another profile a form names neither 42 CFR nor HIPAA, and under that of Part 2 no GDPR."""
    for proposal in (*FORMS.values(), *(form for form, _ in OTHER.values())):
        for law in ("eu-gdpr-led", "unodc-generic"):
            if proposal.kind in ("cjs_2_35", "proceeding") or (law, proposal.kind) in NOT_THERE:
                continue
            text = written(proposal, language, law=law)
            assert "CFR" not in text and "HIPAA" not in text, (law, proposal.kind)
        if proposal is not AGREEMENT:
            assert "GDPR" not in written(proposal, language) and "RGPD" not in written(proposal, language)


def test_a_wording_for_another_law_fills_in_the_same() -> None:
    text = FILES["form-en@1"]
    for old, new, told in (
        ("[under.eu-gdpr-led.sentence]\n", '[under.eu-gdpr-led.sentence]\ncase = "{number}"\n', "sentence.case"),
        ("[under.eu-gdpr-led.sentence]\n", '[under.eu-gdpr-led.sentence]\nmood = "x"\n', "mood"),
        ("[under.eu-gdpr-led.kind]\n", '[under.eu-gdpr-led.kind]\nmood = "x"\n', "mood"),
    ):
        with pytest.raises(WordingError, match=told):
            parse_wording(text.replace(old, new))
