"""The text of a consent as it is printed, shown and signed: one a language and version, each with its hash."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.consent.form import FormFacts, Wording, contents, page, parse_wording, text_of
from app.consent.laws import PART_2, law_of
from app.consent.signature import SignedForm
from app.errors import Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.consent_words import first_day, frozen_names, proposal_of
from app.exchange.consents import own, signing_of
from app.exchange.hub import Hub
from app.exchange.unit import Committed, read
from app.storage import referrals
from app.storage.database import Reader, Row
from app.vocabulary import CaseIdentifierType, ConsentKind

_TEXTS: Final = Path(__file__).parents[1] / "consent" / "texts"


@cache
def wordings() -> Mapping[str, tuple[Wording, ...]]:
    """Language -> its wordings, oldest first: what was signed is shown again in the version that was signed."""
    found: dict[str, list[Wording]] = {}
    for path in sorted(_TEXTS.glob("form-*@*.toml")):
        wording = parse_wording(path.read_text(encoding="utf-8"))
        found.setdefault(wording.language, []).append(wording)
    return {name: tuple(sorted(versions, key=lambda one: int(one.version))) for name, versions in found.items()}


def spoken(language: str) -> tuple[Wording, ...]:
    """The wordings of a language.

    Raises:
        Invalid: there is none; the flaw names those that there are.
    """
    if language not in wordings():
        raise Invalid((_unknown_language(""),))
    return wordings()[language]


async def show(hub: Hub, caller: Caller, consent: str, language: str) -> Committed[dict[str, Any]]:
    """The text with its hash; NotFound for a consent of another clinic."""
    versions = spoken(language)

    async def flow(reader: Reader) -> dict[str, Any]:
        facts, wording = await _chosen(hub, caller, reader, consent, versions)
        text = text_of(wording, *contents(facts, wording))
        return {
            "consent_id": consent,
            "language": text.language,
            "form_version": text.form_version,
            "text": text.text,
            "hash": text.hash,
        }

    return await read(hub, flow)


async def printed(hub: Hub, caller: Caller, consent: str, language: str, style: str) -> Committed[str]:
    """The same as a page to print, with the address of its style sheet."""
    versions = spoken(language)

    async def flow(reader: Reader) -> str:
        facts, wording = await _chosen(hub, caller, reader, consent, versions)
        return page(wording, *contents(facts, wording), style)

    return await read(hub, flow)


async def flaws_of_form(
    hub: Hub, caller: Caller, reader: Reader, row: Row, signed: SignedForm | None
) -> tuple[Flaw, ...]:
    """Whether what was signed is the text of this consent (42 CFR 2.31(c)(4); domain rules 6, case 74)."""
    if signed is None:
        return ()
    if signed.language not in wordings():
        return (_unknown_language("/form/language"),)
    facts = await _facts(hub, caller, reader, row)
    texts = [text_of(wording, *contents(facts, wording)) for wording in wordings()[signed.language]]
    if any((text.form_version, text.hash) == (signed.form_version, signed.hash.lower()) for text in texts):
        return ()
    detail = "What was signed is not the text of this consent. Print its form anew and have that signed."
    return (Flaw("/form/hash", "form_hash_mismatch", detail, "42 CFR 2.31(c)(4)"),)


async def _chosen(
    hub: Hub, caller: Caller, reader: Reader, consent: str, versions: tuple[Wording, ...]
) -> tuple[FormFacts, Wording]:
    row = await own(reader, caller, consent)
    signed = (await signing_of(hub, reader, consent)).form
    of_signature = [one for one in versions if signed is not None and _is(one, signed)]
    return await _facts(hub, caller, reader, row), (of_signature or list(versions))[-1]


def _is(wording: Wording, signed: SignedForm) -> bool:
    return (wording.language, wording.version) == (signed.language, signed.form_version)


async def _facts(hub: Hub, caller: Caller, reader: Reader, row: Row) -> FormFacts:
    proposal, names = proposal_of(hub, row), await frozen_names(hub, reader, caller, row)
    referral = await reader.one(referrals.RECEIVED, referral=row["referral_id"] or "", unit=caller.unit)
    first, profile = first_day(proposal, referral), names.profile or caller.profile
    return FormFacts(
        consent=row["id"],
        proposal=proposal,
        discloser=names.discloser,
        units=names.units,
        case=_case(hub, referral) if referral is not None else None,
        records_from=date.fromordinal(first) if first > 0 else None,
        revocation=hub.profiles[profile].kinds[ConsentKind(proposal.kind)].revocation,
        time_zone=names.time_zone,
        law=law_of(profile) if names.profile else PART_2,
    )


def _case(hub: Hub, referral: Row) -> tuple[CaseIdentifierType, str]:
    stored: Any = hub.vault.open(referral["sealed"], "referral", referral["id"])
    type_, value = stored["case"]
    return CaseIdentifierType(type_), value


def _unknown_language(pointer: str) -> Flaw:
    detail = f"The form has been written in {', '.join(sorted(wordings()))}."
    return Flaw(pointer, "form_language_unknown", detail)
