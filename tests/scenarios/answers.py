"""What a scenario requires of an answer: its status and code, what is in it and what must not be, whom it equals."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.scenarios.reading import Step


def dig(body: Any, path: str) -> Any:
    """What stands at a dotted path; ``*`` collects over a list, a name in it that is a number is a place."""
    if not path:
        return body
    name, _, rest = path.partition("/")
    if name == "*":
        return [dig(one, rest) for one in body]
    if isinstance(body, list):
        return dig(body[int(name)], rest)
    return dig(body[name], rest)


def held_to(answer: httpx.Response, step: Step, others: Mapping[str, httpx.Response], where: str) -> None:
    """Hold the answer against everything that the step requires of it."""
    then, said = step.then, f"{where}: {answer.status_code} {answer.text[:600]}"
    if "status" in then:
        assert answer.status_code == then["status"], said
    elif not step.then.keys() & {"reject", "refused"}:
        assert answer.is_success, said
    if "code" in then:
        assert answer.json()["code"] == then["code"], said
    if "errors" in then:
        assert {one["code"] for one in answer.json()["errors"]} == set(then["errors"]), said
    for path, value in then.get("has", {}).items():
        found = dig(answer.json(), path)
        assert found == value, f"{where}: {path}: {found}"
    for path, value in then.get("count", {}).items():
        assert len(dig(answer.json(), path)) == value, said
    for text in then.get("lacks", ()):
        assert text not in answer.text, f"{where}: {text} is in {answer.text[:600]}"
    for text in then.get("contains", ()):
        assert text in answer.text, said
    if "keys" in then:
        assert set(answer.json()) == set(then["keys"]), said
    if "keys_as" in then:
        other = others[str(then["keys_as"])]
        assert (answer.status_code, _kinds(answer.json())) == (other.status_code, _kinds(other.json())), said
    if "same_as" in then:
        other = others[str(then["same_as"])]
        assert shape(answer) == shape(other), f"{where}: {shape(answer)} against {shape(other)}"
    if "unlike" in then:
        assert answer.content != others[str(then["unlike"])].content, said


def _kinds(body: Any) -> Any:
    """What a body is made of, without what it says: keys, types and lengths."""
    if isinstance(body, dict):
        return {name: _kinds(value) for name, value in body.items()}
    return [_kinds(one) for one in body] if isinstance(body, list) else type(body).__name__


def shape(answer: httpx.Response) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """Status, body and headers, but for what names this one request: its id and its time."""
    own = answer.headers.get("x-request-id", "")
    body = answer.content.replace(own.encode(), b"") if own else answer.content
    headers = ((name, value) for name, value in answer.headers.items() if name not in ("x-request-id", "date"))
    return answer.status_code, body, tuple(sorted(headers))


def elements_in(answer: httpx.Response) -> dict[str, list[Any]]:
    """Element -> every value of it that the report shows."""
    found: dict[str, list[Any]] = {}
    for item in answer.json()["items"]:
        for name, told in item["elements"].items():
            found.setdefault(name, []).append(told["value"])
    return found


def one_of(answer: httpx.Response, wanted: Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    """Of a list that other scenarios add to: what is meant is there once, and says what it must. Gives what to keep."""
    if wanted is None:
        return {}
    met = wanted["where"].items()
    found = [one for one in dig(answer.json(), wanted["path"]) if all(dig(one, at) == value for at, value in met)]
    assert len(found) == wanted.get("times", 1), f"{where}: {len(found)} of them: {answer.text[-1200:]}"
    for at, value in wanted.get("has", {}).items():
        assert dig(found[-1], at) == value, f"{where}: {at}: {found[-1]}"
    return {name: dig(found[-1], at) for name, at in wanted.get("save", {}).items()}
