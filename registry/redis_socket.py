"""Where the embedded Redis server of a data directory listens."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

_LONGEST: Final = 107
"""Bytes of the path of a socket on Linux, whatever the file system allows."""


def redis_socket(data_dir: Path) -> Path:
    """In the data directory or, where that path is too long, in a short directory made from its name."""
    directory = data_dir.resolve()
    socket = directory / "redis.sock"
    if len(os.fsencode(socket)) <= _LONGEST:
        return socket
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"registry-{os.getuid()}-{digest}" / "redis.sock"
