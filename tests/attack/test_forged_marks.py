"""Cursors, ETags and receipts that somebody made, altered or took from another: worth nothing.

Every list of the contract that gives a cursor is walked, each with a real cursor of its own.
"""

import base64
import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.api.contract import check, operation
from tests.attack import ground
from tests.attack.ground import Asked, asked_of
from tests.attack.marked import lists, marked, page
from tests.service import World, run

SAME_UNIT = {"c-court-treatment-judge": "c-court-treatment-court-team"}
SAME_UNIT["c-clinic-harbor-clinic-staff"] = "c-clinic-harbor-clinician"
OTHERWISE = {
    "read_treatment_statuses": {"case": "0" * 32, "purpose": "disposition_planning", "referral": "0" * 32},
    "read_assessments": {"case": "0" * 32, "purpose": "disposition_planning", "referral": "0" * 32},
    "list_referrals": {"status": "sent"},
    "list_transfers": {"direction": "received"},
    "list_disclosures": {"from": "2026-01-01", "kind": "treatment_status"},
    "list_reports_due": {"until": "2026-12-01"},
}
"""The same list asked with another filter: its cursor is of another question."""
ONE_PAGE = {"read_assessments"}
"""Lists that hold one standing item of a case and clinic, and so have a second page in larger worlds only."""


def _forged(cursor: str, chance: random.Random) -> Iterator[str]:
    """The cursor with any one bit turned, cut, lengthened, respelled; and such as are none at all."""
    raw = bytes.fromhex(cursor)
    for place in {0, 11, 12, len(raw) - 1, *(chance.randrange(len(raw)) for _ in range(20))}:
        yield (raw[:place] + bytes([raw[place] ^ 1 << chance.randrange(8)]) + raw[place + 1 :]).hex()
    yield from (cursor[:-1], cursor[:-2], cursor[:24], cursor[: len(cursor) // 2], cursor[2:], cursor + "00")
    yield from (cursor + cursor, cursor[::-1], "00" * len(raw), base64.b64encode(raw).decode().rstrip("="))
    yield from ("0", "-1", "1", "null", "[]", "' OR 1=1", "../../etc/passwd", "\u00e9", "%00")


async def _with(w: World, client: str, asked: Asked, cursor: str) -> httpx.Response:
    return await ground.send(w, client, replace(asked, query=asked.query | {"after": cursor}))


def _invalid(answer: httpx.Response) -> bool:
    codes = {error["code"] for error in answer.json().get("errors", ())}
    return answer.status_code == 422 and codes <= {"cursor_invalid", "parameter_invalid"} and bool(codes)


@run
async def test_every_list_gave_a_cursor_to_forge() -> None:
    """None of the lists is left out of the tests below."""
    async with marked() as m:
        assert {name for _, name in m.cursors} == set(lists()) - ONE_PAGE


@run
async def test_an_altered_cursor_is_none() -> None:
    """Any bit, any length, any spelling: refused as one, and nothing of it is repeated."""
    async with marked() as m:
        chance, counted, told = random.Random(7), 0, set()
        for (client, name), (asked, cursor) in m.cursors.items():
            method, template, _ = operation(name)
            assert (await _with(m.w, client, asked, cursor)).status_code == 200
            for forged in _forged(cursor, chance):
                answer = await _with(m.w, client, asked, forged)
                check(answer, method, template)
                assert _invalid(answer), f"{client} {name} {forged}: {answer.text[:200]}"
                told.add((answer.json()["errors"][0]["code"], answer.json()["errors"][0]["detail"]))
                counted += 1
        assert counted > 250 and len(told) == 2, told


@run
async def test_a_cursor_is_of_one_list_one_client_and_one_unit() -> None:
    """In another list, asked otherwise, by a colleague of the same unit, by another unit of the agency."""
    async with marked() as m:
        for (client, name), (asked, cursor) in m.cursors.items():
            for list_ in lists():
                if client in m.side.client(operation(list_)[2]) and list_ != name:
                    assert _invalid(await _with(m.w, client, page(list_, m.side), cursor)), f"{name} in {list_}"
            assert _invalid(await _with(m.w, SAME_UNIT[client], asked, cursor)), f"{client} {name}"
            mine = m.other.justice if client == m.side.justice else m.other.clinic
            for one in (asked, page(name, m.other)):
                answer = await _with(m.w, mine, one, cursor)
                assert _invalid(answer) or answer.status_code == 404, f"{mine} {name} {answer.status_code}"
            for parameter, value in OTHERWISE.get(name, {}).items():
                changed = replace(asked, query=asked.query | {parameter: value})
                answer = await _with(m.w, client, changed, cursor)
                assert _invalid(answer) or answer.status_code == 403, f"{name} {parameter} {answer.text}"


@run
async def test_only_the_readers_own_etag_saves_it_a_body() -> None:
    """Guessed, weak, starred, listed without end, another unit's: the whole answer, the same as without a condition."""
    async with marked() as m:
        reads = ("read_treatment_statuses", "read_assessments", "read_report", "show_referral", "list_events")
        theirs = [await ground.send(m.w, m.other.justice, asked_of(name, m.other)) for name in reads]
        for name, foreign in zip(reads, theirs, strict=True):
            asked = asked_of(name, m.side)
            await ground.send(m.w, m.side.justice, asked)
            plain = await ground.send(m.w, m.side.justice, asked)
            tag = plain.headers["etag"]
            guesses = (f"W/{tag}", tag.strip('"'), "*", '"*"', f"W/{tag.upper()}", foreign.headers["etag"], '""', ",")
            many = ", ".join(f'"{number:032x}"' for number in range(100))
            for guess in (*guesses, many, tag[:-2] + '"', f'"{tag}"', tag.replace('"', "'")):
                answer = await ground.send(m.w, m.side.justice, asked, If_None_Match=guess)
                assert (answer.status_code, answer.content) == (200, plain.content), f"{name} {guess}"
            for own in (tag, f'"x", {tag}'):
                assert (await ground.send(m.w, m.side.justice, asked, If_None_Match=own)).status_code == 304
            for header in ("If_Match", "If_Unmodified_Since", "If_Modified_Since", "If_Range"):
                for value in ("*", tag, '"x"', "Mon, 01 Jan 2035 00:00:00 GMT"):
                    answer = await ground.send(m.w, m.side.justice, asked, **{header: value})
                    assert (answer.status_code, answer.content) == (200, plain.content), f"{name} {header}"


@run
async def test_a_starred_or_guessed_etag_tells_a_hidden_case_from_none_by_nothing() -> None:
    """For a case of another unit as for one that never was, under every condition."""
    async with marked() as m:
        for name in ("read_treatment_statuses", "read_assessments"):
            asked = asked_of(name, m.other)
            own = await ground.send(m.w, m.side.justice, asked_of(name, m.side))
            for guess in ("*", own.headers["etag"], 'W/"0"'):
                hidden, none = [
                    await ground.send(
                        m.w,
                        m.side.justice,
                        replace(asked, query=asked.query | {"case": case_id}),
                        If_None_Match=guess,
                    )
                    for case_id in (m.other.known["case_id"], "f" * 32)
                ]
                assert (hidden.status_code, hidden.content, hidden.headers["etag"]) == (
                    none.status_code,
                    none.content,
                    none.headers["etag"],
                )


def _verified(jwks: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether the member ``signature`` is one over the rest, by RFC 8785 and RFC 8032 alone."""
    rest = {name: value for name, value in document.items() if name != "signature"}
    signature = document.get("signature", {})
    key = next((one for one in jwks["keys"] if one.get("kid") == signature.get("kid")), None)
    if key is None or key["kty"] != "OKP" or signature.get("alg") != "EdDSA":
        return False
    try:
        raw = base64.urlsafe_b64decode(signature["value"] + "==")
        Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "==")).verify(
            raw, orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)
        )
    except (ValueError, InvalidSignature):
        return False
    return True


def _altered(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each member changed, removed or added; the signature with each of some bits turned, another key, none."""
    for name in document:
        yield {key: value for key, value in document.items() if key != name}
        if name != "signature":
            text = json.dumps(document[name])
            yield document | {name: text[:-2] + "x" + text[-1:]}
    yield document | {"note": "and one word more"}
    raw = base64.urlsafe_b64decode(document["signature"]["value"] + "==")
    for place in range(0, len(raw), 5):
        changed = copy.deepcopy(document)
        turned = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        changed["signature"]["value"] = base64.urlsafe_b64encode(turned).decode().rstrip("=")
        yield changed
    for member, value in (("kid", "another"), ("alg", "none"), ("alg", "HS256"), ("value", "")):
        yield document | {"signature": document["signature"] | {member: value}}


@run
async def test_an_altered_receipt_or_answer_does_not_verify() -> None:
    """Checked by the published keys and two RFCs, with none of our code: the real one holds, each altered one fails."""
    async with marked() as m:
        jwks = (await m.w.http.get("/.well-known/jwks.json")).json()
        amendment = replace(asked_of("amend_referral", m.side), body={"urgency": "routine"})
        receipts = [
            (await ground.send(m.w, m.side.justice, asked)).json()["receipt"]
            for asked in (asked_of("send_referral", m.side), amendment)
        ]
        read = (await ground.send(m.w, m.side.justice, asked_of("read_treatment_statuses", m.side))).json()
        assert read["items"]
        for document in (*receipts, read):
            assert _verified(jwks, document)
            altered = list(_altered(document))
            assert len(altered) > 15 and not [one for one in altered if _verified(jwks, one)]
        assert not _verified(jwks, receipts[0] | {"signature": receipts[1]["signature"]})
