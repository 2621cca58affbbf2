"""What a stored instrument says, changed as a bad import or an old release may have left it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from app.consent.instrument import Instrument
from app.consent.local_time import micros
from app.storage.instruments import dump, load
from tests.scenarios.cast import Ids, instant, recipient


def changed(document: dict[str, Any], patch: Mapping[str, Any], base: datetime, ids: Ids) -> dict[str, Any]:
    """The document with these members; ``None`` takes one off. Grants as on a form, instants as in a scenario."""
    new = dict(patch)
    if "grants" in new:
        new["grants"] = [_grant(one, ids) for one in new["grants"]]
    for name in ("signed_at", "effective_from", "represented_until"):
        if isinstance(new.get(name), str):
            new[name] = micros(instant(new[name], base))
    for name in ("expiry", "revocable_from"):
        if isinstance(new.get(name), Mapping):
            at = new[name].get("at")
            new[name] = [None if at is None else micros(instant(at, base)), new[name].get("event"), ""]
    return {name: value for name, value in (document | new).items() if value is not None or name not in patch}


def restored(held: Instrument, patch: Mapping[str, Any], base: datetime, ids: Ids) -> Instrument:
    """The instrument whose stored document says otherwise, as an import or an old release may have left it."""
    document = orjson.dumps(changed(orjson.loads(dump(held)), patch, base, ids)).decode()
    state = (held.superseded_at, int(held.suspended), int(held.entered_in_error))
    made = load(held.id, held.patient, held.discloser, document, held.version, state, ())
    return replace(made, revocations=held.revocations)


def _grant(one: Mapping[str, Any], ids: Ids) -> list[Any]:
    named = recipient({name: one[name] for name in ("as", "org_unit", "role") if name in one}, ids)
    return [named["org_unit"], named["role"], one["purposes"], one["elements"], one.get("person")]
