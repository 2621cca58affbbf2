"""The high-water mark: what was once committed, kept beside the keys, so that an older copy is not served unseen.

A restore to an earlier point brings revoked consents back to life. The mark tells such a copy by its tree, which
lacks a root that was signed, or by its clock's floor, which every revocation raises (to the second). What was committed
after the worker's last look, some two seconds, it cannot miss.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from app.exchange.hub import Hub
from app.exchange.unit import write
from app.storage import ledger, restored
from app.storage.database import Reader, Transaction


class Restored(Exception):
    """The database lacks what was committed once. Its words are for the operator and name no person."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Size and root (hexadecimal) of the newest signed tree, and the clock's floor in microseconds."""

    size: int = 0
    root: str = ""
    floor: int = 0


def mark_of(keys: Path) -> Path:
    """Where the mark of the service with this keys file is kept."""
    return keys.with_name(f"{keys.stem}.mark")


async def require(hub: Hub, keys: Path) -> None:
    """Refuse a database that lacks what the mark says was committed; without a mark nothing is known.

    Raises:
        Restored: it is an older copy, and no operator has accepted that, or the mark cannot be read.
    """
    async with hub.database.read() as reader:
        await _compare(reader, _known(mark_of(keys)))


async def keep(hub: Hub, keys: Path) -> None:
    """Raise the mark to what is committed now; it is never lowered.

    Raises:
        Restored: the database lacks what the mark says already, or the mark cannot be read.
        OSError: it cannot be written.
    """
    known = _known(mark_of(keys))
    async with hub.database.read() as reader:
        await _compare(reader, known)
        standing = await _standing(reader)
    if standing != known:
        _raise(mark_of(keys), standing)


async def accept(hub: Hub, keys: Path) -> Mark:
    """Begin another life of an older copy: places in feeds that were given in the lost one are refused from now on.

    The clock does not fall behind what the lost life has seen, unless the mark cannot be read. Gives the mark as it is
    now.
    """
    try:
        known = _known(mark_of(keys))
    except Restored:
        known = Mark()

    async def flow(tx: Transaction) -> None:
        begun = max(await tx.now(), known.floor + 1, await restored.life(tx) + 1)
        await tx.run(restored.RAISE_FLOOR, least=begun, to=begun)
        await tx.run(restored.BEGIN, at=begun)

    await write(hub, flow)
    async with hub.database.read() as reader:
        standing = await _standing(reader)
    with _alone(mark_of(keys).parent):
        _write(mark_of(keys), standing)
    return standing


async def _compare(reader: Reader, known: Mark) -> None:
    root = await reader.one(restored.ROOT, size=known.size) if known.size else None
    if known.size and (root is None or root["root"].hex() != known.root):
        raise Restored(f"the tree of {known.size} disclosures that was signed once is not in this database; {_ADVICE}")
    floor = await reader.one(restored.FLOOR)
    if floor is None or floor["at"] < known.floor:
        raise Restored(f"what was committed last, such as a revocation, is not in this database; {_ADVICE}")


_ADVICE = "it is an older copy: see accept-restore in docs/operations.md"


async def _standing(reader: Reader) -> Mark:
    floor, head = await reader.one(restored.FLOOR), await reader.one(ledger.HEAD)
    at = floor["at"] if floor is not None else 0
    return Mark(head["size"], head["root"].hex(), at) if head is not None else Mark(floor=at)


def _known(path: Path) -> Mark:
    """The mark that is kept there.

    Raises:
        Restored: it cannot be read, so that nothing is known of what was committed.
    """
    try:
        stored = json.loads(path.read_bytes())
        return Mark(int(stored["size"]), str(stored["root"]), int(stored["floor"]))
    except (FileNotFoundError, NotADirectoryError):
        return Mark()
    except (ValueError, KeyError, TypeError):
        raise Restored(f"{path.name} beside the keys cannot be read, and {_UNLESS}") from None


_UNLESS = "whether this is an older copy is not known: see accept-restore in docs/operations.md"


def _raise(path: Path, mark: Mark) -> None:
    """Whoever looked earlier and writes later lowers nothing."""
    with _alone(path.parent):
        known = _known(path)
        tree = max(known, mark, key=lambda one: one.size)
        _write(path, Mark(tree.size, tree.root, max(known.floor, mark.floor)))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer of the mark at a time; what it wrote is there after a crash."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, mark: Mark) -> None:
    """Whole or not at all, and on the disk before it is relied on."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")  # of two containers both may be process 1
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(mark), file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
