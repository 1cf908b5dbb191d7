"""What somebody wants to see of the certificates: one value from which the list, its count and its link are made."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self

from registry.agencies.tables import AgencyLevel
from registry.certificates.tables import CertificateEventKind, Custody, Medium, SubscriberKind
from registry.clock import end_of_day
from registry.parameters import ParameterReader, Parameters, write_moment

EXPIRING_DAYS: Final = 90
"""What "expiring soon" means where nobody says otherwise."""


class Standing(StrEnum):
    """What a certificate is worth at a moment. Every certificate has exactly one at any moment."""

    NOT_YET_VALID = "not_yet_valid"
    """Issued, but its validity period has not begun."""
    ACTIVE = "active"
    """Within its validity period, and neither revoked nor suspended."""
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    """Past its validity period and not revoked before."""
    REVOKED = "revoked"


class Flag(StrEnum):
    """A fact about a certificate that somebody may have to act on."""

    NAMES_ENDED_BODY = "names_ended_body"
    """Its subject names an agency that does not exist any more."""
    WEAK = "weak"
    """Signed with SHA-1 or MD5, or an RSA key below 2048 bits."""
    UNKNOWN_CA = "unknown_ca"
    """No path to a trust anchor of the register."""
    REPLACED = "replaced"
    """Another certificate has taken its place."""
    NOT_REPLACED = "not_replaced"
    """No other certificate has taken its place."""


class CertificateSort(StrEnum):
    """Orders of a list; a minus sign turns one round. Ties are broken by the identifier."""

    HOLDER = "holder"
    """By the holder's name, in Vietnamese order."""
    HOLDER_DESCENDING = "-holder"
    EXPIRY = "not_after"
    EXPIRY_DESCENDING = "-not_after"
    ISSUE = "issued_at"
    ISSUE_DESCENDING = "-issued_at"


class Dimension(StrEnum):
    """By what certificates can be counted."""

    EXPIRY_MONTH = "expiry_month"
    """Month in Viet Nam, `2026-11`."""
    ISSUE_MONTH = "issue_month"
    ISSUE_YEAR = "issue_year"
    KIND = "kind"
    MEDIUM = "medium"
    GENERATION = "generation"
    STANDING = "standing"
    CUSTODY = "custody"
    LEVEL = "level"
    """Level of the managing agency."""
    AGENCY = "agency"
    """Identifier of the managing agency itself, without its subtree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateQuery:
    """Conditions that all have to hold; an empty one asks for everything that was issued by `as_of`.

    Days are calendar days in Viet Nam and both ends of a range belong to it.
    """

    as_of: datetime
    """The moment whose truth is wanted: status, agency and levels are those of then."""
    is_pinned: bool = False
    """Whether `as_of` was chosen and therefore belongs in links, or is the moment of the request."""
    text: str = ""
    """Every word must occur somewhere: in holder, position, subject, serial, e-mail or device number.

    A SHA-256 is found by all its digits or by its beginning; see `registry.certificates.columns.FINGERPRINT_LETTERS`.
    """
    agency_id: int | None = None
    with_subtree: bool = True
    levels: tuple[AgencyLevel, ...] = ()
    kinds: tuple[SubscriberKind, ...] = ()
    media: tuple[Medium, ...] = ()
    generations: tuple[str, ...] = ()
    standings: tuple[Standing, ...] = ()
    custodies: tuple[Custody, ...] = ()
    expiring_within_days: int | None = None
    """Active, and its validity ends within so many days of `as_of`."""
    expires_from: date | None = None
    expires_until: date | None = None
    issued_from: date | None = None
    issued_until: date | None = None
    events: tuple[CertificateEventKind, ...] = ()
    """One of these events took effect, between `event_from` and `event_until` where given, and not after `as_of`."""
    event_from: date | None = None
    event_until: date | None = None
    flags: tuple[Flag, ...] = ()
    sort: CertificateSort = CertificateSort.HOLDER

    @classmethod
    def on(cls, day: date) -> Self:
        """Everything as it was at the end of `day` in Viet Nam."""
        return cls(as_of=end_of_day(day), is_pinned=True)

    @classmethod
    def from_parameters(cls, parameters: Iterable[tuple[str, str]], *, now: datetime) -> Self:
        """Read the parameters of an address; unknown ones are left to others.

        Raises `InvalidInput` naming the parameter that cannot be used.
        """
        read = ParameterReader(parameters)
        as_of = read.moment("as_of")
        return cls(
            as_of=as_of or now,
            is_pinned=as_of is not None,
            text=(read.text("q") or "")[:200],
            agency_id=read.integer("agency", minimum=1, maximum=2**63 - 1),
            with_subtree=read.boolean("subtree") is not False,
            levels=read.members("level", AgencyLevel),
            kinds=read.members("kind", SubscriberKind),
            media=read.members("medium", Medium),
            generations=tuple(value[:20].replace("\0", "") for value in read.all("generation")),
            standings=read.members("status", Standing),
            custodies=read.members("custody", Custody),
            expiring_within_days=read.integer("expiring", minimum=0, maximum=36500),
            expires_from=read.day("expires_from"),
            expires_until=read.day("expires_until"),
            issued_from=read.day("issued_from"),
            issued_until=read.day("issued_until"),
            events=read.members("event", CertificateEventKind),
            event_from=read.day("event_from"),
            event_until=read.day("event_until"),
            flags=read.members("flag", Flag),
            sort=read.member("sort", CertificateSort) or CertificateSort.HOLDER,
        )

    def to_parameters(self) -> Parameters:
        """The inverse of `from_parameters`: only what differs from an empty query."""
        single = (
            ("as_of", write_moment(self.as_of) if self.is_pinned else None),
            ("q", self.text),
            ("agency", self.agency_id),
            ("subtree", None if self.with_subtree else 0),
            ("expiring", self.expiring_within_days),
            ("expires_from", self.expires_from),
            ("expires_until", self.expires_until),
            ("issued_from", self.issued_from),
            ("issued_until", self.issued_until),
            ("event_from", self.event_from),
            ("event_until", self.event_until),
            ("sort", None if self.sort is CertificateSort.HOLDER else self.sort),
        )
        several: tuple[tuple[str, tuple[str, ...]], ...] = (
            ("level", self.levels),
            ("kind", self.kinds),
            ("medium", self.media),
            ("generation", self.generations),
            ("status", self.standings),
            ("custody", self.custodies),
            ("event", self.events),
            ("flag", self.flags),
        )
        return (
            *((name, str(value)) for name, value in single if value is not None and value != ""),
            *((name, str(value)) for name, values in several for value in values),
        )

    def narrow(self, dimension: Dimension, key: str) -> Self:  # noqa: C901, PLR0911 (one case a member)
        """The query for one of the groups that counting by `dimension` found."""
        match dimension:
            case Dimension.EXPIRY_MONTH:
                first, last = _month(key)
                return replace(
                    self,
                    expires_from=_later(self.expires_from, first),
                    expires_until=_earlier(self.expires_until, last),
                )
            case Dimension.ISSUE_MONTH:
                first, last = _month(key)
                return replace(
                    self, issued_from=_later(self.issued_from, first), issued_until=_earlier(self.issued_until, last)
                )
            case Dimension.ISSUE_YEAR:
                first, last = date(int(key), 1, 1), date(int(key), 12, 31)
                return replace(
                    self, issued_from=_later(self.issued_from, first), issued_until=_earlier(self.issued_until, last)
                )
            case Dimension.KIND:
                return replace(self, kinds=(SubscriberKind(key),))
            case Dimension.MEDIUM:
                return replace(self, media=(Medium(key),))
            case Dimension.GENERATION:
                return replace(self, generations=(key,))
            case Dimension.STANDING:
                return replace(self, standings=(Standing(key),))
            case Dimension.CUSTODY:
                return replace(self, custodies=(Custody(key),))
            case Dimension.LEVEL:
                return replace(self, levels=(AgencyLevel(key),))
            case Dimension.AGENCY:
                return replace(self, agency_id=int(key), with_subtree=False)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One group of a count, with the query whose list has exactly `count` rows."""

    key: str
    count: int
    query: CertificateQuery


def _month(key: str) -> tuple[date, date]:
    year, month = int(key[:4]), int(key[5:])
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _later(one: date | None, other: date) -> date:
    return other if one is None else max(one, other)


def _earlier(one: date | None, other: date) -> date:
    return other if one is None else min(one, other)
