"""The edge: short asynchronous endpoints, no framework middleware, no telemetry."""

import ast

from tests.architecture.syntax import Function, calls, dotted, full_name, functions, length, origins, parse

ENDPOINT = 15
VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "api_route", "route", "websocket"}
TELEMETRY = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def endpoints(source: str, path: str) -> list[str]:
    """An endpoint is ``async def`` (threads cost 2.5 times) and has at most 15 lines: it calls one flow."""
    found: list[str] = []
    if not path.startswith("app/routers/"):
        return found
    for function in filter(_is_endpoint, functions(source)):
        where = f"{path}:{function.lineno}: endpoint {function.name}"
        if isinstance(function, ast.FunctionDef):
            found.append(f"{where} is not async def")
        if length(function) > ENDPOINT:
            found.append(f"{where} has {length(function)} lines, the cap is {ENDPOINT}")
    return found


def _is_endpoint(function: Function) -> bool:
    routes = (dotted(d.func) for d in function.decorator_list if isinstance(d, ast.Call))
    return any(route.rpartition(".")[2] in VERBS and "." in route for route in routes)


def raw_middleware(source: str, path: str) -> list[str]:
    """Middleware is pure ASGI: the framework's costs three times and buffers what it should pass on."""
    tree = parse(source)
    bound = origins(tree)
    used = [(n, full_name(n, bound)) for n in ast.walk(tree) if isinstance(n, ast.Name | ast.Attribute)]
    found = [f"{path}:{n.lineno}: BaseHTTPMiddleware" for n, name in used if name.endswith("BaseHTTPMiddleware")]
    return found + [
        f"{path}:{call.lineno}: middleware added by decorator"
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "middleware"
    ]


def telemetry_off(source: str, path: str) -> list[str]:
    """FastAPI's own tracing would put paths and queries, which name cases, into spans."""
    tree = parse(source)
    bound = origins(tree)
    made = (call for call in calls(tree) if full_name(call.func, bound).rpartition(".")[2] == "FastAPI")
    return [f"{path}:{call.lineno}: FastAPI made without telemetry off" for call in made if not _off(call)]


def _off(call: ast.Call) -> bool:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "telemetry"]
    try:
        return bool(given) and ast.literal_eval(given[0]) == TELEMETRY
    except ValueError:
        return False
