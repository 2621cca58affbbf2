"""The consent form as it is printed or shown: one text a language, its hash, a page (42 CFR 2.31(a)). Pure."""

from app.consent.form.contents import contents
from app.consent.form.facts import FormFacts
from app.consent.form.layout import FormText, page, text_of
from app.consent.form.wording import Wording, WordingError, parse_wording

__all__ = ["FormFacts", "FormText", "Wording", "WordingError", "contents", "page", "parse_wording", "text_of"]
