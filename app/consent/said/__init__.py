"""Why a decision was made as it was, in words that a patient reads, with the section of the law behind each."""

from app.consent.said.sections import COVERED, section_of
from app.consent.said.words import SAID, Said, because

__all__ = ["COVERED", "SAID", "Said", "because", "section_of"]
