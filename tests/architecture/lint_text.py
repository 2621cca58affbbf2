"""What stands in comments, log lines and committed text."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable

from tests.architecture.syntax import calls, dotted, parse

_SUPPRESSION = re.compile(r"#\s*(type:\s*ignore|noqa|nosec)\b(.*)")
_CODES_AND_REASON = re.compile(r"(\[[\w,\- ]+\]|:?\s*[A-Z]+[0-9]+(?:[, ]+[A-Z]+[0-9]+)*)(\s{2,}|\s*#\s*)\w+.*")
_LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "fatal", "log"}
_REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.",
    "crates" + ".io",
    "jfrog" + ".",
    "artifact" + "ory",
)
_MACHINE = re.compile(r"(?<![\w./~$}>-])/(?:root|home|work|Users|tmp|private)/[\w.-]")
_PRIVATE_KEY = re.compile(r"-{5}BEGIN [A-Z ]*PRIVATE " r"KEY-{5}|\"d\"\s*:\s*\"[\w-]{40,}\"")


def suppressions_explained(source: str, path: str) -> list[str]:
    """``# type: ignore[code]  # why``, ``# noqa: CODE  why``, ``# nosec CODE  why``: code and reason, always."""
    comments = (t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type == tokenize.COMMENT)
    found = []
    for token in comments:
        match = _SUPPRESSION.search(token.string)
        if match and not _CODES_AND_REASON.fullmatch(match[2].rstrip()):
            found.append(f"{path}:{token.start[0]}: {match[1]} without its code and a reason")
    return found


def log_keys(sources: Iterable[str]) -> frozenset[str] | None:
    """The names in ``LOG_KEYS`` of the module that defines ``log``; empty if it lacks them, None if nothing logs."""
    for source in sources:
        body = parse(source).body
        if any(isinstance(node, ast.FunctionDef) and node.name == "log" for node in body):
            named = [
                node for node in body if isinstance(node, ast.Assign | ast.AnnAssign) and "LOG_KEYS" in _targets(node)
            ]
            words = (n.value for node in named for n in ast.walk(node) if isinstance(n, ast.Constant))
            return frozenset(word for word in words if isinstance(word, str))
    return None


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    return {dotted(target) for target in (node.targets if isinstance(node, ast.Assign) else [node.target])}


def log_lines(source: str, path: str, keys: frozenset[str] = frozenset()) -> list[str]:
    """A log line is a constant event and values under allowed keys: nothing is composed into text."""
    found: list[str] = []
    for call in calls(parse(source)):
        where = f"{path}:{call.lineno}: log"
        ours = isinstance(call.func, ast.Name) and call.func.id == "log"
        if not ours and not _is_logger(call.func):
            continue
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        if any(_composed(value) for value in values):
            found.append(f"{where} text is composed")
        if ours and not (len(call.args) == 1 and isinstance(call.args[0], ast.Constant)):
            found.append(f"{where} event is not one constant")
        named = [k.arg for k in call.keywords if k.arg != "extra"] if ours else _extra(call)
        found += [f"{where} key {key or '**'} is not in LOG_KEYS" for key in named if key not in keys]
    return found


def _is_logger(func: ast.expr) -> bool:
    """``logger.info``, ``self._log.error``, ``logging.getLogger(name).warning``."""
    if not isinstance(func, ast.Attribute):
        return False
    base = func.value.func if isinstance(func.value, ast.Call) else func.value
    return func.attr in _LEVELS and "log" in dotted(base).rpartition(".")[2].lower()


def _extra(call: ast.Call) -> list[str | None]:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "extra"]
    if not given:
        return []
    if not isinstance(given[0], ast.Dict):
        return [None]
    return [str(key.value) if isinstance(key, ast.Constant) else None for key in given[0].keys]


def _composed(value: ast.expr) -> bool:
    for node in ast.walk(value):
        if isinstance(node, ast.JoinedStr):
            return True
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add) and _has_text(node):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"format", "join"}:
            return True
    return False


def _has_text(node: ast.BinOp) -> bool:
    return any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right))


def committed_text(source: str, path: str) -> list[str]:
    """No package host (the lock must work behind any mirror), no path of one machine, no private key."""
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        if any(host in line for host in _REGISTRIES):
            found.append(f"{path}:{number}: names a package registry")
        if _MACHINE.search(line):
            found.append(f"{path}:{number}: names a path of one machine")
        if _PRIVATE_KEY.search(line):
            found.append(f"{path}:{number}: holds a private key")
    return found
