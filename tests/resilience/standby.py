"""A PostgreSQL primary and its synchronous standby, both real: base backup, streaming, promotion."""

import shutil
import time
from typing import Final

from app.sandbox.cluster import Cluster
from tests.storage.direct import change, rows

NAME: Final = "standby"
_WAITING: Final = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


class Standby(Cluster):
    """A copy of a running primary that follows it until it is promoted."""

    def __init__(self, primary: Cluster) -> None:
        self._primary = primary
        super().__init__()

    def _fill(self) -> None:
        source = f"{self._primary.url('postgres')}?application_name={NAME}"
        self._call("pg_basebackup", "-d", source, "-D", str(self._data), "-X", "stream", "-R", "-c", "fast")

    def promote(self) -> None:
        """Become a primary that waits for nobody; returns once it takes writes."""
        url = self.url("postgres")
        change(url, "SELECT pg_promote(true, 60)")
        change(url, "ALTER SYSTEM SET synchronous_standby_names = ''")
        change(url, "SELECT pg_reload_conf()")


def follow(primary: Cluster) -> Standby:
    """Make a standby of a primary, start it, and make the primary's commits wait for it from now on."""
    standby = Standby(primary)
    standby.start()
    url = primary.url("postgres")
    change(url, f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")
    change(url, "SELECT pg_reload_conf()")
    deadline = time.monotonic() + 20
    while rows(url, "SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
        if time.monotonic() > deadline:
            raise TimeoutError("the standby does not follow synchronously")
        time.sleep(0.05)
    return standby


def waiting(primary: Cluster) -> list[int]:
    """The server processes that wait for the standby at this moment."""
    return [row[0] for row in rows(primary.url("postgres"), _WAITING)]


def destroy(primary: Cluster) -> None:
    """SIGKILL the primary and remove its data for good."""
    primary.kill()
    shutil.rmtree(primary.data)
