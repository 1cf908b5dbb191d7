"""Decryption of strings and streams (ISO 32000-2, 7.6). The file key comes from qpdf, which checks the password."""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from certs.pdf.syntax import SyntaxFault


@dataclass(frozen=True, slots=True)
class Cryptographer:
    """The standard security handler with its file key."""

    key: bytes
    string_method: str
    """`none`, `rc4`, `aes` (128 bits) or `aesv3` (256 bits)."""
    stream_method: str

    def string(self, data: bytes, number: int, generation: int) -> bytes:
        """Decrypt a string of the given object."""
        return self._decrypt(data, number, generation, self.string_method)

    def stream(self, data: bytes, number: int, generation: int) -> bytes:
        """Decrypt the raw bytes of the given stream."""
        return self._decrypt(data, number, generation, self.stream_method)

    def _decrypt(self, data: bytes, number: int, generation: int, method: str) -> bytes:
        if method == "none" or not data:
            return data
        if method == "aesv3":
            return _aes(self.key, data)
        salt = b"sAlT" if method == "aes" else b""
        seed = self.key + number.to_bytes(4, "little")[:3] + generation.to_bytes(4, "little")[:2] + salt
        # MD5 is what the format prescribes for the object key; nothing is authenticated with it.
        key = hashlib.md5(seed, usedforsecurity=False).digest()[: min(len(self.key) + 5, 16)]
        if method == "aes":
            return _aes(key, data)
        return Cipher(ARC4(key), mode=None).decryptor().update(data)


def _aes(key: bytes, data: bytes) -> bytes:
    if len(data) % 16 or len(data) < 32:
        raise SyntaxFault(0, "encrypted data in whole blocks")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(data[:16])).decryptor()
    plain = decryptor.update(data[16:]) + decryptor.finalize()
    padding = plain[-1]
    if not 1 <= padding <= 16:
        raise SyntaxFault(0, "encrypted data with padding")
    return plain[:-padding]
