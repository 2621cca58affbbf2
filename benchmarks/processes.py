"""CPU time of processes from Linux's /proc, in seconds since they began."""

import os
from pathlib import Path
from typing import Final

import psycopg

_TICK: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")


def cpu_seconds(root: int) -> float:
    """User and system time of a process and all below it, those included that ended and were waited for."""
    tree, ticks = _children(), 0
    pending = [root]
    while pending:
        pid = pending.pop()
        pending += tree.get(pid, [])
        ticks += sum(_stat(pid)[11:15])
    return ticks / _TICK


def postmaster(url: str) -> int:
    """The process id of the PostgreSQL server at this URL: the parent of any of its backends, on this machine."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        return _stat(row[0])[1]


def _children() -> dict[int, list[int]]:
    tree: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            tree.setdefault(_stat(int(entry.name))[1], []).append(int(entry.name))
    return tree


def _stat(pid: int) -> list[int]:
    """The fields after the name as integers, from ``state`` (as 0) on; zeros for a process that is gone (proc(5))."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return [0] * 15
    fields = text.rpartition(")")[2].split()
    return [0, *(int(field) for field in fields[1:15])]
