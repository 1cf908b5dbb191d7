"""What preparing a data directory left behind, read without loading what preparing takes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

_FILE: Final = "prepared.json"
_VERSIONS: Final = Path(__file__).parents[1] / "db" / "migrations" / "versions"


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in to the demo."""

    role: str
    username: str
    password: str
    agency: str | None


def is_prepared(directory: Path) -> bool:
    """Whether the directory was prepared by this version, so that a second start need not look into the database."""
    try:
        known = json.loads((directory / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(known["migrations"] == _migrations()) and (directory / "registry.db").is_file()


def mark_prepared(directory: Path, logins: Sequence[Login]) -> None:
    """Note that the directory is prepared, and who can sign in."""
    content = {"migrations": _migrations(), "logins": [asdict(login) for login in logins]}
    path = directory / _FILE
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    path.chmod(0o600)


def read_logins(directory: Path) -> tuple[Login, ...]:
    """Who can sign in to the prepared demo."""
    known = json.loads((directory / _FILE).read_text(encoding="utf-8"))
    return tuple(Login(**login) for login in known["logins"])


def _migrations() -> str:
    names = sorted(path.name for path in _VERSIONS.glob("*.py"))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
