"""An import of agencies in the register: applied as one unit, safe to repeat and to run at once, taken back."""

import csv
import io
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from registry.agencies.errors import AgencyNotFound
from registry.agencies.repository import find_agency_by_code, get_agency
from registry.agencies.service import move_agency
from registry.agencies.tables import AgencyEventKind, AgencyLevel
from registry.agency_imports.errors import AgenciesDependedOn, PreviewOutdated
from registry.agency_imports.plans import Options
from registry.agency_imports.repository import load_periods
from registry.agency_imports.schemas import AgencyImportCounts
from registry.agency_imports.service import (
    decide_agency_import,
    get_agency_import,
    submit_agency_import,
    undo_agency_import,
)
from registry.clock import VIETNAM
from registry.db.unit_of_work import Database
from registry.imports.errors import NotInState
from registry.imports.tables import ImportChoice, ImportState
from tests.factories.agencies import EVERYTHING, agency_change, make_agency
from tests.factories.certificates import make_certificate

HEADER = (
    "Mã định danh",
    "Tên cơ quan",
    "Cấp",
    "Mã cơ quan cấp trên",
    "Thư công vụ",
    "Thành lập",
    "Kết thúc",
    "Kế thừa",
)
TREE = (
    ("H09.1.1", "Trung tâm Tin học", "Đơn vị trực thuộc", "H09.1", "", "01/01/2015", "", ""),
    ("H09.1", "Sở Khoa học", "Cấp tỉnh", "", "skh@tinh.example", "01/01/2010", "", ""),
    ("H09.2", "Sở Thông tin", "Cấp tỉnh", "", "", "01/01/2010", "19/02/2025", "H09.1"),
)
CHANGED = datetime(2025, 7, 1, tzinfo=VIETNAM)
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def listed(*rows: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows((HEADER, *rows))
    return text.getvalue().encode()


def submit(database: Database, content: bytes) -> int:
    options = Options(since=datetime(2020, 1, 1, tzinfo=VIETNAM), effective_at=CHANGED, legal_document="7/NQ")
    with database.write() as uow:
        return submit_agency_import(uow, EVERYTHING, content, file_name="a.csv", options=options, actor="lan")


def decide(database: Database, number: int, choice: ImportChoice = ImportChoice.ALL) -> PreviewOutdated | None:
    with database.write() as uow:
        return decide_agency_import(uow, EVERYTHING, number, choice, actor="lan")


def counts(database: Database, number: int) -> AgencyImportCounts:
    with database.read() as uow:
        return get_agency_import(uow, EVERYTHING, number).summary.counts


def key(database: Database, code: str) -> int:
    with database.read() as uow:
        found = find_agency_by_code(uow, EVERYTHING, code, uow.now)
    assert found is not None
    return found.id


def test_a_tree_is_entered_with_its_events_and_successions(database: Database) -> None:
    number = submit(database, listed(*TREE))
    assert decide(database, number) is None
    with database.read() as uow:
        ended = get_agency(uow, EVERYTHING, key(database, "H09.2"), uow.now)
        unit = get_agency(uow, EVERYTHING, key(database, "H09.1.1"), uow.now)
    assert [link.code for link in unit.ancestors] == ["H09.1"]
    assert [each.agency.code for each in ended.successors] == ["H09.1"]
    assert [event.kind for event in ended.events] == [AgencyEventKind.ESTABLISHED, AgencyEventKind.MERGED]
    assert {(event.actor, event.legal_document) for event in ended.events} == {("lan", "7/NQ")}
    with pytest.raises(NotInState):
        decide(database, number)
    again = submit(database, listed(*TREE))
    assert counts(database, again).known == 3
    before = periods(database)
    assert decide(database, again) is None
    assert periods(database) == before


def periods(database: Database) -> object:
    with database.read() as uow:
        return load_periods(uow.session)


def test_changes_of_known_agencies_become_their_own_events_and_move_what_is_below(database: Database) -> None:
    decide(database, submit(database, listed(*TREE)))
    with database.write() as uow:
        team = make_agency(
            uow,
            "Tổ Mạng",
            level=AgencyLevel.SUBORDINATE,
            parent_id=key(database, "H09.1.1"),
            at=LATER.replace(year=2020),
        )
    rows = (
        ("H09.3", "Sở Nội vụ", "", "", "", "", "", ""),
        ("H09.1", "Sở Khoa học và Công nghệ", "", "", "", "", "", ""),
        ("H09.1.1", "Trung tâm Tin học", "", "H09.3", "tth@tinh.example", "", "", ""),
    )
    number = submit(database, listed(*rows))
    assert (counts(database, number).new, counts(database, number).differs) == (1, 2)
    assert decide(database, number) is None
    with database.read() as uow:
        science = get_agency(uow, EVERYTHING, key(database, "H09.1"), uow.now)
        unit = get_agency(uow, EVERYTHING, key(database, "H09.1.1"), uow.now)
        now = get_agency(uow, EVERYTHING, team, uow.now)
        then = get_agency(uow, EVERYTHING, team, datetime(2025, 6, 1, tzinfo=UTC))
    assert [name.name for name in science.names] == ["Sở Khoa học", "Sở Khoa học và Công nghệ"]
    assert {event.kind for event in unit.events} >= {AgencyEventKind.MOVED, AgencyEventKind.CONTACT_CHANGED}
    assert [link.code for link in now.ancestors] == ["H09.3", "H09.1.1"]
    assert [link.code for link in then.ancestors] == ["H09.1", "H09.1.1"]


def test_an_import_is_taken_back_while_nothing_rests_on_it(database: Database) -> None:
    with database.write() as uow:
        make_agency(uow, "Sở Cũ", level=AgencyLevel.PROVINCE, code="H09.1")
    before = periods(database)
    number = submit(database, listed(*TREE))
    decide(database, number)
    centre = key(database, "H09.1.1")
    with database.write() as uow:
        undo_agency_import(uow, EVERYTHING, number, actor="hoa")
    assert periods(database) == before
    with database.read() as uow:
        assert get_agency_import(uow, EVERYTHING, number).summary.state is ImportState.UNDONE
        with pytest.raises(AgencyNotFound):
            get_agency(uow, EVERYTHING, centre, uow.now)
    again = submit(database, listed(*TREE))
    decide(database, again)
    assert key(database, "H09.1.1") == centre, "who comes again is the same agency"
    with database.write() as uow:
        make_certificate(uow, centre, not_after=LATER)
    with pytest.raises(AgenciesDependedOn), database.write() as uow:
        undo_agency_import(uow, EVERYTHING, again, actor="hoa")
    assert key(database, "H09.1.1") == centre


def test_a_preview_that_is_out_of_date_is_made_anew_and_not_applied(database: Database) -> None:
    number = submit(database, listed(*TREE))
    with database.write() as uow:
        make_agency(uow, "Sở Khác", level=AgencyLevel.PROVINCE, code="H09.1")
    assert isinstance(decide(database, number), PreviewOutdated)
    assert counts(database, number).differs == 1
    with database.read() as uow:
        assert find_agency_by_code(uow, EVERYTHING, "H09.1.1", uow.now) is None
    assert decide(database, number) is None
    assert key(database, "H09.1.1")


def test_a_move_recorded_after_the_import_keeps_it_from_being_taken_back(database: Database) -> None:
    number = submit(database, listed(*TREE))
    decide(database, number)
    with database.write() as uow:
        move_agency(uow, EVERYTHING, key(database, "H09.1.1"), None, agency_change(LATER))
    with pytest.raises(AgenciesDependedOn), database.write() as uow:
        undo_agency_import(uow, EVERYTHING, number, actor="hoa")


def test_two_imports_of_one_list_at_once_give_one_set_of_agencies(database: Database) -> None:
    numbers = [submit(database, listed(*TREE)) for _ in range(2)]
    barrier = threading.Barrier(2)
    answers: list[object] = []

    def run(number: int) -> None:
        barrier.wait()
        answers.append(decide(database, number))

    threads = [threading.Thread(target=run, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [None, None]
    assert sorted(counts(database, number).new for number in numbers) == [0, 3]
    with database.read() as uow:
        assert {code: len(rows) for code, rows in load_periods(uow.session).items()} == dict.fromkeys(
            (key(database, row[0]) for row in TREE), 1
        )
