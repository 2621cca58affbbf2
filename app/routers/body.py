"""Request bodies: bytes, then text, then types; each refuses on its own, and none repeats what was sent."""

from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from app.errors import Flaw, Invalid
from app.routers import json_text
from app.routers.refusals import BadRequest, TooLarge, Unsupported
from app.routers.type_flaws import flaws_of, instants, named

T = TypeVar("T")

MAX_BYTES: Final = 262_144
JSON: Final = "application/json"
_UTF_8: Final = frozenset({"", "charset=utf-8", 'charset="utf-8"'})


async def read_body(request: Request, adapter: TypeAdapter[T]) -> T:
    """The body as a value of the adapter's type; its bytes stay in ``request.state.raw_body``.

    Raises:
        Unsupported, TooLarge, BadRequest: it is no JSON that is read here.
        Invalid: with every flaw at once, as far as they can be told.
    """
    return decode(await read_bytes(request, JSON), adapter)


async def read_bytes(request: Request, media_type: str, limit: int = MAX_BYTES) -> bytes:
    """The body's bytes, at most ``limit`` of them; they stay in ``request.state.raw_body``.

    Raises:
        Unsupported: another media type, another charset than UTF-8, a coding.
        TooLarge: announced or sent more; nothing beyond the limit is kept.
    """
    _check_media(request, media_type)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 15 or int(announced) > limit):
        raise TooLarge(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(limit)
    request.state.raw_body = bytes(body)
    return bytes(body)


def raw_digest_bytes(request: Request) -> bytes:
    """The bytes that an Idempotency-Key is held against: the body exactly as it was sent, empty if none was read."""
    raw: bytes = getattr(request.state, "raw_body", b"")
    return raw


def decode(raw: bytes, adapter: TypeAdapter[T]) -> T:
    """The value that JSON bytes stand for.

    Raises:
        BadRequest: no JSON.
        Invalid: with every flaw. What is too large is told alone: its types are not looked at.
    """
    document = json_text.parse(raw)
    found = json_text.flaws(document)
    if any(flaw.code in json_text.OVERSIZE for flaw in found) or len(found) >= json_text.REPORTED:
        raise Invalid(named(found))
    try:
        value = adapter.validate_json(raw, strict=True)
    except ValidationError as error:
        raise _refusal(error, document, found) from None
    found += instants(value, document)
    if found:
        raise Invalid(found[: json_text.REPORTED])
    return value


def _refusal(error: ValidationError, document: Any, found: list[Flaw]) -> Invalid | BadRequest:
    """The text's flaws, and those of the types in other places: a null need not be told of twice."""
    unread = any(entry["type"] == "json_invalid" for entry in error.errors(include_url=False, include_input=False))
    if unread and not found:
        return BadRequest("json_malformed", "The body is not JSON (RFC 8259).")
    told = {flaw.pointer for flaw in found}
    typed = [] if unread else flaws_of(error, document)
    more = [flaw for flaw in typed if flaw.pointer not in told or flaw.code == "field_unknown"]
    return Invalid([*found, *more][: json_text.REPORTED])


def _check_media(request: Request, media_type: str) -> None:
    kinds = request.headers.getlist("content-type")
    kind, *parameters = kinds[0].split(";") if len(kinds) == 1 else [""]
    if kind.strip().lower() != media_type:
        raise Unsupported(f"Send the body as {media_type}, with one Content-Type header.")
    if not {parameter.strip().lower() for parameter in parameters} <= _UTF_8:
        raise Unsupported("Send the body in UTF-8, without further parameters in Content-Type.")
    if {coding.strip().lower() for coding in request.headers.getlist("content-encoding")} - {"identity"}:
        raise Unsupported("Send the body without a Content-Encoding.")
