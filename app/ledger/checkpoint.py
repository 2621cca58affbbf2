"""What is signed of the tree: its origin, size and root, as canonical bytes."""

from app.ledger.entry import canonical


def statement(origin: str, size: int, root: bytes, at: int) -> bytes:
    """The bytes that the service signs when it has sequenced ``size`` disclosures; ``at`` in microseconds."""
    return canonical({"origin": origin, "size": size, "root": root.hex(), "at": at})
