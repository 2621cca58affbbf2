"""The home-made lints: ``(source, path) -> violations``. Each has examples in ``examples.py`` and runs on app/."""

from collections.abc import Callable

from tests.architecture.lint_effects import algorithms_pinned, core_is_timeless, one_door, wall_clock
from tests.architecture.lint_size import file_length, function_length, returns_annotated, telling_names
from tests.architecture.lint_text import committed_text, log_lines, suppressions_explained
from tests.architecture.lint_values import no_forging, private_constructors
from tests.architecture.lint_web import endpoints, raw_middleware, telemetry_off

Lint = Callable[[str, str], list[str]]

ON_APP: dict[str, Lint] = {
    lint.__name__: lint
    for lint in (
        file_length,
        function_length,
        returns_annotated,
        telling_names,
        private_constructors,
        no_forging,
        core_is_timeless,
        wall_clock,
        one_door,
        algorithms_pinned,
        endpoints,
        raw_middleware,
        telemetry_off,
        suppressions_explained,
    )
}
"""Those that need the source and its path only; ``log_lines`` is given the allowed keys besides."""

LINTS: dict[str, Lint] = {**ON_APP, "log_lines": log_lines, "committed_text": committed_text}
