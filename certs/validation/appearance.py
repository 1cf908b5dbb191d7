"""How the signatures look, read against Nghị định 30/2020/NĐ-CP, Phụ lục I. Informative: it changes no conclusion."""

import re

from certs.messages import Message, message
from certs.names import parse_name
from certs.pdf.model import Appearance, EmbeddedSignature, SignatureType
from certs.subject_kind import SubjectKind, guess_kind
from certs.validation import messages
from certs.validation.report import AppearanceReport, SignatureAppearance, SignatureReport
from certs.validation.times import VIET_NAM, show

_ROLES = {SubjectKind.PERSON: "person", SubjectKind.ORGANISATION: "agency", SubjectKind.DEVICE: "device"}
_SHOWN_TIME = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\D{1,3}(\d{1,2}):(\d{2})", re.ASCII)


def describe_appearance(
    signatures: tuple[tuple[EmbeddedSignature, SignatureReport], ...],
) -> AppearanceReport | None:
    """The visible side of the signatures in the order of signing; None when there is nothing but time-stamps."""
    signed = [(s, r) for s, r in signatures if r.type is SignatureType.SIGNATURE]
    if not signed:
        return None
    shown: list[SignatureAppearance] = []
    found: list[Message] = []
    roles: list[str] = []
    for signature, report in signed:
        role = _role_of(report)
        roles.append(role)
        appearance = signature.appearance
        if appearance is None:
            continue
        shown.append(
            SignatureAppearance(
                signature.field_name,
                role,
                appearance.page,
                appearance.rectangle,
                _position(appearance),
                appearance.has_image,
                appearance.image_has_transparency,
                appearance.is_hidden,
            )
        )
        found.extend(_observe(appearance, report))
    return AppearanceReport(tuple(shown), (*_judge_roles(roles), *dict.fromkeys(found)))


def _role_of(report: SignatureReport) -> str:
    if report.certificate is None:
        return "unknown"
    try:
        kind = guess_kind(parse_name(report.certificate.subject), ()).kind
    except ValueError:
        return "unknown"
    return _ROLES[kind] if kind is not None else "unknown"


def _judge_roles(roles: list[str]) -> list[Message]:
    """The competent person signs first, the agency last."""
    found: list[Message] = []
    if "agency" not in roles:
        found.append(message(messages.NO_AGENCY_SIGNATURE))
    elif roles[-1] != "agency":
        found.append(message(messages.AGENCY_NOT_LAST))
    if "person" not in roles:
        found.append(message(messages.NO_PERSON_SIGNATURE))
    return found or [message(messages.LOOKS_COMPLETE)]


def _observe(appearance: Appearance, report: SignatureReport) -> list[Message]:
    found: list[Message] = []
    if not appearance.is_hidden and not appearance.has_image and not appearance.text:
        found.append(message(messages.IMAGE_MISSING, name=report.signer))
    elif appearance.has_image and not appearance.image_has_transparency:
        found.append(message(messages.IMAGE_OPAQUE, name=report.signer))
    match = _SHOWN_TIME.search(appearance.text)
    signed = report.claimed_signing_time
    if match is not None and signed is not None:
        day, month, year, hour, minute = (int(part) for part in match.groups())
        local = signed.astimezone(VIET_NAM)
        same = (local.year, local.month, local.day, local.hour) == (year, month, day, hour)
        if not same or abs(local.minute - minute) > 1:
            found.append(
                message(messages.SHOWN_TIME_DIFFERS, name=report.signer, shown=match.group(0), signed=show(signed))
            )
    return found


def _position(appearance: Appearance) -> str:
    """Where the middle of the signature lies on a grid of three by three."""
    left, bottom, right, top = appearance.rectangle
    width, height = appearance.page_size
    x = (left + right) / 2 / width if width else 0.5
    y = (bottom + top) / 2 / height if height else 0.5
    row = "top" if y > 2 / 3 else "bottom" if y < 1 / 3 else "middle"
    column = "right" if x > 2 / 3 else "left" if x < 1 / 3 else "centre"
    return f"{row}-{column}"
