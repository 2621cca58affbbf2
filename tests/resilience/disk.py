"""A disk that is full: a small file system of its own where one may be mounted, else a limit on what may be written."""

import contextlib
import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Disk:
    """A folder whose space can be taken away and given back."""

    folder: Path
    how: str
    """What is used, for the report."""
    processes: Callable[[], Sequence[int]] = lambda: ()
    """Whose writing is limited, where nothing could be mounted."""

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self) -> None:
        """Leave no byte."""
        if self.how != "tmpfs":
            self._limit(1)
            return
        with open(self._filler, "ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"\0" * size) == size:
                        pass

    def free(self) -> None:
        """Give it all back."""
        if self.how != "tmpfs":
            self._limit(resource.RLIM_INFINITY)
        self._filler.unlink(missing_ok=True)

    def _limit(self, size: int) -> None:
        """EFBIG instead of ENOSPC: the nearest to a full disk that a process without rights can make."""
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                hard = resource.prlimit(process, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """A tmpfs of this size if it may be mounted; else any folder, to be limited by ``RLIMIT_FSIZE``."""
    folder = Path(tempfile.mkdtemp(prefix="throughcare-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mounted = os.getuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    folder.chmod(0o755)
    try:
        yield Disk(folder, "tmpfs" if mounted else "RLIMIT_FSIZE")
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir() if mounted else None


def family(parent: int) -> list[int]:
    """A process and its descendants."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    children: dict[int, list[int]] = {}
    for line in listed.stdout.splitlines():
        process, its_parent = map(int, line.split())
        children.setdefault(its_parent, []).append(process)
    found = [parent]
    for process in found:
        found += children.get(process, [])
    return found
