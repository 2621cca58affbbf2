"""The schemas of request bodies and answers, made only when the contract is asked for."""

from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

_REF: Final = "#/components/schemas/{model}"
_TYPES: Final[dict[str, type[Any]]] = {}


def reference(kind: type[Any]) -> dict[str, Any]:
    """Refer to a type's schema, which ``components`` will then hold.

    Raises:
        ValueError: another type has this name.
    """
    if _TYPES.setdefault(kind.__name__, kind) is not kind:
        raise ValueError(f"two schemas are called {kind.__name__}")
    return {"$ref": _REF.format(model=kind.__name__)}


def components() -> dict[str, Any]:
    """Name -> JSON schema of every type referred to, and of what they consist of."""
    found: dict[str, Any] = {}
    for name, kind in sorted(_TYPES.items()):
        mode: JsonSchemaMode = "serialization" if issubclass(kind, BaseModel) else "validation"
        schema = without_null(TypeAdapter(kind).json_schema(ref_template=_REF, mode=mode))
        for part, described in {**schema.pop("$defs", {}), name: schema}.items():
            if found.setdefault(part, described) != described:
                raise ValueError(f"two schemas are called {part}")
    return dict(sorted(found.items()))


def without_null(node: Any) -> Any:
    """The schema without the null of optional members: one that is absent is absent, in requests and in answers."""
    if isinstance(node, list):
        return [without_null(part) for part in node]
    if not isinstance(node, dict):
        return node
    offered = node.get("anyOf", [])
    if {"type": "null"} in offered:
        rest = {name: part for name, part in node.items() if name not in ("anyOf", "default")}
        left = [part for part in offered if part != {"type": "null"}]
        node = rest | (left[0] if len(left) == 1 else {"anyOf": left})
    return {name: without_null(part) for name, part in node.items()}
