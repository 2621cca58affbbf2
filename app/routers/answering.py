"""Building an answer. Nothing but a ``Committed`` value becomes one: its record is durable (design 3)."""

import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.consent.obligations import MEANING
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.preview import Preview
from app.exchange.release import Released
from app.exchange.unit import Committed


def answer(committed: Committed[dict[str, Any]], status: int = 200) -> Response:
    """A JSON object."""
    return _json(committed.value, status)


def answer_once(committed: Committed[tuple[int, dict[str, Any]]]) -> Response:
    """The answer of a creating request, first time or replayed."""
    status, body = committed.value
    return _json(body, status)


def answer_items(committed: Committed[list[dict[str, Any]]]) -> Response:
    """A whole collection."""
    return _json({"items": committed.value}, 200)


def answer_page(committed: Committed[tuple[list[dict[str, Any]], Any]], cursor: str | None) -> Response:
    """A page of the caller's own collection."""
    body: dict[str, Any] = {"items": committed.value[0]}
    return _json(body | ({"next": cursor} if cursor is not None else {}), 200)


def answer_preview(preview: Preview) -> Response:
    """To the clinic: what each named recipient would see."""
    return _json({"recipients": list(preview.recipients)}, 200)


def answer_released(
    request: Request, hub: Hub, caller: Caller, committed: Committed[Released], cursor: str | None
) -> Response:
    """Disclosed items: no time, no random, no version; the signature is deterministic over the canonical bytes."""
    body: dict[str, Any] = {"items": list(committed.value.items), "meaning": MEANING}
    body |= {"next": cursor} if cursor is not None else {}
    content = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    signature = orjson.dumps(hub.signer.sign(content))
    # "signature" sorts last: what was signed is the answer's own bytes without it, and they are written once.
    view = _View(content[:-1] + b',"signature":' + signature + b"}", signature)
    return _conditional(request, hub, caller, view)


def answer_referral(
    request: Request, hub: Hub, caller: Caller, own: Mapping[str, Any], committed: Committed[Released]
) -> Response:
    """The sender's own words, with the gated keys only where something was released."""
    body = dict(own)
    for item in committed.value.items:
        for element, value in item["elements"].items():
            body[element.removeprefix("referral.")] = value
        body["obligations"] = item["obligations"]
    content = orjson.dumps(body)
    return _conditional(request, hub, caller, _View(content, content))


class _View(NamedTuple):
    """What is answered, and what stands for it in the ETag: itself, or its deterministic, shorter signature."""

    content: bytes
    mark: bytes


def _conditional(request: Request, hub: Hub, caller: Caller, view: _View) -> Response:
    """ETag of the view, not of any row; If-None-Match was answered by a whole release and its record."""
    digest = hmac.digest(hub.vault.view_key(caller.unit), view.mark, "sha256").hex()[:32]
    etag = f'"{digest}"'
    if etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers={"ETag": etag})
    return Response(view.content, 200, {"ETag": etag}, "application/json")


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
