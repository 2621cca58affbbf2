"""A small contract, and every kind of change of it: those that break software written for it, and those that do not."""

import copy
from collections.abc import Callable
from typing import Any, Final

import yaml

Contract = dict[str, Any]
Change = Callable[[Contract], object]

BASE: Final[Contract] = yaml.safe_load(
    """
paths:
  /v1/things:
    get:
      operationId: list_things
      security: [{backend: [things.read]}]
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 200}}
        - {name: kind, in: query, schema: {type: string, enum: [a, b]}}
      responses:
        "200": {content: {application/json: {schema: {$ref: "#/components/schemas/Things"}}}}
        "404": {content: {application/problem+json: {schema: {type: object, additionalProperties: true}}}}
    post:
      operationId: add_thing
      security: [{backend: [things.write]}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/NewThing"}}}}
      responses:
        "201": {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
components:
  schemas:
    Things:
      {type: object, additionalProperties: false, required: [items],
       properties: {items: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}
    Thing:
      type: object
      additionalProperties: false
      required: [id, state]
      properties:
        id: {type: string}
        state: {type: string, enum: [new, old]}
        colour: {type: string, enum: [red], x-open: true}
        parts: {type: array, items: {$ref: "#/components/schemas/Thing"}}
        size: {anyOf: [{type: integer}, {$ref: "#/components/schemas/Size"}]}
    Size: {type: object, additionalProperties: false, required: [w], properties: {w: {type: integer}}}
    NewThing:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: {type: string, maxLength: 100}
        kind: {type: string, enum: [a, b]}
        note: {anyOf: [{type: string}, {type: integer}]}
"""
)


def paths_of(c: Contract) -> Contract:
    """The operations of its one path."""
    found: Contract = c["paths"]["/v1/things"]
    return found


def members_of(c: Contract, name: str) -> Contract:
    """The properties of a schema."""
    found: Contract = c["components"]["schemas"][name]["properties"]
    return found


def _renamed(c: Contract) -> None:
    members = members_of(c, "Thing")
    members["label"] = members.pop("colour")


def _optional(c: Contract) -> None:
    c["components"]["schemas"]["Thing"]["required"].remove("state")


LIST = {"operationId": "list_things"}
BREAKING: Final[dict[str, tuple[str, Change]]] = {
    "path removed": ("list_things", lambda c: c["paths"].clear()),
    "method removed": ("add_thing", lambda c: paths_of(c).pop("post")),
    "operation renamed": ("add_thing", lambda c: paths_of(c)["post"].update(operationId="create_thing")),
    "parameter removed": ("list_things", lambda c: paths_of(c)["get"]["parameters"].pop()),
    "parameter required": ("list_things", lambda c: paths_of(c)["get"]["parameters"][0].update(required=True)),
    "parameter added and required": (
        "list_things",
        lambda c: paths_of(c)["get"]["parameters"].append({"name": "x", "in": "query", "required": True, "schema": {}}),
    ),
    "parameter narrowed": ("list_things", lambda c: paths_of(c)["get"]["parameters"][0]["schema"].update(maximum=100)),
    "parameter's values narrowed": (
        "list_things",
        lambda c: paths_of(c)["get"]["parameters"][1]["schema"].update(enum=["a"]),
    ),
    "body required": ("add_thing", lambda c: paths_of(c)["post"]["requestBody"].update(required=True)),
    "media type of the body": (
        "add_thing",
        lambda c: paths_of(c)["post"]["requestBody"].update(content={"text/plain": {"schema": {}}}),
    ),
    "property required": ("add_thing", lambda c: c["components"]["schemas"]["NewThing"]["required"].append("kind")),
    "property not taken": ("add_thing", lambda c: members_of(c, "NewThing").pop("kind")),
    "values narrowed": ("add_thing", lambda c: members_of(c, "NewThing")["kind"].update(enum=["b"])),
    "values listed": ("add_thing", lambda c: members_of(c, "NewThing")["name"].update(enum=["b"])),
    "length narrowed": ("add_thing", lambda c: members_of(c, "NewThing")["name"].update(maxLength=50)),
    "length from nothing": ("add_thing", lambda c: members_of(c, "NewThing")["name"].update(minLength=1)),
    "pattern from nothing": ("add_thing", lambda c: members_of(c, "NewThing")["name"].update(pattern="^a")),
    "type changed": ("add_thing", lambda c: members_of(c, "NewThing")["name"].update(type="integer")),
    "alternative removed": ("add_thing", lambda c: members_of(c, "NewThing")["note"]["anyOf"].pop()),
    "answered property removed": ("list_things", lambda c: members_of(c, "Thing").pop("parts")),
    "answered property renamed": ("list_things", _renamed),
    "answered property may be absent": ("list_things", _optional),
    "answered values widened": ("list_things", lambda c: members_of(c, "Thing")["state"]["enum"].append("lost")),
    "answered type changed": ("list_things", lambda c: members_of(c, "Thing")["id"].update(type="integer")),
    "answered alternative added": (
        "list_things",
        lambda c: members_of(c, "Thing")["size"]["anyOf"].append({"type": "null"}),
    ),
    "answered within an alternative": ("list_things", lambda c: members_of(c, "Size")["w"].update(type="string")),
    "status removed": ("list_things", lambda c: paths_of(c)["get"]["responses"].pop("404")),
    "new success": ("add_thing", lambda c: paths_of(c)["post"]["responses"].update({"202": {}})),
    "media type of the answer": (
        "list_things",
        lambda c: paths_of(c)["get"]["responses"]["200"].update(content={"text/csv": {"schema": {}}}),
    ),
    "scope added": (
        "list_things",
        lambda c: paths_of(c)["get"].update(security=[{"backend": ["things.read", "more"]}]),
    ),
    "scope changed": ("list_things", lambda c: paths_of(c)["get"].update(security=[{"backend": ["other"]}])),
}
"""Kind -> (the operation that breaks, the change)."""
HARMLESS: Final[dict[str, Change]] = {
    "nothing": lambda c: None,
    "path added": lambda c: c["paths"].update({"/v1/more": {"get": LIST | {"responses": {}}}}),
    "parameter added": lambda c: paths_of(c)["get"]["parameters"].append({"name": "x", "in": "query", "schema": {}}),
    "parameter widened": lambda c: paths_of(c)["get"]["parameters"][0]["schema"].update(maximum=500),
    "refusal added": lambda c: paths_of(c)["get"]["responses"].update({"409": {}}),
    "security loosened": lambda c: paths_of(c)["get"].update(security=[]),
    "property taken": lambda c: members_of(c, "NewThing").update(size={"type": "integer"}),
    "values widened": lambda c: members_of(c, "NewThing")["kind"]["enum"].append("c"),
    "bound taken off": lambda c: members_of(c, "NewThing")["name"].pop("maxLength"),
    "alternative taken": lambda c: members_of(c, "NewThing")["note"]["anyOf"].append({"type": "boolean"}),
    "nothing required": lambda c: c["components"]["schemas"]["NewThing"].pop("required"),
    "property answered": lambda c: members_of(c, "Thing").update(weight={"type": "integer"}),
    "answered values narrowed": lambda c: members_of(c, "Thing")["state"]["enum"].pop(),
    "open values widened": lambda c: members_of(c, "Thing")["colour"]["enum"].append("blue"),
    "words": lambda c: members_of(c, "Thing")["id"].update(description="An id.", title="Id", example="x"),
}


def changed(change: Change) -> Contract:
    """A copy of ``BASE`` with a change."""
    newer = copy.deepcopy(BASE)
    change(newer)
    return newer
