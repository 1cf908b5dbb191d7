"""Passwords as argon2id hashes, with a bound on the memory that strangers can make us use."""

import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from certs.messages import message
from registry.accounts.errors import WeakPassword

MINIMUM_LENGTH: Final = 10
_MAXIMUM_LENGTH: Final = 1024
_HASHER: Final = PasswordHasher()
# Each hash takes 64 MB: more than these at once and a crowd at the sign-in page would use up the machine.
_AT_ONCE: Final = threading.BoundedSemaphore(2)
# Verified when there is no such user, so that the answer takes as long as for one who exists.
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$hod1ZlJtppBj/G+EvOMHYg$IEI7Na39GMi4s2LoRGSfs8x2PYq8o02CbC7taml5U18"


def hash_password(password: str) -> str:
    """The argon2id hash of `password`; raises `WeakPassword` below ten characters."""
    if len(password) < MINIMUM_LENGTH:
        raise WeakPassword(message("accounts.weak_password", minimum=MINIMUM_LENGTH), field="password")
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether `password` belongs to the hash. Without a hash (no such user) the answer is no, after as long a time."""
    if len(password) > _MAXIMUM_LENGTH:
        return False
    try:
        with _AT_ONCE:
            _HASHER.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
