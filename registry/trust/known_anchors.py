"""Fingerprints of the trust anchors that the product knows. The certificates themselves come from the operator."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class KnownAnchor:
    """A root certificate that is trusted without anybody having to vouch for it."""

    sha256: str
    name: str
    generation: str
    """How certificates below it are grouped."""


GOVERNMENT_G1: Final = "G1"
GOVERNMENT_G2: Final = "G2"
PUBLIC: Final = "public"
"""The national PKI of the public CAs."""

KNOWN_ANCHORS: Final = {
    anchor.sha256: anchor
    for anchor in (
        KnownAnchor(
            "f7bc89054cec7f12730d7b8cd3eb7955b163835087e5eb873edfb584763b3f90",
            "Co quan chung thuc so chuyen dung Chinh phu (RootCA)",
            GOVERNMENT_G1,
        ),
        KnownAnchor(
            "f04ba4b459a7c9a1b971ad9b1cb833e695a80c79aea63b174b66a70edfe2fdb8",
            "RootCA chuyên dùng Chính phủ G2",
            GOVERNMENT_G2,
        ),
        KnownAnchor(
            "ca918d635bb130bec97639e6aabf7edbc4eb1310f8058b9419f467ae0230ad8c",
            "MIC National Root CA",
            PUBLIC,
        ),
        KnownAnchor(
            "bac8bf609ab420a8ee1780d74f4de5c7f7184959d2a7375b0a75e4c29f0908e7",
            "Vietnam National Root CA",
            PUBLIC,
        ),
    )
}

DEMO_PREFIX: Final = "demo-"
"""Generations of the demonstration PKI, which imitates the Government PKI: `demo-G1`, `demo-G2`."""


def knows_suspension(generation: str) -> bool:
    """Whether the PKI of this generation suspends certificates; the Government PKI does not (Nghị định 68/2024/NĐ-CP)."""
    return generation.removeprefix(DEMO_PREFIX) not in (GOVERNMENT_G1, GOVERNMENT_G2)
