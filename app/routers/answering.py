"""Building an answer. Nothing but a ``Committed`` value becomes one: its record is durable (design 3)."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.consent.obligations import MEANING
from app.exchange.authenticate import Caller
from app.exchange.feed import Told
from app.exchange.hub import Hub
from app.exchange.preview import Preview
from app.exchange.reads import Reading
from app.exchange.release import Released
from app.exchange.unit import Committed
from app.routers.report_body import report_of
from app.routers.report_page import HEADERS, page_of


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


def answer_table(
    committed: Committed[tuple[list[dict[str, Any]], Any]], form: Callable[[list[dict[str, Any]]], bytes], name: str
) -> Response:
    """A whole collection as CSV, to be saved under a name that says nothing of whom it is about."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(form(committed.value[0]), 200, headers, "text/csv; charset=utf-8; header=present")


def answer_results(committed: Committed[list[dict[str, Any]]], refused: list[dict[str, Any]]) -> Response:
    """One result for each item sent, in its order, those that could not be read among them."""
    results = sorted([*committed.value, *refused], key=lambda result: int(result["index"]))
    return _json({"results": results}, 200)


def answer_preview(preview: Preview) -> Response:
    """To the clinic: what each named recipient would see."""
    return _json({"recipients": list(preview.recipients)}, 200)


def answer_released(
    request: Request, hub: Hub, caller: Caller, committed: Committed[Released], cursor: str | None
) -> Response:
    """Disclosed items: no time, no random, no version; the signature is deterministic over the canonical bytes."""
    body = items_of(committed.value) | {"meaning": MEANING}
    body |= {"next": cursor} if cursor is not None else {}
    return _signed(request, hub, caller, body)


def answer_search(
    request: Request, hub: Hub, caller: Caller, cases: Sequence[str], committed: Committed[tuple[Released, ...]]
) -> Response:
    """One entry for each asked case in the order asked; there is one for every case, known or not."""
    found = zip(cases, committed.value, strict=True)
    results = [{"case_id": case_id} | items_of(released) for case_id, released in found]
    return _signed(request, hub, caller, {"results": results, "meaning": MEANING})


def items_of(released: Released) -> dict[str, Any]:
    """What was released of one case; no key where nothing was withdrawn."""
    shown: dict[str, Any] = {"items": list(released.items)}
    return shown | ({"withdrawn": [{"id": item} for item in released.withdrawn]} if released.withdrawn else {})


def _signed(request: Request, hub: Hub, caller: Caller, body: Mapping[str, Any]) -> Response:
    """A body with a signature over its canonical bytes (RFC 8785) without that member."""
    content = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    signature = orjson.dumps(hub.signer.sign(content))
    # What was signed is the answer's own bytes before the last member, and they are written once.
    view = _View(content[:-1] + b',"signature":' + signature + b"}", signature)
    return _conditional(request, hub, caller, view)


def answer_news(request: Request, hub: Hub, caller: Caller, committed: Committed[tuple[Told, str]]) -> Response:
    """Entries of a feed and the cursor to ask after next, also where there is none."""
    page, following = committed.value
    content = orjson.dumps({"items": list(page.entries), "next": following})
    return _conditional(request, hub, caller, _View(content, content))


def answer_report(
    request: Request, hub: Hub, caller: Caller, reading: Reading, committed: Committed[Released], *, html: bool
) -> Response:
    """All of one case on one page. The printed one has no signature: what is kept for proof is the JSON."""
    report = report_of(reading.case_id, reading.purpose, committed.value)
    if not html:
        return _signed(request, hub, caller, report)
    content = page_of(report, caller.unit_name).encode()
    answered = _conditional(request, hub, caller, _View(content, content))
    if answered.status_code == 200:
        answered.headers["Content-Type"] = "text/html; charset=utf-8"
    answered.headers.update(HEADERS)
    return answered


def answer_referral(
    request: Request, hub: Hub, caller: Caller, own: Mapping[str, Any], committed: Committed[Released]
) -> Response:
    """The sender's own words, with the gated keys only where something was released."""
    body = dict(own)
    for item in committed.value.items:
        for element, value in item["elements"].items():
            body[element.removeprefix("referral.")] = value
        body["obligations"] = item["obligations"]
    if committed.value.withdrawn:
        body["withdrawn"] = [{"id": item} for item in committed.value.withdrawn]
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
    asked = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if request.method == "GET" and etag in asked:  # to any other method 304 is no answer (RFC 9110 13.1.2)
        return Response(status_code=304, headers={"ETag": etag})
    return Response(view.content, 200, {"ETag": etag}, "application/json")


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
