"""How the signatures look, read against Nghị định 30/2020/NĐ-CP, Phụ lục I. Informative: it changes no conclusion."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from certs.messages import Message, message
from certs.names import parse_name
from certs.pdf.model import Appearance, EmbeddedSignature, SignatureType
from certs.subject_kind import SubjectKind, guess_kind
from certs.validation import messages
from certs.validation.report import AppearanceReport, SignatureAppearance, SignatureReport
from certs.validation.times import VIET_NAM, show

_ROLES = {SubjectKind.PERSON: "person", SubjectKind.ORGANISATION: "agency", SubjectKind.DEVICE: "device"}
_SHOWN_TIME = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\D{1,3}(\d{1,2}):(\d{2})(?::\d{2})?(?: ?(AM|PM|SA|CH)\b)?", re.ASCII
)
_SHOWN_TOLERANCE = timedelta(minutes=2)
"""Two clock readings a moment apart, and seconds that are not shown."""


def describe_appearance(
    signatures: tuple[tuple[EmbeddedSignature, SignatureReport], ...],
) -> AppearanceReport | None:
    """The visible side of the signatures in the order of signing; None when there is nothing but time-stamps."""
    signed = [(s, r) for s, r in signatures if r.type is SignatureType.SIGNATURE]
    if not signed:
        return None
    shown: list[SignatureAppearance] = []
    found: list[Message] = []
    roles = [_role_of(report) for _, report in signed]
    pictured = {r.certificate for s, r in signed if s.appearance is not None and s.appearance.has_image}
    for (signature, report), role in zip(signed, roles, strict=True):
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
        # One certificate signs the number, the date and the seal: one picture among them is what is asked for.
        found.extend(_observe(appearance, report, is_pictured=report.certificate in pictured))
    return AppearanceReport(tuple(shown), (*_judge_roles(roles), *_judge_seal(shown), *dict.fromkeys(found)))


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


def _judge_seal(shown: list[SignatureAppearance]) -> list[Message]:
    """The seal covers about a third of the personal signature, on its left."""
    persons = [s for s in shown if s.role == "person" and s.has_image and not s.is_hidden]
    seals = [s for s in shown if s.role == "agency" and s.has_image and not s.is_hidden]
    if not persons or not seals:
        return []
    person = persons[-1]
    if any(seal.page == person.page and _covers_left(seal, person) for seal in seals):
        return []
    return [message(messages.SEAL_POSITION)]


def _covers_left(seal: SignatureAppearance, person: SignatureAppearance) -> bool:
    left, bottom, right, top = person.rectangle
    seal_left, seal_bottom, seal_right, seal_top = seal.rectangle
    covered = min(right, seal_right) - max(left, seal_left)
    overlaps = min(top, seal_top) > max(bottom, seal_bottom)
    return overlaps and covered >= (right - left) / 10 and seal_left < left


def _observe(appearance: Appearance, report: SignatureReport, *, is_pictured: bool) -> list[Message]:
    found: list[Message] = []
    if not is_pictured and not appearance.is_hidden and not appearance.text:
        found.append(message(messages.IMAGE_MISSING, name=report.signer))
    elif appearance.has_image and not appearance.image_has_transparency:
        found.append(message(messages.IMAGE_OPAQUE, name=report.signer))
    match = _SHOWN_TIME.search(appearance.text)
    signed = report.claimed_signing_time
    if match is not None and signed is not None and not _is_shown(match, report, signed):
        differs = message(messages.SHOWN_TIME_DIFFERS, name=report.signer, shown=match.group(0), signed=show(signed))
        found.append(differs)
    return found


def _is_shown(match: re.Match[str], report: SignatureReport, signed: datetime) -> bool:
    """Whether a time shown can be read as the signed one: any order of day and month that Windows writes."""
    claims = [signed.astimezone(VIET_NAM).replace(tzinfo=None)]
    if report.claimed_time_note is not None:
        claims.append(signed.astimezone(UTC).replace(tzinfo=None))  # local time marked as UTC
    return any(abs(shown - claim) <= _SHOWN_TOLERANCE for shown in _readings(match) for claim in claims)


def _readings(match: re.Match[str]) -> list[datetime]:
    day, month, year, hour, minute = (int(part) for part in match.groups()[:5])
    half = match[6]
    if half is not None:
        hour = hour % 12 + (12 if half in ("PM", "CH") else 0)
    # Where AM and PM are written, the month may come first.
    orders = [(day, month), (month, day)] if half in ("AM", "PM") else [(day, month)]
    readings = []
    for a_day, a_month in orders:
        with suppress(ValueError):
            readings.append(datetime(year, a_month, a_day, hour, minute))  # noqa: DTZ001 - digits on a page
    return readings


def _position(appearance: Appearance) -> str:
    """Where the middle of the signature lies on a grid of three by three."""
    left, bottom, right, top = appearance.rectangle
    width, height = appearance.page_size
    x = (left + right) / 2 / width if width else 0.5
    y = (bottom + top) / 2 / height if height else 0.5
    row = "top" if y > 2 / 3 else "bottom" if y < 1 / 3 else "middle"
    column = "right" if x > 2 / 3 else "left" if x < 1 / 3 else "centre"
    return f"{row}-{column}"
