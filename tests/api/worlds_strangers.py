"""What strangers are answered to ids of others, beside what they are answered to ids of nothing.

Two worlds cannot tell of an id that both of them have; one world can: the answers have to be the same.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

from tests.api.worlds_bijection import FREE_HEADERS
from tests.api.worlds_http import Asked
from tests.api.worlds_scene import FAMILY, HILLSIDE, Scene
from tests.api.worlds_trespass import IDS, Operation, names_in, operations

STRANGERS: Final = (FAMILY, HILLSIDE)
"""A court that is in none of Maria's cases, and a clinic that never met her."""

_SIGNED: Final = re.compile(rb'"value":"[\w-]{86}"')

Said = tuple[int, list[tuple[str, str]], bytes]


async def answered(scene: Scene, who: str) -> AsyncIterator[tuple[str, Said, Said]]:
    """(request, the answer with ids of others, that with ids of nothing) for every operation that takes an id."""
    for operation in operations(scene.app):
        for labels in _guesses(scene, operation):
            told = f"{who} {operation.method} {operation.path} {', '.join(labels.values())}"
            real = {name: str(scene.kept[label]) for name, label in labels.items()}
            yield told, await _asked(scene, who, operation, real), await _asked(scene, who, operation, {})


def untried(scene: Scene) -> set[str]:
    """Names of ids that a route takes and that nobody tried, since the world has none of them."""
    named = {name for operation in operations(scene.app) for name in names_in(operation) if IDS[name]}
    return {name for name in named if not _known(scene, name)}


def _known(scene: Scene, name: str) -> list[str]:
    return [label for label in IDS[name] if label in scene.kept]


def _guesses(scene: Scene, operation: Operation) -> Iterator[dict[str, str]]:
    """Each known name of each id, never one name in two places: that would be a flaw of its own."""
    known = {name: _known(scene, name) for name in names_in(operation)}
    known = {name: labels for name, labels in known.items() if labels}
    for number in range(max(map(len, known.values()), default=0)):
        yield {name: labels[(number + place) % len(labels)] for place, (name, labels) in enumerate(known.items())}


async def _asked(scene: Scene, who: str, operation: Operation, ids: Mapping[str, str]) -> Said:
    path, body = operation.path, json.dumps(operation.example) if operation.example is not None else ""
    nothing = {name: f"{number:032x}" for number, name in enumerate(IDS)}
    for name in names_in(operation):
        path, body = (text.replace(f"{{{name}}}", ids.get(name, nothing[name])) for text in (path, body))
    got = await scene.ask(Asked(who, "stranger", operation.method, path, body.encode()))
    text = got.body
    for name, one in ids.items():  # what is echoed is the stranger's own word, and signed with the rest
        text = text.replace(one.encode(), nothing[name].encode())
    text = _SIGNED.sub(b"", text)
    headers = [(name, value if name != "etag" else "") for name, value in got.headers if name not in FREE_HEADERS]
    return got.status, headers, text
