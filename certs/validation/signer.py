"""Whose signature it is where several certificates are for the signer's key (EN 319 102-1, 5.2.3.4)."""

from dataclasses import replace

from certs.messages import message
from certs.path import ParsedCertificate, search_paths
from certs.path.certificates import is_same_name
from certs.validation import messages
from certs.validation.cryptography import Examination, Problem
from certs.validation.evidence import Evidence
from certs.validation.indications import SubIndication


def settle_signer(examined: Examination, evidence: Evidence) -> Examination:
    """Name the holder whose certificate leads to an anchor, and nobody where those of different holders do.

    Anybody can put a certificate for the signer's key beside the signature, under any name: where nothing that is
    signed tells which one is meant, the order in which they come must not decide. Where none has a path the first
    stays, for none of them is believed.
    """
    if not examined.twins or examined.certificate is None:
        return examined
    candidates = (examined.certificate, *examined.twins)
    believed = [c for c in candidates if search_paths(c, anchors=evidence.anchors, others=evidence.certificates).paths]
    if not believed:
        return examined
    if any(not _is_same_holder(believed[0], other) for other in believed[1:]):
        ambiguous = Problem(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, message(messages.SIGNER_AMBIGUOUS))
        return replace(examined, certificate=None, twins=(), certificate_problem=ambiguous)
    return replace(examined, certificate=believed[0], twins=())


def _is_same_holder(one: ParsedCertificate, other: ParsedCertificate) -> bool:
    return is_same_name(one.value.subject, other.value.subject)
