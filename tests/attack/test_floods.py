"""Bodies that are small on the wire and large to read: compressed, nested, repeated. Refused before they cost much."""

import gzip
import json
import time
import zlib
from collections.abc import Iterator

from tests.api.contract import check, operation
from tests.attack import ground
from tests.attack.ground import asked_of, guarded, settle
from tests.service import World, run, world

SECONDS = 2.0
"""Of the processor, for one body; a quadratic reader takes minutes."""
EVERY = {"arrays", "equal members", "half pairs"}
"""Texts that every route is sent; all of them go to the routes whose bodies differ most."""


BOMB = gzip.compress(b" " * 64_000_000, 1)
LARGEST = {"send_referral", "propose_consent", "file_treatment_statuses", "file_assessment"}


def _bodied() -> list[str]:
    return [name for name in guarded() if "application/json" in _content(name)]


def _content(name: str) -> dict[str, object]:
    content: dict[str, object] = operation(name)[2].get("requestBody", {}).get("content", {})
    return content


def _coded(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield from (("gzip", gzip.compress(body)), ("gzip", BOMB), ("x-gzip", BOMB), ("GZIP", BOMB))
    yield from (("deflate", zlib.compress(body)), ("br", body), ("zstd", body), ("compress", body))
    yield from (("gzip, gzip", gzip.compress(BOMB)), ("identity, gzip", BOMB), ("gzip;q=1", BOMB), ("unheard-of", body))


@run
async def test_a_coded_body_is_refused_on_every_route() -> None:
    """Nothing is decompressed: whatever the coding, sound or a bomb of 64 MB, 415."""
    async with world("sqlite") as w:
        side = await settle(w, ground.owner())
        counted = 0
        for name in _bodied():
            method, template, documented = operation(name)
            client = side.client(documented)[0]
            asked = asked_of(name, side)
            headers = {"Authorization": f"Bearer {await ground.token(w, client)}", "Content-Type": "application/json"}
            for coding, content in _coded(json.dumps(asked.body).encode()):
                sent = headers | {"Content-Encoding": coding}
                answer = await w.http.request(method, asked.path, content=content, headers=sent)
                check(answer, method, template)
                assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), (
                    f"{name} {coding}"
                )
                counted += 1
        assert counted > 200
        form = gzip.compress(b"grant_type=client_credentials")
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
        assert (await w.http.post("/oauth/token", content=form, headers=kind)).status_code == 400


def _deep() -> Iterator[tuple[str, bytes]]:
    """Texts of at most 256 KiB, the most that is read, each costly to a careless reader."""
    yield "arrays", b"[" * 250_000
    yield "closed arrays", b"[" * 120_000 + b"]" * 120_000
    yield "objects", b'{"a":' * 40_000 + b"1" + b"}" * 40_000
    yield "objects without an end", b'{"a":' * 50_000
    yield "members", b"{" + b",".join(b'"m%d":1' % number for number in range(24_000)) + b"}"
    yield "equal members", b"{" + b",".join(b'"case_id":1' for _ in range(20_000)) + b"}"
    yield "items", b"[" + b"0," * 120_000 + b"0]"
    yield "objects in items", b'{"items":[' + b"{}," * 80_000 + b"{}]}"
    yield "digits", b'{"a":' + b"9" * 250_000 + b"}"
    yield "digits after a point", b'{"a":0.' + b"1" * 250_000 + b"}"
    yield "exponents", b'{"a":1e' + b"9" * 250_000 + b"}"
    yield "escapes", b'{"a":"' + b"\\u0041" * 40_000 + b'"}'
    yield "half pairs", b'{"a":"' + b"\\ud800" * 40_000 + b'"}'
    yield "spaces", b" " * 250_000
    yield "a name", b'{"' + b"a" * 250_000 + b'":1}'
    yield "prototypes", b'{"__proto__":{"a":1},"constructor":{"prototype":{}},"\\u005f\\u005fproto__":1}'


@run
async def test_a_body_that_is_costly_to_read_is_refused_soon_on_every_route() -> None:
    """No 5xx, no long wait, and nothing of it in the answer, which stays small."""
    async with world("sqlite") as w:
        side = await settle(w, ground.owner())
        slowest = 0.0
        for name in _bodied():
            method, template, documented = operation(name)
            client = side.client(documented)[0]
            headers = {"Authorization": f"Bearer {await ground.token(w, client)}", "Content-Type": "application/json"}
            for told, content in _deep() if name in LARGEST else ((one, text) for one, text in _deep() if one in EVERY):
                begun = time.process_time()
                answer = await w.http.request(method, asked_of(name, side).path, content=content, headers=headers)
                slowest = max(slowest, time.process_time() - begun)
                check(answer, method, template)
                refused = answer.status_code in (400, 413, 422) or "results" in answer.json()
                assert refused and len(answer.content) < 300_000, f"{name} {told} {answer.status_code}"
        assert slowest < SECONDS


@run
async def test_a_body_of_any_length_beyond_the_limit_is_not_kept() -> None:
    """Announced or not: 413 as soon as it is too long."""
    async with world("sqlite") as w:
        side = await settle(w, ground.owner())
        for name in ("send_referral", "propose_consent", "file_treatment_statuses"):
            assert await _too_long(w, side.client(operation(name)[2])[0], operation(name)[1]) < 8_000_000


async def _too_long(w: World, client: str, path: str) -> int:
    """How many bytes of an endless body are taken."""
    taken = 0

    async def endless() -> object:
        nonlocal taken
        while True:
            taken += 65_536
            yield b" " * 65_536

    headers = {"Authorization": f"Bearer {await ground.token(w, client)}", "Content-Type": "application/json"}
    answer = await w.http.post(path, content=endless(), headers=headers)  # type: ignore[arg-type]  # an async generator
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    huge = headers | {"Content-Length": "9" * 18}
    assert (await w.http.post(path, content=b"{}", headers=huge)).status_code == 413
    return taken
