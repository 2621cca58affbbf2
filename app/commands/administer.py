"""agency, unit, client, appoint: administration of the registry on the command line."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from app.errors import Problem
from app.exchange import administration, closings
from app.exchange.hub import Hub
from app.identity.errors import KeyRefused
from app.settings import Settings, SettingsError
from app.vocabulary import AgencyKind, Role

_Flow = Callable[[Hub, argparse.Namespace], Awaitable[str | None]]


def add(commands: Any) -> None:
    """Register the commands."""
    _agency(commands.add_parser("agency", help="add or suspend an agency"))
    _unit(commands.add_parser("unit", help="add, rename, suspend or close a unit, or set its profile"))
    _client(commands.add_parser("client", help="add, assign, rotate, retire or suspend a client"))
    appoint = commands.add_parser("appoint", help="let a privacy office see a discloser's accounting")
    appoint.add_argument("--officer", required=True, help="unit of the privacy office")
    appoint.add_argument("--discloser", required=True, help="unit of the clinic")
    appoint.set_defaults(run=_runs(lambda hub, c: administration.appoint(hub, c.officer, c.discloser)))


def _agency(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True)
    added = verbs.add_parser("add")
    added.add_argument("--kind", required=True, choices=[kind.value for kind in AgencyKind])
    added.add_argument("--name", required=True)
    added.set_defaults(run=_runs(lambda hub, c: administration.add_agency(hub, AgencyKind(c.kind), c.name)))
    _suspension(verbs, "agency")


def _unit(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True)
    added = verbs.add_parser("add")
    for name in ("agency", "name", "time-zone"):
        added.add_argument(f"--{name}", required=True)
    added.add_argument("--alias", default="A treatment provider", help="neutral name of a discloser")
    added.add_argument("--profile", default="us-42cfr2@1")
    added.add_argument("--service", action="append", default=[])
    added.add_argument("--language", action="append", default=[])
    added.set_defaults(run=_runs(_add_unit))
    renamed = verbs.add_parser("rename", help="call a unit by another name; signed forms keep the old one")
    profiled = verbs.add_parser("set-profile", help="put a unit under another law; live consents never widen by it")
    closed = verbs.add_parser("close", help="close a unit for good: what it disclosed ends, nothing reaches it")
    for parser_ in (renamed, profiled, closed):
        parser_.add_argument("--unit", required=True)
    renamed.add_argument("--name", required=True)
    renamed.set_defaults(run=_runs(lambda hub, c: administration.rename(hub, c.unit, c.name)))
    profiled.add_argument("--profile", required=True, help="id@version")
    profiled.set_defaults(run=_runs(lambda hub, c: closings.set_profile(hub, c.unit, c.profile)))
    closed.set_defaults(run=_runs(lambda hub, c: closings.close_unit(hub, c.unit)))
    _suspension(verbs, "unit")


def _client(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True)
    added = verbs.add_parser("add")
    added.add_argument("--unit", required=True)
    added.add_argument("--role", required=True, choices=[role.value for role in Role])
    added.add_argument("--jwk", required=True, type=Path, help="file with the client's public JWK")
    added.add_argument("--assertion-profile", default="smart22", choices=["smart22", "rfc10070"])
    added.set_defaults(run=_runs(_add_client))
    assigned = verbs.add_parser("assign", help="give a client another unit and role")
    for name in ("client", "unit"):
        assigned.add_argument(f"--{name}", required=True)
    assigned.add_argument("--role", required=True, choices=[role.value for role in Role])
    assigned.set_defaults(run=_runs(lambda hub, c: administration.assign(hub, c.client, c.unit, Role(c.role))))
    ended = verbs.add_parser("unassign", help="end an assignment and its tokens at once")
    ended.add_argument("--assignment", required=True)
    ended.set_defaults(run=_runs(lambda hub, c: administration.end_assignment(hub, c.assignment)))
    rotated = verbs.add_parser("rotate", help="add a second live key")
    rotated.add_argument("--client", required=True)
    rotated.add_argument("--jwk", required=True, type=Path)
    rotated.set_defaults(run=_runs(lambda hub, c: administration.rotate(hub, c.client, _jwk(c.jwk))))
    retired = verbs.add_parser("retire", help="end a key and its tokens at once")
    retired.add_argument("--client", required=True)
    retired.add_argument("--key", required=True, help="thumbprint of the key (RFC 7638)")
    retired.set_defaults(run=_runs(lambda hub, c: administration.retire(hub, c.client, c.key)))
    _suspension(verbs, "client")


def _suspension(verbs: Any, noun: str) -> None:
    for verb, lift in (("suspend", False), ("resume", True)):
        parser = verbs.add_parser(verb)
        parser.add_argument(f"--{noun}", required=True)
        parser.set_defaults(run=_runs(_suspend), lift=lift, noun=noun)


async def _suspend(hub: Hub, chosen: argparse.Namespace) -> None:
    named = {chosen.noun: getattr(chosen, chosen.noun)}
    await administration.suspend(hub, lift=chosen.lift, **named)


async def _add_unit(hub: Hub, chosen: argparse.Namespace) -> str:
    return await administration.add_unit(
        hub,
        chosen.agency,
        chosen.name,
        alias=chosen.alias,
        time_zone=chosen.time_zone,
        profile=chosen.profile,
        services=chosen.service,
        languages=chosen.language or ["en"],
    )


async def _add_client(hub: Hub, chosen: argparse.Namespace) -> str:
    return await administration.add_client(
        hub, chosen.unit, Role(chosen.role), jwk=_jwk(chosen.jwk), assertion_profile=chosen.assertion_profile
    )


def _jwk(path: Path) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(path.read_text())
    return loaded


def _runs(flow: _Flow) -> Callable[[argparse.Namespace], int]:
    def run(chosen: argparse.Namespace) -> int:
        async def whole() -> str | None:
            from app.instance import open_hub  # noqa: PLC0415  # so that --help starts without FastAPI

            hub = await open_hub(Settings.from_environment(os.environ), justice=False)
            try:
                return await flow(hub, chosen)
            finally:
                await hub.database.close()

        try:
            made = asyncio.run(whole())
        except (KeyRefused, Problem, SettingsError) as error:
            print(f"{error.code}: {error.detail}" if isinstance(error, Problem) else error, file=sys.stderr)
            return 1
        if made is not None:
            print(made)
        return 0

    return run
