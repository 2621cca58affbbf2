"""Each reason has its sentence in each language and its section under each law: none is missing, none is left over."""

import pytest

from app.consent.reason import Reason
from app.consent.said import SAID, because, section_of
from app.consent.said.words import FRAMES
from app.vocabulary import ConsentKind

LAWS = ("us-42cfr2@1", "eu-gdpr-led@1", "unodc-generic@1", "us-42cfr2@1+us-ca@1", "")
BEGINS = ("42 CFR 2.", "domain rules ", "GDPR ", "LED ", "Tokyo Rules ", "International Standards ")


@pytest.mark.parametrize("language", SAID)
def test_every_reason_has_a_sentence_of_its_own(language: str) -> None:
    said = SAID[language]
    assert set(said) == set(Reason) and len(set(said.values())) == len(said)
    for reason in Reason:
        for frame in ("fell", "silent", "nothing"):
            sentence = because(language, frame, "attendance", reason)
            assert said[reason] in sentence and sentence[0].isupper() and sentence.endswith(".")


def test_the_languages_say_the_same_things_in_different_words() -> None:
    assert set(SAID) == set(FRAMES) == {"en", "es"}
    english, spanish = FRAMES["en"], FRAMES["es"]
    assert set(english) == set(spanish)
    assert not set(english.values()) & set(spanish.values())
    assert not set(SAID["en"].values()) & set(SAID["es"].values())
    for name, frame in english.items():
        assert ("{why}" in frame, "{what}" in frame) == ("{why}" in spanish[name], "{what}" in spanish[name])


@pytest.mark.parametrize("law", LAWS)
def test_every_reason_and_every_permission_has_its_section_under_every_law(law: str) -> None:
    sections = [section_of(reason, None, law) for reason in Reason]
    sections += [section_of(None, kind, law) for kind in ConsentKind]
    assert all(section.startswith(BEGINS) for section in sections)
    elsewhere = law.startswith(("eu", "unodc"))
    assert any(section.startswith("42 CFR") for section in sections) is not elsewhere


def test_a_court_order_is_cited_as_one() -> None:
    assert section_of(None, ConsentKind.COURT_ORDER, "us-42cfr2@1") == "42 CFR 2.61"
    assert section_of(None, ConsentKind.CJS_2_35, "us-42cfr2@1") != "42 CFR 2.61"
