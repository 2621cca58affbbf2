"""Bodies and paths of calls with the scenario's names in them: ``{A}``, ``{maria}``, ``{case:X}``, ``{+10d}``."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

_NAME: Final = re.compile(r"\{([\w:+ -]+)\}")


def filled(value: Any, ids: Callable[[str], Any]) -> Any:
    """The value with every name in its texts replaced by what the service knows it by."""
    if isinstance(value, str):
        whole = _NAME.fullmatch(value)
        return ids(whole[1]) if whole else _NAME.sub(lambda found: str(ids(found[1])), value)
    if isinstance(value, dict):
        return {name: filled(one, ids) for name, one in value.items()}
    return [filled(one, ids) for one in value] if isinstance(value, list) else value


def named_cases(*values: Any) -> Iterator[str]:
    """The cases that are named anywhere in these."""
    for value in values:
        if isinstance(value, str):
            yield from (name[5:] for name in _NAME.findall(value) if name.startswith("case:"))
        elif isinstance(value, dict):
            yield from named_cases(*value.values())
        elif isinstance(value, list):
            yield from named_cases(*value)
