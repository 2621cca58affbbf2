"""The documentation page, with every file of it from here: it works without the internet and tells no one else.

The files of swagger-ui-dist 5.35.0 (Apache-2.0) stand unchanged in ``assets/swagger-ui``.
"""

import hashlib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.errors import NotFound

router = APIRouter(include_in_schema=False)

_FOLDER: Final = Path(__file__).parent / "assets"
_JAVASCRIPT: Final = "text/javascript; charset=utf-8"
ASSETS: Final = MappingProxyType(
    {
        "docs.js": ("docs.js", _JAVASCRIPT),
        "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js", _JAVASCRIPT),
        "swagger-ui-bundle.js.LICENSE.txt": (
            "swagger-ui/swagger-ui-bundle.js.LICENSE.txt",
            "text/plain; charset=utf-8",
        ),
        "swagger-ui.css": ("swagger-ui/swagger-ui.css", "text/css; charset=utf-8"),
        "report.css": ("report.css", "text/css; charset=utf-8"),
        "favicon-32x32.png": ("swagger-ui/favicon-32x32.png", "image/png"),
    }
)
"""Name in the address -> (file under ``assets``, media type). Nothing else of the folder is served."""

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("/docs")
async def page(request: Request) -> Response:
    """The page itself."""
    headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}
    return _answer(request, "docs.html", "text/html; charset=utf-8", headers)


@router.get("/docs/errors")
async def errors(request: Request) -> Response:
    """What each code means: ``type`` of every problem is an address on this page (``python -m app docs`` writes it)."""
    headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}
    return _answer(request, "errors.html", "text/html; charset=utf-8", headers)


@router.get("/docs/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """One file of the page; public, so it may be kept."""
    if name not in ASSETS:
        raise NotFound
    return _answer(request, *ASSETS[name], {"Cache-Control": "public, max-age=3600"})


def _answer(request: Request, file: str, media_type: str, headers: dict[str, str]) -> Response:
    content, etag = _content(file)
    kept = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in kept:
        return Response(status_code=304, headers=headers | {"ETag": etag})
    return Response(content, headers=headers | {"ETag": etag, "Content-Type": media_type})


@cache
def _content(file: str) -> tuple[bytes, str]:
    content = (_FOLDER / file).read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
