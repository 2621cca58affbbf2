"""How hard properties search: THROUGHCARE_EXAMPLES examples each (200 unless set)."""

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "throughcare",
    max_examples=int(os.environ.get("THROUGHCARE_EXAMPLES", "200")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("throughcare")


def pytest_report_header(config: pytest.Config) -> str:
    """Print the number of examples, so that a log tells how hard a run searched."""
    return f"hypothesis examples: {settings().max_examples}"


def pytest_sessionfinish() -> None:
    """Stop the PostgreSQL cluster of this process, if a test imported and started it."""
    service = sys.modules.get("tests.service")
    if service is not None:
        service.stop_cluster()
