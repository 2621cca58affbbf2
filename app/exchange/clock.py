"""The process clock, for token lifetimes only. Decisions use the database's clock and its floor."""

import time


def seconds() -> int:
    """Whole seconds since 1970-01-01T00:00Z."""
    return int(time.time())
