"""A report as the verdict page shows it: one answer, then a card for each certificate that signed, in order.

Nothing is judged here. Every sign (tick, cross, question mark) repeats what the report says; what it does not say is a
question mark, never a tick.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from registry.certificates.query import Standing
from registry.web.formats import format_moment
from registry.web.labels import label
from registry.web.translation import load_translations
from registry.web.translation import mark as _

JSON = dict[str, Any]

CONCLUSIONS: Final[dict[str, tuple[str, str]]] = {
    "valid": ("valid", _("Valid")),
    "invalid": ("invalid", _("Invalid")),
    "indeterminate": ("undetermined", _("Undetermined")),
    "unsigned": ("unknown", _("Not signed")),
    "unreadable": ("unknown", _("Cannot be read")),
}
"""Tone and word of each conclusion."""

INDICATIONS: Final[dict[str, tuple[str, str]]] = {
    "TOTAL_PASSED": ("valid", _("Valid")),
    "TOTAL_FAILED": ("invalid", _("Invalid")),
    "INDETERMINATE": ("undetermined", _("Undetermined")),
}

_SIGNS: Final[dict[str, str]] = {"PASSED": "valid", "FAILED": "invalid", "INDETERMINATE": "undetermined"}

BLOCKS: Final[dict[str, str]] = {
    "format_checking": _("Form of the signature"),
    "identification_of_the_signing_certificate": _("Certificate of the signer"),
    "x509_certificate_validation": _("Path to a trust anchor"),
    "cryptographic_verification": _("Digest and signature value"),
    "signature_acceptance_validation": _("Algorithms"),
    "time_stamp_validation": _("Time-stamp"),
    "document_changes": _("Changes after signing"),
}

_INTEGRITY: Final[dict[str, tuple[str, str]]] = {
    "intact": ("valid", _("What you see is what was signed.")),
    "changed_permitted": (
        "valid",
        _("After signing only changes were made that the signer permits; they are listed below."),
    ),
    "changed": ("invalid", _("Something else was changed after signing.")),
    "broken": ("invalid", _("The digest, the signature value or the structure of the document is wrong.")),
    "unknown": ("undetermined", _("It could not be found out whether the document was changed.")),
}

_REVOCATION: Final[dict[str, tuple[str, str]]] = {
    "good": ("valid", _("It was not revoked when it signed.")),
    "revoked": ("invalid", _("It was revoked.")),
    "unknown": (
        "undetermined",
        _(
            "It could not be found out whether it was revoked: no list or answer of the CA tells of the time of signing."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked: its sign, its name and its sentences."""

    tone: str
    name: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change after signing, and how often it was made."""

    what: str
    is_permitted: bool
    old: str | None
    new: str | None
    count: int


@dataclass(frozen=True, slots=True)
class SignatureCard:
    """One signature."""

    number: int
    """Counted from 1 among those of its kind."""
    tone: str
    word: str
    data: JSON
    checks: tuple[Check, ...]
    changes: tuple[ChangeLine, ...]
    """Those that nothing permits first."""
    notes: tuple[str, ...]
    """Warnings and remarks that no check has said already."""

    @property
    def has_forbidden_changes(self) -> bool:
        """Whether any change is not permitted."""
        return any(not change.is_permitted for change in self.changes)


@dataclass(frozen=True, slots=True)
class SignerCard:
    """Everything that one certificate signed, in the order of signing."""

    signer: str
    register: JSON | None
    signatures: tuple[SignatureCard, ...]

    @property
    def worst(self) -> SignatureCard:
        """The signature that needs attention most."""
        order = ("invalid", "undetermined", "valid")
        return min(self.signatures, key=lambda signature: order.index(signature.tone))

    @property
    def is_timestamp(self) -> bool:
        """Whether this is a document time-stamp and not a signature of somebody."""
        return all(signature.data["type"] == "document_timestamp" for signature in self.signatures)


def signer_cards(report: JSON, language: str) -> tuple[SignerCard, ...]:
    """The cards of a report, by certificate in the order in which each signed first.

    Signatures and document time-stamps are counted apart: the second signature is number 2, whatever was stamped before.
    """
    counted: Counter[str] = Counter()
    groups: dict[tuple[str, str], list[SignatureCard]] = {}
    for signature in report["signatures"]:
        kind = signature["type"]
        counted[kind] += 1
        certificate = signature["certificate_sha256"] or f"unknown {counted[kind]}"
        groups.setdefault((kind, certificate), []).append(_signature_card(counted[kind], signature, language))
    return tuple(
        SignerCard(cards[0].data["signer"] or "?", cards[0].data.get("register"), tuple(cards))
        for cards in groups.values()
    )


def without_code(warning: str) -> str:
    """A warning of the report, `code: sentence`, as its sentence."""
    return warning.partition(": ")[2] or warning


def _signature_card(number: int, signature: JSON, language: str) -> SignatureCard:
    translate = load_translations(language).gettext
    tone, word = INDICATIONS[signature["indication"]]
    checks = tuple(_checks(signature, language))
    said = {sentence for check in checks for sentence in check.sentences}
    # Warnings stand above all cards, with the name of the signer in their sentences.
    said.update(without_code(warning) for warning in signature["warnings"])
    remarks = [message[language] for message in signature["messages"]]
    if signature["claimed_time_note"] is not None:
        remarks.append(signature["claimed_time_note"][language])
    notes = tuple(sentence for sentence in dict.fromkeys(remarks) if sentence not in said)
    return SignatureCard(number, tone, translate(word), signature, checks, _changes(signature), notes)


def _changes(signature: JSON) -> tuple[ChangeLine, ...]:
    """The changes, equal ones once: each further signature brings the same bookkeeping."""
    counted = Counter(
        (change["permitted"], change["what"], change["old"], change["new"]) for change in signature["changes"]
    )
    lines = [ChangeLine(what, permitted, old, new, count) for (permitted, what, old, new), count in counted.items()]
    return tuple(sorted(lines, key=lambda line: line.is_permitted))


def _checks(signature: JSON, language: str) -> list[Check]:
    """What a clerk asks, in the order of asking; the building blocks of the standard are in the technical part."""
    _ = load_translations(language).gettext
    blocks = {block["name"]: block for block in signature["blocks"]}
    tone, sentence = _INTEGRITY[signature["integrity"]]
    integrity = [_(sentence)]
    for name in ("format_checking", "cryptographic_verification", "document_changes"):
        integrity += _reasons(blocks.get(name), language)
    checks = [Check(tone, _("Integrity"), tuple(dict.fromkeys(integrity)))]

    path = blocks.get("x509_certificate_validation")
    if signature["trust_anchor"]:
        chain = _("Issued by %(issuer)s; the path ends at the trust anchor %(anchor)s.")
        sentences = [chain % {"issuer": signature["issuer"], "anchor": signature["trust_anchor"]}]
    else:
        sentences = [_("No path to a trust anchor of the register was found.")]
    identification = _reasons(blocks.get("identification_of_the_signing_certificate"), language)
    sentences += identification
    # The standard asks about revocation while it follows the path; people ask about it apart.
    is_only_revoked = path is not None and (path["sub_indication"] or "").startswith("REVOKED")
    reasons = _reasons(path, language)
    if is_only_revoked and signature["trust_anchor"]:
        checks.append(Check("valid", _("Certificate"), tuple(dict.fromkeys(sentences))))
    else:
        checks.append(Check(_sign(path), _("Certificate"), tuple(dict.fromkeys([*sentences, *reasons]))))
    checks.append(_revocation_check(signature, reasons if is_only_revoked else [], language))
    if signature["type"] != "document_timestamp":
        checks.append(_time_check(signature, language))

    acceptance = blocks.get("signature_acceptance_validation")
    sentences = _reasons(acceptance, language)
    if not sentences:
        sentences = [signature["algorithm"] or _("The algorithm could not be read.")]
    checks.append(Check(_sign(acceptance), _("Algorithms"), tuple(sentences)))
    if signature["type"] != "document_timestamp":
        checks.append(_register_check(signature.get("register"), language))
    return checks


def _sign(block: JSON | None) -> str:
    return _SIGNS[block["conclusion"]] if block is not None else "undetermined"


def _reasons(block: JSON | None, language: str) -> list[str]:
    """What a block says when it did not pass."""
    if block is None or block["conclusion"] == "PASSED":
        return []
    return [message[language] for message in block["messages"]]


def _revocation_check(signature: JSON, reasons: list[str], language: str) -> Check:
    _ = load_translations(language).gettext
    tone, sentence = _REVOCATION[signature["revocation"]]
    sentences = [*reasons] if reasons else [_(sentence)]
    evidence = signature["revocation_evidence"]
    if evidence is not None:
        if evidence["revoked_at"] and not reasons:
            sentences.append(_("Revoked on %(moment)s.") % {"moment": format_moment(evidence["revoked_at"])})
        source = _("Source: %(kind)s of %(moment)s.")
        sentences.append(source % {"kind": evidence["kind"].upper(), "moment": format_moment(evidence["this_update"])})
    return Check(tone, _("Revocation"), tuple(sentences))


def _time_check(signature: JSON, language: str) -> Check:
    _ = load_translations(language).gettext
    if signature["best_signature_time_source"] != "validation_time":
        sentence = _("A time-stamp of %(authority)s proves that it was signed before %(moment)s.") % {
            "authority": signature["timestamp_authority"] or _("a later document time-stamp"),
            "moment": format_moment(signature["best_signature_time"]),
        }
        return Check("valid", _("Time of signing"), (sentence,))
    stamps = [block for block in signature["blocks"] if block["name"] == "time_stamp_validation"]
    reasons = [sentence for block in stamps for sentence in _reasons(block, language)]
    return Check(
        "undetermined",
        _("Time of signing"),
        (_("Nothing proves when it was signed; the time is only what the signer claims."), *reasons),
    )


def _register_check(register: JSON | None, language: str) -> Check:
    _ = load_translations(language).gettext
    if register is None:
        return Check(
            "unknown",
            _("Register"),
            (_("The register does not know this certificate, so it cannot say for whom it signs."),),
        )
    standing = Standing(register["status_at_signing"])
    values = {
        "agency": register["agency"],
        "status": _(label(standing)).lower(),
    }
    sentences = [_("Registered for %(agency)s; at the time of signing: %(status)s.") % values]
    if register["agency_now"] != register["agency"]:
        sentences.append(_("Today %(agency)s is responsible for it.") % {"agency": register["agency_now"]})
    tone = {Standing.ACTIVE: "valid", Standing.REVOKED: "invalid"}.get(standing, "undetermined")
    return Check(tone, _("Register"), tuple(sentences))
