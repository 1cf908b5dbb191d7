"""What a judgement is to be made with, as plain values that travel to a child process.

Apart from `registry.judging`, so that whoever asks for a judgement need not import what makes it.
"""

from dataclasses import dataclass, field
from datetime import datetime

JUDGE_FILE = "registry.judging:JudgeFile"
"""The factory of a function that judges the file at a path, for `registry.bounded.BoundedPool`."""

NamedFiles = tuple[tuple[str, bytes], ...]
"""Contents of files by the names under which a person knows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """Everything a judgement needs besides the document."""

    at: datetime
    """Aware."""
    revocation: str = "warn"
    """`warn` or `required`, as `certs.validation.RevocationRule`."""
    password: str | None = field(default=None, repr=False)
    trust: NamedFiles = field(default=(), repr=False)
    certificates: NamedFiles = field(default=(), repr=False)
    crls: NamedFiles = field(default=(), repr=False)
    ocsp_responses: NamedFiles = field(default=(), repr=False)
    language: str = "vi"
    """Of the sentences in the answer: `vi` or `en`."""
