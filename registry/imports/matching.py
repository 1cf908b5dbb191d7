"""Which agency a certificate names, proposed with a score and the reason. A person confirms what is doubtful.

Signals in the order of trust: a match that somebody confirmed, the agency's electronic code, its tax or budget number,
its own e-mail address, its name with the names above it. Names are compared folded, with abbreviations written out, and
former names count as long as they held.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from certs.certificate import Certificate
from certs.messages import Message, define, message
from certs.names import CodeKind, display_name
from certs.text import fold, normalise
from registry.certificates.tables import SubscriberKind

CERTAIN: Final = 85
"""From this score on a proposal needs no confirmation."""
DOUBTFUL: Final = 40
"""Below this score nothing is proposed."""

REMEMBERED = define(
    "imports.agency.remembered",
    vi="Đã có người xác nhận cách ghi này trước đây.",
    en="Somebody confirmed this spelling before.",
)
GIVEN = define(
    "imports.agency.given",
    vi="Cơ quan được chọn khi nhập dữ liệu.",
    en="The agency was chosen for this import.",
)
BY_CODE = define(
    "imports.agency.code",
    vi="Trùng mã định danh {number}.",
    en="The electronic code {number} is the agency's.",
)
BY_TAX_CODE = define(
    "imports.agency.tax_code",
    vi="Trùng mã số thuế {number}.",
    en="The tax code {number} is the agency's.",
)
BY_BUDGET_CODE = define(
    "imports.agency.budget_code",
    vi="Trùng mã quan hệ ngân sách {number}.",
    en="The budget code {number} is the agency's.",
)
BY_EMAIL = define(
    "imports.agency.email",
    vi="Trùng thư công vụ {email} của cơ quan.",
    en="{email} is the agency's own address.",
)
BY_DOMAIN = define(
    "imports.agency.domain",
    vi="Chỉ có tên miền thư {domain} trùng với cơ quan.",
    en="Only the mail domain {domain} is the agency's.",
)
BY_NAME = define(
    "imports.agency.name",
    vi="Trùng tên “{name}”.",
    en="“{name}” is the agency's name.",
)
BY_FORMER_NAME = define(
    "imports.agency.former_name",
    vi="“{name}” là tên cũ của cơ quan.",
    en="“{name}” is a former name of the agency.",
)
BY_NAMES_ABOVE = define(
    "imports.agency.names_above",
    vi="Trùng tên “{name}” và tên cơ quan cấp trên.",
    en="“{name}” and the names above it are the agency's.",
)
BY_NAME_ELSEWHERE = define(
    "imports.agency.name_elsewhere",
    vi="Trùng tên “{name}”, nhưng cơ quan cấp trên ghi là “{above}”.",
    en="“{name}” is the agency's name, but the body above it is called “{above}”.",
)
SEVERAL = define(
    "imports.agency.several",
    vi="Có {count} cơ quan cùng tên “{name}”; hãy chọn đúng cơ quan.",
    en="{count} agencies are called “{name}”; choose the right one.",
)
UNIT_UNKNOWN = define(
    "imports.agency.unit_unknown",
    vi="Chưa có “{unit}” trong danh mục; đề xuất cơ quan cấp trên “{name}”.",
    en="“{unit}” is not in the register; the body above it, “{name}”, is proposed.",
)
SIMILAR = define(
    "imports.agency.similar",
    vi="“{name}” gần giống tên cơ quan ({percent}%).",
    en="“{name}” resembles the agency's name ({percent}%).",
)
NONE = define(
    "imports.agency.none",
    vi="Không tìm thấy cơ quan nào phù hợp với “{name}”.",
    en="No agency fits “{name}”.",
)


@dataclass(frozen=True, slots=True)
class AgencyName:
    """A name that an agency has or had, with what else was true of it then."""

    agency_id: int
    code: str
    name: str
    parent_id: int | None
    effective_from: datetime
    effective_until: datetime
    email: str | None = None
    tax_code: str | None = None
    budget_code: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Clues:
    """What a certificate or a row of a list says about the agency."""

    bodies: tuple[str, ...] = ()
    """Names of bodies, the most specific first."""
    at: datetime | None = None
    """When it was said: the begin of validity."""
    code: str | None = None
    tax_code: str | None = None
    budget_code: str | None = None
    email: str | None = None

    @property
    def key(self) -> str:
        """Equal for two that name the agency alike: what a confirmed match is remembered under; empty: nothing is named."""
        parts = (*map(plain_name, self.bodies), f"code:{self.code}" if self.code and not self.bodies else "")
        return "/".join(part for part in parts if part)[:500]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An agency that is probably meant; without one, `reason` says what was looked for."""

    agency_id: int | None
    score: int
    """0 to 100."""
    reason: Message

    @property
    def is_certain(self) -> bool:
        """Whether it needs no confirmation."""
        return self.agency_id is not None and self.score >= CERTAIN


def clues_of_certificate(certificate: Certificate, kind: SubscriberKind | None) -> Clues:
    """What the subject says about the agency: in this PKI O is the highest body and the OUs go down from it."""
    subject = certificate.subject
    bodies = [*subject.values("O"), *subject.organisational_units]
    own = subject.common_name
    if kind is SubscriberKind.ORGANISATION and own:
        bodies.append(own)
    numbers = {code.kind: code.value for code in reversed(subject.codes)}
    # A repeated name (CN and the last OU) says nothing more.
    distinct = dict.fromkeys(normalise(display_name(body)) for body in reversed(bodies) if body.strip())
    return Clues(
        bodies=tuple(distinct),
        at=certificate.not_before,
        tax_code=numbers.get(CodeKind.MST),
        budget_code=numbers.get(CodeKind.MNS),
        email=next(iter(certificate.emails), None),
    )


@dataclass(slots=True)
class _Agency:
    names: list[AgencyName] = field(default_factory=list)


class AgencyIndex:
    """All names of the agencies that somebody may use, prepared for many questions. Built once for an import."""

    def __init__(self, names: Iterable[AgencyName], remembered: Mapping[str, int] | None = None) -> None:
        self._remembered = dict(remembered or {})
        self._agencies: dict[int, _Agency] = {}
        self._by_name: dict[str, list[AgencyName]] = {}
        self._by_code: dict[str, set[int]] = {}
        self._ids_by_code: dict[str, int] = {}
        self._by_tax_code: dict[str, set[int]] = {}
        self._by_budget_code: dict[str, set[int]] = {}
        self._by_email: dict[str, set[int]] = {}
        self._by_domain: dict[str, set[int]] = {}
        for name in names:
            self._agencies.setdefault(name.agency_id, _Agency()).names.append(name)
            self._by_name.setdefault(plain_name(name.name), []).append(name)
            _add(self._by_code, name.code.casefold(), name.agency_id)
            self._ids_by_code[name.code] = name.agency_id
            _add(self._by_tax_code, _number(name.tax_code), name.agency_id)
            _add(self._by_budget_code, _number(name.budget_code), name.agency_id)
            if name.email:
                _add(self._by_email, name.email.casefold(), name.agency_id)
                _add(self._by_domain, name.email.casefold().rpartition("@")[2], name.agency_id)
        self._similar: dict[str, Proposal | None] = {}

    @property
    def agency_ids(self) -> frozenset[int]:
        """The agencies that may be proposed."""
        return frozenset(self._agencies)

    @property
    def ids_by_code(self) -> Mapping[str, int]:
        """The agencies that may be used, by their electronic codes."""
        return self._ids_by_code

    def is_name(self, text: str) -> bool:
        """Whether an agency is or was called so."""
        return plain_name(text) in self._by_name

    def exists_from(self, agency_id: int) -> datetime:
        """When the agency began; raises `KeyError` for one that is not in the index."""
        return min(name.effective_from for name in self._agencies[agency_id].names)

    def propose(self, clues: Clues) -> Proposal:
        """The best agency for the clues. Never raises; the same clues give the same proposal."""
        remembered = self._remembered.get(clues.key) if clues.key else None
        if remembered in self._agencies:
            return Proposal(remembered, 100, message(REMEMBERED))
        proposals = [
            *self._by_number(clues),
            *self._by_address(clues),
            *(each for each in (self._by_names(clues),) if each is not None),
        ]
        best = max(proposals, key=lambda proposal: proposal.score, default=None)
        if best is not None and best.score >= DOUBTFUL:
            # Two kinds of evidence for different agencies: a person has to look, whatever the scores are.
            others = {each.agency_id for each in proposals if each.score >= CERTAIN}
            return Proposal(best.agency_id, CERTAIN - 5, best.reason) if len(others) > 1 else best
        named = clues.bodies[0] if clues.bodies else clues.email or clues.code or "?"
        return Proposal(None, 0, message(NONE, name=named))

    def _by_number(self, clues: Clues) -> Iterable[Proposal]:
        for index, value, score, code in (
            (self._by_code, (clues.code or "").casefold(), 100, BY_CODE),
            (self._by_tax_code, _number(clues.tax_code), 98, BY_TAX_CODE),
            (self._by_budget_code, _number(clues.budget_code), 98, BY_BUDGET_CODE),
        ):
            found = index.get(value, set()) if value else set()
            if len(found) == 1:
                yield Proposal(next(iter(found)), score, message(code, number=value.upper()))

    def _by_address(self, clues: Clues) -> Iterable[Proposal]:
        if not clues.email:
            return
        address = clues.email.casefold()
        if len(owners := self._by_email.get(address, set())) == 1:
            yield Proposal(next(iter(owners)), 95, message(BY_EMAIL, email=address))
        domain = address.rpartition("@")[2]
        if len(owners := self._by_domain.get(domain, set())) == 1:
            yield Proposal(next(iter(owners)), 60, message(BY_DOMAIN, domain=domain))

    def _by_names(self, clues: Clues) -> Proposal | None:
        for depth, body in enumerate(clues.bodies):
            found = self._by_name.get(plain_name(body))
            if not found:
                continue
            proposal = self._among(found, body, clues.bodies[depth + 1 :], clues.at)
            if depth == 0:
                return proposal
            # A department inside an agency is often not in the register; the agency above it answers for it.
            score = min(proposal.score - 5 * depth, CERTAIN - 5)
            return Proposal(proposal.agency_id, score, message(UNIT_UNKNOWN, unit=clues.bodies[0], name=body))
        return self._most_similar(clues.bodies[0]) if clues.bodies else None

    def _among(self, found: list[AgencyName], body: str, above: tuple[str, ...], at: datetime | None) -> Proposal:
        timely = [name for name in found if at is None or name.effective_from <= at < name.effective_until]
        candidates = timely or found
        agencies = {name.agency_id for name in candidates}
        if len(agencies) == 1:
            name = candidates[0]
            # It may have moved since, or changed its address, and be called the same.
            last = max(self._agencies[name.agency_id].names, key=lambda each: each.effective_until)
            code = BY_NAME if plain_name(last.name) == plain_name(name.name) else BY_FORMER_NAME
            lateness = 0 if timely else 4
            if above and not self._fits(name, above):
                # One of a name in the whole register, although another body stands above it: moved, or a stranger.
                reason = message(BY_NAME_ELSEWHERE, name=body, above=above[0])
                return Proposal(name.agency_id, CERTAIN - 10 - lateness, reason)
            return Proposal(name.agency_id, 92 - lateness, message(code, name=body))
        fitting = {name.agency_id for name in candidates if self._fits(name, above)}
        if len(fitting) == 1:
            return Proposal(next(iter(fitting)), 90, message(BY_NAMES_ABOVE, name=body))
        chosen = min(fitting or agencies)
        return Proposal(chosen, 50, message(SEVERAL, count=len(fitting or agencies), name=body))

    def _fits(self, name: AgencyName, above: tuple[str, ...]) -> bool:
        """Whether one of the bodies named above is a superior of the agency, under any of its names."""
        wanted = {plain_name(body) for body in above}
        parent = name.parent_id
        for _ in range(_DEEPEST):
            if parent is None or parent not in self._agencies:
                return parent is None and all(self._is_own_province(name.agency_id, body) for body in wanted)
            names = self._agencies[parent].names
            if any(plain_name(each.name) in wanted for each in names):
                return True
            parent = names[-1].parent_id
        return False

    def _is_own_province(self, agency_id: int, body: str) -> bool:
        """Whether the plain `body` is the committee of a province in which the agency has or had its seat.

        Above the bodies at the top the committee stands in every subject; another province has a body of the same name.
        """
        found = _PROVINCE.fullmatch(body)
        if found is None:
            return False
        addresses = (plain_name(name.address or "") for name in self._agencies[agency_id].names)
        return not found[1] or any(address.endswith(found[1]) for address in addresses)

    def _most_similar(self, body: str) -> Proposal | None:
        plain = plain_name(body)
        if plain not in self._similar:
            if len(self._similar) > _KEPT_ANSWERS:
                self._similar.clear()
            self._similar[plain] = self._compare_with_all(plain, body)
        return self._similar[plain]

    def _compare_with_all(self, plain: str, body: str) -> Proposal | None:
        best_ratio, best = 0.0, None
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(plain)
        numbers = re.findall(r"\d+", plain)
        for candidate, names in self._by_name.items():
            matcher.set_seq1(candidate)
            if matcher.real_quick_ratio() <= max(best_ratio, _SIMILAR) or matcher.quick_ratio() <= best_ratio:
                continue
            # `Phòng Công chứng số 1` and `số 2` differ in one character and in everything.
            if re.findall(r"\d+", candidate) != numbers:
                continue
            ratio = matcher.ratio()
            if ratio > max(best_ratio, _SIMILAR):
                best_ratio, best = ratio, names[-1]
        if best is None:
            return None
        reason = message(SIMILAR, name=body, percent=int(best_ratio * 100))
        return Proposal(best.agency_id, int(best_ratio * 80), reason)


_KEPT_ANSWERS: Final = 20_000
_DEEPEST: Final = 10
_SIMILAR: Final = 0.8

_ABBREVIATIONS: Final = {
    "ubnd": "uy ban nhan dan",
    "hdnd": "hoi dong nhan dan",
    "thcs": "trung hoc co so",
    "thpt": "trung hoc pho thong",
    "th": "tieu hoc",
    "mn": "mam non",
    "gddt": "giao duc va dao tao",
    "gd dt": "giao duc va dao tao",
    "tp": "thanh pho",
    "tx": "thi xa",
    "tt": "thi tran",
    "vp": "van phong",
    "tttt": "thong tin va truyen thong",
    "khcn": "khoa hoc va cong nghe",
    "tnmt": "tai nguyen va moi truong",
    "nnptnt": "nong nghiep va phat trien nong thon",
    "ldtbxh": "lao dong thuong binh va xa hoi",
    "ldtb xh": "lao dong thuong binh va xa hoi",
    "khdt": "ke hoach va dau tu",
    "gtvt": "giao thong van tai",
    "vhttdl": "van hoa the thao va du lich",
    "bql": "ban quan ly",
    "tt dv": "trung tam dich vu",
}
_PUNCTUATION: Final = re.compile(r"[^0-9a-z]+")
_ABBREVIATED: Final = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _ABBREVIATIONS), key=len, reverse=True)) + r")\b"
)
_PROVINCE: Final = re.compile(r"uy ban nhan dan tinh|(?:uy ban nhan dan )?(tinh .+)")


@lru_cache(maxsize=20_000)
def plain_name(name: str) -> str:
    """A name as names are compared: folded, without punctuation, `uỷ` as `ủy`, abbreviations written out."""
    folded = _PUNCTUATION.sub(" ", fold(name)).strip()
    return _ABBREVIATED.sub(lambda found: _ABBREVIATIONS[found[0]], folded)


def _number(value: str | None) -> str:
    """A number without what spreadsheets lose: leading zeros, and the separators people write."""
    return re.sub(r"\W", "", value).lstrip("0").casefold() if value else ""


def _add(index: dict[str, set[int]], key: str, agency_id: int) -> None:
    if key:
        index.setdefault(key, set()).add(agency_id)
