"""For each lint: sources it must refuse and sources it must leave alone, with the path they would have."""

from textwrap import dedent, indent

Example = tuple[str, str]
FLOW, CORE, ROUTER = "app/exchange/cases.py", "app/consent/rules.py", "app/routers/cases.py"


def _long(lines: int, head: str = "def f() -> None:") -> str:
    return "\n".join([head, *["    pass"] * (lines - 1)])


def _endpoint(lines: int, head: str = "async def f() -> None:") -> str:
    return '@router.get("/v1/cases")\n' + _long(lines, head)


def _s(source: str) -> str:
    return dedent(source).strip() + "\n"


_KEY_HEADER = "-----BEGIN EC " + "PRIVATE KEY-----"

BAD: dict[str, list[Example]] = {
    "file_length": [("x = 1\n" * 251, FLOW), ("x = 1\n" * 151, CORE)],
    "function_length": [
        (_long(41), FLOW),
        (_long(26), CORE),
        ("class A:\n" + indent(_long(41), "    "), FLOW),
    ],
    "returns_annotated": [("def f(): ...", FLOW), ("async def f(x: int): ...", FLOW)],
    "telling_names": [("", "app/utils.py"), ("", "app/exchange/services/cases.py"), ("", "app/_common.py")],
    "private_constructors": [
        ("permit = Permit(ask)", FLOW),
        ("permit = decide.Permit(ask)", FLOW),
        ("from app.consent.decide import Permit as P", FLOW),
        ("make = Permit", FLOW),
        ("parcels = map(Parcel, rows)", FLOW),
        ("committed = Committed[Released](value)", FLOW),
        ("class Mine(Permit): ...", FLOW),
        ("facts = Facts(ask)", "app/consent/minimise.py"),
        ("def f(make: object = Caller) -> None: ...", FLOW),
    ],
    "no_forging": [
        ("from dataclasses import replace", FLOW),
        ("import dataclasses as d\nwider = d.replace(permit, unit=unit)", FLOW),
        ("import copy", FLOW),
        ("from copy import deepcopy", FLOW),
        ("from typing import cast", FLOW),
        ("import typing\npermit = typing.cast(Permit, row)", FLOW),
        ("permit = object.__new__(kind)", FLOW),
        ('object.__setattr__(permit, "unit", unit)', FLOW),
        ('setattr(permit, "unit", unit)', FLOW),
        ("refusal.__class__ = kind", FLOW),
        ("wider = type(permit)(ask)", FLOW),
        ("import pickle", FLOW),
    ],
    "core_is_timeless": [
        ("import time", CORE),
        ("from os.path import join", CORE),
        ("from datetime import date\ntoday = date.today()", CORE),
        (
            "from dataclasses import field\nfrom datetime import datetime\nat = field(default_factory=datetime.now)",
            CORE,
        ),
        ("import uuid\nnew = uuid.uuid4()", CORE),
        ("slot = hash(name)", CORE),
        ("text = open(name).read()", "app/ledger/entry.py"),
    ],
    "wall_clock": [
        ("from datetime import UTC, datetime\nnow = datetime.now(UTC)", FLOW),
        ("import datetime\nnow = datetime.datetime.utcnow()", FLOW),
        ("import time as t\nnow = t.time()", "app/storage/record.py"),
        ("from time import time_ns\nnow = time_ns()", ROUTER),
    ],
    "one_door": [
        ("from jose import jwt", FLOW),
        ("import jose.jws", "app/identity/keys.py"),
        ("import httpx", "app/identity/keys.py"),
        ("from httpx import AsyncClient", FLOW),
        ("from urllib import request", "app/delivery/sender.py"),
        ("import requests", "app/sandbox/story.py"),
    ],
    "algorithms_pinned": [
        ("from jose import jwt\njwt.decode(token, key)", "app/identity/tokens.py"),
        ('from jose import jws\njws.verify(token, key, ["ES256"])', "app/identity/tokens.py"),
        ("from jose.jwt import decode\ndecode(token, key)", "app/identity/tokens.py"),
    ],
    "endpoints": [(_endpoint(16), ROUTER), (_endpoint(3, "def f() -> None:"), ROUTER)],
    "raw_middleware": [
        ('@app.middleware("http")\nasync def f() -> None: ...', "app/main.py"),
        ("from starlette.middleware.base import BaseHTTPMiddleware\nclass A(BaseHTTPMiddleware): ...", ROUTER),
    ],
    "telemetry_off": [
        ("from fastapi import FastAPI\napp = FastAPI()", "app/main.py"),
        ('import fastapi\napp = fastapi.FastAPI(telemetry={"tracing": False})', "app/main.py"),
        ("from fastapi import FastAPI\napp = FastAPI(telemetry=settings.telemetry)", "app/main.py"),
    ],
    "suppressions_explained": [
        ("x = 1  # " + "noqa", FLOW),
        ("x = 1  # " + "noqa: S608", FLOW),
        ("x = 1  # " + "type: ignore", FLOW),
        ("x = 1  # " + "type: ignore[arg-type]", FLOW),
        ("x = 1  # " + "nosec", FLOW),
    ],
    "log_lines": [
        ('log(f"revoked {patient}")', FLOW),
        ('log("revoked", reason="by %s" % patient)', FLOW),
        ('log("revoked", reason="by {}".format(patient))', FLOW),
        ('log("revoked", patient=patient)', FLOW),
        ('log("revoked", **values)', FLOW),
        ("log(event)", FLOW),
        ('logger.info(f"revoked {patient}")', FLOW),
        ('logging.warning("revoked " + patient)', FLOW),
        ('logging.getLogger(__name__).debug(f"revoked {patient}")', FLOW),
        ('self._log.error("revoked", extra={"patient": patient})', FLOW),
    ],
    "committed_text": [
        ("index = https://py" + "pi.org/simple", "docs/operations.md"),
        ("cd /ro" + "ot/throughcare", "README.md"),
        ('open("/tm' + 'p/out.json")', "benchmarks/__main__.py"),
        (_KEY_HEADER, "examples/key.pem"),
        ('{"kty": "EC", "d": "' + "A" * 43 + '"}', "examples/key.json"),
    ],
}

GOOD: dict[str, list[Example]] = {
    "file_length": [("x = 1\n" * 250, FLOW), ("x = 1\n" * 150, CORE)],
    "function_length": [(_long(40), FLOW), (_long(25), CORE), ("@a\n" * 9 + _long(40), FLOW)],
    "returns_annotated": [("async def f() -> int: ...", FLOW), ("make = lambda: 1", FLOW)],
    "telling_names": [("", "app/exchange/referrals.py"), ("", "app/consent/common_law.py")],
    "private_constructors": [
        ("permit = Permit(ask)", "app/consent/decide.py"),
        ("facts = Facts(ask)", "app/storage/facts.py"),
        ("from app.consent.decide import Permit, Refusal\nVerdict = Permit | Refusal", FLOW),
        ("def f(permit: Permit) -> Committed[Released]: ...", FLOW),
        ("kept: dict[str, Permit] = {}", FLOW),
        ("if isinstance(verdict, Refusal): ...", FLOW),
        (
            _s("""
            match verdict:
                case Permit(ask=ask): ...
                case decide.Refusal(): ...
        """),
            FLOW,
        ),
    ],
    "no_forging": [
        ('text = name.replace("a", "b")', FLOW),
        ("from sqlalchemy import cast\nclause = cast(column, kind)", "app/storage/tables.py"),
        ("kind = type(error).__name__", FLOW),
        ("later = at.replace(tzinfo=UTC)", FLOW),
    ],
    "core_is_timeless": [
        ("from datetime import date, timedelta\nday = date.fromordinal(n)", CORE),
        ("import time\nnow = time.monotonic()", FLOW),
    ],
    "wall_clock": [
        ("from datetime import UTC, datetime\nnow = datetime.now(UTC)", "app/exchange/clock.py"),
        ("import time\nbegan = time.monotonic()", FLOW),
        ("from app.exchange.clock import now\nat = now()", FLOW),
    ],
    "one_door": [
        ("from jose import jwt", "app/identity/tokens.py"),
        ("import httpx", "app/delivery/sender.py"),
        ("import httpx", "app/sandbox/story.py"),
        ("from urllib.parse import urlsplit", FLOW),
    ],
    "algorithms_pinned": [
        ('from jose import jwt\njwt.decode(token, key, algorithms=["ES256"])', "app/identity/tokens.py")
    ],
    "endpoints": [(_endpoint(15), ROUTER), (_long(16), ROUTER), (_endpoint(16), FLOW)],
    "raw_middleware": [("app.add_middleware(SecurityHeaders)", "app/main.py")],
    "telemetry_off": [
        (
            "from fastapi import FastAPI\n"
            'FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False})',
            "app/main.py",
        )
    ],
    "suppressions_explained": [
        ("x = 1  # " + "noqa: S608  # the name comes from a constant table", FLOW),
        ("x = 1  # " + "noqa: S608  the name comes from a constant table", FLOW),
        ("x = 1  # " + "type: ignore[arg-type]  # the stub lacks the overload", FLOW),
        ('x = "# ' + 'noqa"', FLOW),
    ],
    "log_lines": [
        ('log("revoked", status=200)', FLOW),
        ('logger.info("started")', FLOW),
        ('logger.info("started", extra={"status": 200})', FLOW),
        ('value = math.log(2)\nname = f"{value}"', FLOW),
    ],
    "committed_text": [
        ("see https://www.rfc-editor.org/rfc/rfc9457", "README.md"),
        ("GET /v1/units/home/rooms and ./wo" + "rk/x and ../ro" + "ot/x", "README.md"),
        ("-----BEGIN PUBLIC KEY-----", "examples/key.pem"),
    ],
}
