"""What the tests of validation share: documents of the test PKI, and short ways to ask for a verdict."""

from datetime import timedelta

from certs.validation import Evidence, Indication, Integrity, RevocationRule, ValidationPolicy, validate_document
from tests.pki.authority import NOW, SIGNING, pki
from tests.pki.cms import signed_data, stamped_by
from tests.pki.documents import signed_pdf

DAY = timedelta(days=1)
POLICY = ValidationPolicy()
STRICT = ValidationPolicy(revocation=RevocationRule.REQUIRED)


def evidence(*, crls=(), ocsp=(), anchors=None, certificates=None):
    return Evidence.from_der(
        trust=[pki().root.der] if anchors is None else anchors,
        certificates=[pki().intermediate.der] if certificates is None else certificates,
        crls=crls,
        ocsp_responses=ocsp,
    )


def validate(data, *, policy=POLICY, at=NOW, **more):
    return validate_document(data, policy=policy, evidence=evidence(**more), at=at)


def document(entity=None, *, sub_filter="adbe.pkcs7.detached", entries="", stamped=True, stamped_at=SIGNING, **more):
    entity = entity or pki().agency
    unsigned = [stamped_by(pki().tsa, at=stamped_at)] if stamped else []
    return signed_pdf(
        lambda data: signed_data(entity, data, unsigned=unsigned, **more), sub_filter=sub_filter, entries=entries
    )


def only(report):
    assert len(report.signatures) == 1, report
    return report.signatures[0]


def verdict(report):
    signature = only(report)
    return signature.indication, signature.sub_indication, signature.integrity


def codes(found):
    return {m.code for m in found}


PASSED = (Indication.TOTAL_PASSED, None, Integrity.INTACT)
