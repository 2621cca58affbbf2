"""Where time, chance, tokens and the network may enter."""

import ast

from tests.architecture.syntax import calls, full_name, imported, is_core, origins, parse

IMPURE_MODULES = {
    "os", "time", "random", "secrets", "logging", "asyncio", "pathlib", "socket", "subprocess", "threading", "io",
}  # fmt: skip
CLOCKS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.clock_gettime",
}  # fmt: skip
CHANCE = {"uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7", "hash", "open", "print", "input"}
CLOCK_HOMES = (
    "app/settings.py", "app/main.py", "app/__main__.py", "app/exchange/clock.py", "app/sandbox/",
)  # fmt: skip
DOORS = {
    "jose": ("app/identity/tokens.py",),
    "httpx": ("app/delivery/", "app/sandbox/", "app/__main__.py"),
    "urllib.request": (),
    "http.client": (),
    "requests": (),
    "aiohttp": (),
}
VERIFIERS = {"jwt.decode", "jws.verify", "jose.jwt.decode", "jose.jws.verify"}


def core_is_timeless(source: str, path: str) -> list[str]:
    """The core neither reads a clock nor draws chance nor touches the world; it is handed instants and ids."""
    if not is_core(path):
        return []
    found = [
        f"{path}:{line}: the core imports {name}" for line, name in imported(source) if _head(name) in IMPURE_MODULES
    ]
    return found + _called(source, path, CLOCKS | CHANCE, "is not for the core")


def wall_clock(source: str, path: str) -> list[str]:
    """The wall clock is read in the composition root, the sandbox and ``exchange/clock.py`` only."""
    return [] if path.startswith(CLOCK_HOMES) else _called(source, path, CLOCKS, "reads the clock here")


def one_door(source: str, path: str) -> list[str]:
    """``jose`` enters by ``identity/tokens.py``, outbound HTTP by ``delivery``; no other HTTP client at all."""
    return [
        f"{path}:{line}: {name} is imported outside its door"
        for line, name in imported(source)
        for door, homes in DOORS.items()
        if f"{name}.".startswith(f"{door}.") and not (homes and path.startswith(homes))
    ]


def algorithms_pinned(source: str, path: str) -> list[str]:
    """A verification without ``algorithms=`` lets the token's own header choose (python-jose 3.5)."""
    tree = parse(source)
    bound = origins(tree)
    return [
        f"{path}:{call.lineno}: a token is verified without algorithms="
        for call in calls(tree)
        if full_name(call.func, bound) in VERIFIERS and "algorithms" not in {keyword.arg for keyword in call.keywords}
    ]


def _called(source: str, path: str, names: set[str], why: str) -> list[str]:
    """Uses of the names as a value, called or passed on (``default_factory=datetime.now``); a field of that name is no
    use."""
    tree = parse(source)
    bound = origins(tree)
    uses = ((n, full_name(n, bound)) for n in ast.walk(tree) if isinstance(n, ast.Name | ast.Attribute))
    used = ((node, name) for node, name in uses if isinstance(node.ctx, ast.Load))
    return [f"{path}:{node.lineno}: {name} {why}" for node, name in used if name in names]


def _head(name: str) -> str:
    return name.split(".")[0]
