"""The agencies of the demonstration province from 1997 to the present: a plan, without database or clock.

2016 had 20 province-level bodies, 10 districts, 121 subordinate units, 230 communes and 850 schools. The mergers of
2020 and 2025 end most communes and all districts; schools and units go on under another superior body.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any, Final

from certs.text import fold
from registry.agencies.tables import AgencyEventKind, AgencyLevel
from registry.demo.province import bodies, places
from registry.demo.province.agencies import Agency, AgencyEvent, AgencyPeriod, AgencyState
from registry.demo.province.places import commune_kind, commune_place

FOUNDED: Final = date(1997, 1, 1)
"""The province in its borders of 2016."""

MAIL_DOMAIN: Final = "bacgiang.example"

_RESOLUTION_2020: Final = "Nghị quyết 813/NQ-UBTVQH14"
_RESOLUTION_2025: Final = "Nghị quyết 1191/NQ-UBTVQH15"
_RESOLUTION_BODIES: Final = "Nghị quyết của Hội đồng nhân dân tỉnh ngày 19/02/2025"
_RESOLUTION_COMMUNES: Final = "Nghị quyết 1658/NQ-UBTVQH15"
_RESOLUTION_PROVINCE: Final = "Nghị quyết 202/2025/QH15"

_DISTRICT_POSITIONS: Final = (
    *("Chủ tịch Ủy ban nhân dân", "Phó Chủ tịch Ủy ban nhân dân", "Phó Chủ tịch Ủy ban nhân dân"),
    *("Chánh Văn phòng", "Văn thư"),
)
_COMMUNE_POSITIONS: Final = (
    *("Chủ tịch Ủy ban nhân dân", "Phó Chủ tịch Ủy ban nhân dân"),
    *("Công chức Văn phòng - Thống kê", "Công chức Tài chính - Kế toán", "Công chức Tư pháp - Hộ tịch"),
)
_SCHOOL_POSITIONS: Final = ("Hiệu trưởng", "Phó Hiệu trưởng", "Kế toán")


@dataclass(slots=True)
class _Draft:
    id: int
    code: str
    office: str
    positions: tuple[str, ...]
    place: tuple[str, str] | None
    """District of 2016 and commune, for what lies in a commune."""
    periods: list[AgencyPeriod]
    events: list[AgencyEvent]
    successors: list[int] = field(default_factory=list)
    heir_of: int | None = None

    @property
    def state(self) -> AgencyState:
        return self.periods[-1].state

    @property
    def is_alive(self) -> bool:
        return self.periods[-1].until is None


def plan_agencies(random: Random) -> tuple[Agency, ...]:
    """Plan every agency that was or is, in the order of their identifiers (1, 2, 3, …)."""
    province = _Province(random)
    province.found()
    province.merge_communes(places.MERGED_2020, places.MERGERS_OF_2020, _RESOLUTION_2020)
    province.rearrange_in_january_2025()
    province.merge_bodies()
    province.end_districts()
    return tuple(
        Agency(
            id=draft.id,
            code=draft.code,
            office=draft.office,
            positions=draft.positions,
            periods=tuple(draft.periods),
            events=tuple(draft.events),
            successors=tuple(draft.successors),
            heir_of=draft.heir_of,
        )
        for draft in province.drafts
    )


class _Province:
    """The agencies while their history is being told, in the order of time."""

    def __init__(self, random: Random) -> None:
        self.drafts: list[_Draft] = []
        self._tax_codes = iter(random.sample(range(2_400_100_000, 2_400_999_999), 2_000))
        self._budget_codes = iter(random.sample(range(1_000_000, 1_199_999), 2_000))
        self._offices: set[str] = set()
        self._children: dict[str, int] = {}
        self._bodies: dict[str, _Draft] = {}
        self._districts: dict[str, _Draft] = {}
        self._communes: dict[tuple[str, str], _Draft] = {}
        """By district of 2016 and commune, as they are at the moment of the telling."""
        self._schools: list[_Draft] = []
        self._district_units: list[tuple[str, _Draft]] = []

    def found(self) -> None:
        """Set up everything that was there in 2016."""
        for number, body in enumerate(bodies.BODIES, start=1):
            positions = (body.head, body.deputy, body.deputy, "Chánh Văn phòng", "Văn thư")
            top = self._bodies[body.name] = self._add(
                body.name, AgencyLevel.PROVINCE, code=f"H02.{number:02}", office=body.slug, positions=positions
            )
            for unit in body.units:
                self._add(
                    unit,
                    AgencyLevel.SUBORDINATE,
                    parent=top,
                    office=f"{_initials(unit)}.{body.slug}",
                    positions=_unit_positions(unit),
                )
        for number, district in enumerate(places.DISTRICTS, start=31):
            top = self._districts[district.slug] = self._add(
                f"Ủy ban nhân dân {district.name}",
                AgencyLevel.DISTRICT,
                code=f"H02.{number}",
                office=district.slug,
                positions=_DISTRICT_POSITIONS,
                location=district.name,
            )
            for unit in bodies.DISTRICT_UNITS:
                draft = self._add(
                    f"{unit} {district.name}",
                    AgencyLevel.SUBORDINATE,
                    parent=top,
                    office=f"{_initials(unit)}.{district.slug}",
                    positions=_unit_positions(unit),
                    location=district.name,
                )
                self._district_units.append((unit, draft))
            for commune in district.communes:
                self._communes[district.slug, commune] = self._add_commune(
                    commune, district.slug, FOUNDED, parent=top, location=district.name
                )
        self._found_schools()

    def _found_schools(self) -> None:
        communes = [(district, commune) for district in places.DISTRICTS for commune in district.communes]
        for index, (district, commune) in enumerate(communes):
            kinds = ["Mầm non", "Tiểu học", "Trung học cơ sở"]
            # 60 communes have a second primary school and 50 a second kindergarten, spread over all districts.
            if index * 60 // len(communes) != (index + 1) * 60 // len(communes):
                kinds.append("Tiểu học số 2")
            if (index + 2) * 50 // len(communes) != (index + 3) * 50 // len(communes):
                kinds.append("Mầm non số 2")
            town = "thị trấn " if commune_kind(commune) == "thị trấn" else ""
            for kind in kinds:
                level, _, number = kind.partition(" số ")
                name = f"Trường {level} {town}{commune_place(commune)}{f' số {number}' if number else ''}"
                self._schools.append(
                    self._add(
                        name,
                        AgencyLevel.SCHOOL,
                        parent=self._districts[district.slug],
                        office=f"{_initials(level)}{number}{_slug(town)[:2]}{_slug(commune_place(commune))}.{district.slug}",
                        positions=_SCHOOL_POSITIONS,
                        place=(district.slug, commune),
                        location=f"{commune_kind(commune)} {commune_place(commune)}, {district.name}",
                    )
                )
        for name in bodies.HIGH_SCHOOLS:
            self._add(
                f"Trường Trung học phổ thông {name}",
                AgencyLevel.SCHOOL,
                parent=self._bodies["Sở Giáo dục và Đào tạo"],
                office=f"thpt{_slug(name)}",
                positions=_SCHOOL_POSITIONS,
            )

    def merge_communes(self, day: date, mergers: Mapping[str, tuple[places.Merger, ...]], document: str) -> None:
        """Merge communes inside their districts; the result is new unless it is one of the members."""
        for district, merged in mergers.items():
            for merger in merged:
                members = [self._communes.pop((district, member)) for member in merger.members]
                if merger.result in merger.members:
                    result = members[merger.members.index(merger.result)]
                else:
                    parent = self.drafts[(members[0].state.parent or 0) - 1]
                    result = self._add_commune(
                        merger.result,
                        district,
                        day,
                        parent=parent,
                        location=parent.state.name.removeprefix("Ủy ban nhân dân "),
                        document=document,
                    )
                self._communes[district, merger.result] = result
                self._join(result, members, day, document)

    def rearrange_in_january_2025(self) -> None:
        """1/1/2025: Yên Dũng joins the city, Chũ becomes a town of its own, communes merge or become wards."""
        day = places.MERGED_2025
        city, yen_dung = self._districts["tpbacgiang"], self._districts["yendung"]
        chu = self._add(
            "Ủy ban nhân dân thị xã Chũ",
            AgencyLevel.DISTRICT,
            code="H02.41",
            office="txchu",
            positions=_DISTRICT_POSITIONS,
            location="thị xã Chũ",
            since=day,
            document=_RESOLUTION_2025,
        )
        self.merge_communes(day, places.MERGERS_OF_JANUARY_2025, _RESOLUTION_2025)
        self._event(self._districts["lucngan"], AgencyEventKind.CONTACT_CHANGED, day, _RESOLUTION_2025)
        communes_of_chu = {("lucngan", commune) for commune in places.COMMUNES_OF_CHU}
        for draft in self.drafts:
            if not draft.is_alive:
                continue
            if draft.state.parent == yen_dung.id:
                self._move(draft, day, city, _RESOLUTION_2025)
            elif draft.place in communes_of_chu and draft.state.parent == self._districts["lucngan"].id:
                self._move(draft, day, chu, _RESOLUTION_2025)
        self._join(city, [city, yen_dung], day, _RESOLUTION_2025)
        for district, communes in places.WARDS_OF_JANUARY_2025.items():
            for commune in communes:
                self._change(
                    self._communes[district, commune],
                    day,
                    AgencyEventKind.RENAMED,
                    _RESOLUTION_2025,
                    name=f"Ủy ban nhân dân phường {commune_place(commune)}",
                )

    def merge_bodies(self) -> None:
        """19/2/2025: eight sở become four."""
        day = places.BODIES_MERGED
        for name, member_names in bodies.BODY_MERGERS_OF_2025:
            members = [self._bodies.pop(member) for member in member_names]
            if name in member_names:
                result = members[member_names.index(name)]
            else:
                result = self._add(
                    name,
                    AgencyLevel.PROVINCE,
                    code="H02.21",
                    office="snnmt",
                    positions=members[0].positions,
                    since=day,
                    document=_RESOLUTION_BODIES,
                )
            self._bodies[name] = result
            ended = {member.id for member in members if member is not result}
            for draft in self.drafts:
                if draft.is_alive and draft.state.parent in ended:
                    self._move(draft, day, result, _RESOLUTION_BODIES)
            self._join(result, members, day, _RESOLUTION_BODIES)

    def end_districts(self) -> None:
        """1/7/2025: the province becomes part of tỉnh Bắc Ninh, 192 communes become 58, the district level ends."""
        day = places.DISTRICTS_ENDED
        new_home: dict[tuple[str, str], _Draft] = {}
        number = 100
        for districts, mergers in places.MERGERS_OF_JULY_2025.items():
            for merger in mergers:
                number += 1
                result = self._add_commune(
                    merger.result,
                    districts[0],
                    day,
                    location="",
                    code=f"H02.{number}",
                    document=_RESOLUTION_COMMUNES,
                )
                members = [self._communes[key] for key in self._keys(districts, merger)]
                for member in members:
                    new_home[member.place or ("", "")] = result
                    for ancestor in self._absorbed_by(member):
                        new_home[ancestor.place or ("", "")] = result
                self._join(result, members, day, _RESOLUTION_COMMUNES)
        self._rehome_schools_and_units(day, new_home)
        for district in self._districts.values():
            self._end(district, day, AgencyEventKind.DISSOLVED, _RESOLUTION_PROVINCE, "Kết thúc hoạt động cấp huyện")
        chu = next(draft for draft in self.drafts if draft.office == "txchu")
        self._end(chu, day, AgencyEventKind.DISSOLVED, _RESOLUTION_PROVINCE, "Kết thúc hoạt động cấp huyện")
        for draft in self.drafts:
            if draft.is_alive and draft.periods[-1].since < day:
                address = draft.state.address.replace("tỉnh Bắc Giang", "tỉnh Bắc Ninh")
                self._change(
                    draft,
                    day,
                    AgencyEventKind.CONTACT_CHANGED,
                    _RESOLUTION_PROVINCE,
                    address=address,
                    province="Bắc Ninh",
                )

    def _rehome_schools_and_units(self, day: date, new_home: Mapping[tuple[str, str], _Draft]) -> None:
        for school in self._schools:
            commune = new_home[school.place or ("", "")]
            location = commune.state.name.removeprefix("Ủy ban nhân dân ")
            self._move(
                school,
                day,
                commune,
                _RESOLUTION_COMMUNES,
                address=f"{_capitalised(location)}, tỉnh Bắc Ninh",
                province="Bắc Ninh",
            )
        takers = {
            "Trung tâm Phát triển quỹ đất": "Sở Nông nghiệp và Môi trường",
            "Trung tâm Dịch vụ kỹ thuật nông nghiệp": "Sở Nông nghiệp và Môi trường",
            "Ban Quản lý dự án đầu tư xây dựng": "Sở Xây dựng",
        }
        for unit, draft in self._district_units:
            if unit in takers:
                self._move(draft, day, self._bodies[takers[unit]], _RESOLUTION_PROVINCE)
            else:
                self._end(draft, day, AgencyEventKind.DISSOLVED, _RESOLUTION_PROVINCE, "Giải thể theo cấp huyện")

    def _keys(self, districts: tuple[str, ...], merger: places.Merger) -> list[tuple[str, str]]:
        return [
            next((district, member) for district in districts if (district, member) in self._communes)
            for member in merger.members
        ]

    def _absorbed_by(self, commune: _Draft) -> list[_Draft]:
        direct = [draft for draft in self.drafts if commune.id in draft.successors]
        return direct + [earlier for draft in direct for earlier in self._absorbed_by(draft)]

    def _join(self, result: _Draft, members: list[_Draft], day: date, document: str) -> None:
        """End every member but the result; a new result is heir of the first member."""
        joined = [member for member in members if member is not result]
        if result in members:
            names = ", ".join(member.state.name for member in joined)
            self._event(result, AgencyEventKind.ABSORBED, day, document, note=f"Nhận sáp nhập: {names}")
        else:
            result.heir_of = members[0].id
        for member in joined:
            member.successors.append(result.id)
            self._end(member, day, AgencyEventKind.MERGED, document, f"Sáp nhập vào {result.state.name}")

    def _add_commune(
        self,
        commune: str,
        district: str,
        day: date,
        *,
        location: str,
        parent: _Draft | None = None,
        code: str | None = None,
        document: str | None = None,
    ) -> _Draft:
        place = f"{commune_kind(commune)} {commune_place(commune)}"
        prefix = {"xã": "xa", "thị trấn": "tt", "phường": "p"}[commune_kind(commune)]
        suffix = f".{district}" if parent else ""
        return self._add(
            f"Ủy ban nhân dân {place}",
            AgencyLevel.COMMUNE,
            parent=parent,
            code=code,
            office=f"{prefix}{_slug(commune_place(commune))}{suffix}",
            positions=_COMMUNE_POSITIONS,
            place=(district, commune),
            location=f"{place}, {location}" if location else place,
            since=day,
            document=document,
            province="Bắc Giang" if parent else "Bắc Ninh",
        )

    def _add(
        self,
        name: str,
        level: AgencyLevel,
        *,
        office: str,
        positions: tuple[str, ...],
        parent: _Draft | None = None,
        code: str | None = None,
        place: tuple[str, str] | None = None,
        location: str = "thành phố Bắc Giang",
        since: date = FOUNDED,
        document: str | None = None,
        province: str = "Bắc Giang",
    ) -> _Draft:
        if code is None:
            top = parent.code if parent else "H02"
            self._children[top] = self._children.get(top, 0) + 1
            code = f"{top}.{self._children[top]:03}"
        number = 1
        stem = office
        while office in self._offices:
            number += 1
            head, dot, tail = stem.partition(".")
            office = f"{head}{number}{dot}{tail}"
        self._offices.add(office)
        state = AgencyState(
            name=name,
            level=level,
            parent=parent.id if parent else None,
            email=f"{office}@{MAIL_DOMAIN}",
            address=f"{_capitalised(location)}, tỉnh {province}",
            tax_code=str(next(self._tax_codes)),
            budget_code=str(next(self._budget_codes)),
            province=province,
        )
        draft = _Draft(
            id=len(self.drafts) + 1,
            code=code,
            office=office,
            positions=positions,
            place=place,
            periods=[AgencyPeriod(since, None, state)],
            events=[AgencyEvent(AgencyEventKind.ESTABLISHED, since, document)],
        )
        self.drafts.append(draft)
        return draft

    def _move(self, draft: _Draft, day: date, parent: _Draft, document: str, **fields: Any) -> None:
        self._change(draft, day, AgencyEventKind.MOVED, document, parent=parent.id, **fields)

    def _change(self, draft: _Draft, day: date, kind: AgencyEventKind, document: str | None, **fields: Any) -> None:
        last = draft.periods[-1]
        state = replace(last.state, **fields)
        changed = {name: getattr(last.state, name) for name in fields if getattr(last.state, name) != fields[name]}
        if last.since == day:
            draft.periods[-1] = replace(last, state=state)
        else:
            draft.periods[-1] = replace(last, until=day)
            draft.periods.append(AgencyPeriod(day, None, state))
        before = {("parent_id" if name == "parent" else name): value for name, value in changed.items()}
        self._event(draft, kind, day, document, details={"before": before})

    def _end(self, draft: _Draft, day: date, kind: AgencyEventKind, document: str, note: str) -> None:
        if draft.is_alive:
            draft.periods[-1] = replace(draft.periods[-1], until=day)
            self._event(draft, kind, day, document, note=note)

    def _event(
        self,
        draft: _Draft,
        kind: AgencyEventKind,
        day: date,
        document: str | None,
        *,
        note: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        draft.events.append(AgencyEvent(kind, day, document, note, details or {}))


def _slug(text: str) -> str:
    return "".join(character for character in fold(text) if character.isalnum())


def _capitalised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _initials(text: str) -> str:
    return "".join(word[0] for word in fold(text).split() if word[0].isalnum())


def _unit_positions(unit: str) -> tuple[str, ...]:
    head = {"Chi cục": "Chi cục trưởng", "Ban": "Trưởng ban", "Phòng": "Trưởng phòng", "Viện": "Viện trưởng"}
    title = next((title for start, title in head.items() if unit.startswith(start)), "Giám đốc")
    return title, f"Phó {title}", "Kế toán"
