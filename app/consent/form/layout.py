"""One form, two faces: the canonical text, whose bytes are hashed, and a page that says the same words."""

import hashlib
from dataclasses import dataclass
from html import escape
from unicodedata import category

from app.consent.form.wording import Wording

_BIDIRECTIONAL = frozenset(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or one item of a list."""

    words: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and what stands under it."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class FormText:
    """The form in one language: what the patient is shown or signs."""

    language: str
    form_version: str
    text: str

    @property
    def hash(self) -> str:
        """``sha256:`` and the 64 hex digits of the UTF-8 bytes of the text."""
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()}"


def plain(words: str) -> str:
    """One line of what is filled in: whoever typed it can add no line of their own and turn no word around."""
    seen = (" " if category(letter) == "Cc" else letter for letter in words if letter not in _BIDIRECTIONAL)
    return " ".join("".join(seen).split())


def text_of(wording: Wording, parts: tuple[Part, ...], footer: str) -> FormText:
    """The canonical text: a blank line between parts, ``- `` before an item of a list, one newline at its end."""
    blocks = [wording.headings["title"]]
    for part in parts:
        blocks.append("\n".join([part.heading, *(f"- {one.words}" if one.listed else one.words for one in part.lines)]))
    return FormText(wording.language, wording.version, "\n\n".join([*blocks, footer]) + "\n")


def page(wording: Wording, parts: tuple[Part, ...], footer: str, style: str) -> str:
    """The same words as HTML for the printer: everything escaped, no script, one style sheet by its address."""
    title = escape(wording.headings["title"])
    mark = text_of(wording, parts, footer).hash
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{escape(wording.language)}">',
            f'<head><meta charset="utf-8"><title>{title}</title>',
            f'<link rel="stylesheet" href="{escape(style)}"></head>',
            f"<body><main><h1>{title}</h1>",
            *(f"<section><h2>{escape(part.heading)}</h2>{_inside(part.lines)}</section>" for part in parts),
            f"</main><footer><p>{escape(footer)}</p><p><code>{mark}</code></p></footer></body>",
            "</html>\n",
        )
    )


def _inside(lines: tuple[Line, ...]) -> str:
    found, listing = [], False
    for line in lines:
        if line.listed is not listing:
            found.append("<ul>" if line.listed else "</ul>")
            listing = line.listed
        found.append(f"<li>{escape(line.words)}</li>" if line.listed else f"<p>{escape(line.words)}</p>")
    return "".join([*found, "</ul>" if listing else ""])
