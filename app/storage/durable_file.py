"""Files that are on the disk when they are said to be: what the keys and the shred list have in common."""

import json
import os
import secrets
from pathlib import Path
from typing import Any


def draft_beside(path: Path, document: dict[str, Any]) -> Path:
    """A file beside ``path``, mode 0600, that holds the document, on the disk."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def sync_folder(folder: Path) -> None:
    """What was named, renamed or taken out of a folder stays so after a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
