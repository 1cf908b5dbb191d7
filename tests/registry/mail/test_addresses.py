"""Addresses at which nothing arrives."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from registry.accounts.viewer import Viewer
from registry.agencies.service import AgencyChange, change_contact
from registry.db.unit_of_work import Database
from registry.errors import InvalidInput, NotFound
from registry.mail.addresses import clear_dead, find_dead, list_dead, mark_dead
from registry.mail.tables import AddressFault, DeadAddressRow
from tests.registry.alerts.rows import add_agency


def mark(database: Database, address: str) -> bool:
    with database.write() as uow:
        return mark_dead(uow, address, AddressFault.BOUNCED, code="5.1.1", words="no such user")


def dead(database: Database, *addresses: str) -> set[str]:
    with database.read() as uow:
        return find_dead(uow, addresses)


def test_a_dead_address_is_known_in_every_spelling_of_it(database: Database) -> None:
    assert mark(database, "Gone@Xa.example ")
    assert dead(database, "gone@xa.example", "GONE@XA.EXAMPLE", "other@xa.example") == {
        "gone@xa.example",
        "GONE@XA.EXAMPLE",
    }


def test_more_addresses_are_asked_for_than_one_query_holds(database: Database) -> None:
    mark(database, "a1234@xa.example")
    assert dead(database, *(f"a{number}@xa.example" for number in range(1300))) == {"a1234@xa.example"}


def test_a_person_clears_an_address_and_says_why(database: Database) -> None:
    mark(database, "gone@xa.example")
    with pytest.raises(InvalidInput), database.write() as uow:
        clear_dead(uow, "gone@xa.example", actor="lan", reason="")
    with database.write() as uow:
        clear_dead(uow, "Gone@xa.example", actor="lan", reason="the mailbox is back")
    assert dead(database, "gone@xa.example") == set()
    with pytest.raises(NotFound), database.write() as uow:
        clear_dead(uow, "gone@xa.example", actor="lan", reason="again")
    # The history stays, and the address can die again.
    assert mark(database, "gone@xa.example")
    with database.read() as uow:
        first, second = uow.session.exec(select(DeadAddressRow).order_by(DeadAddressRow.id)).all()  # type: ignore[arg-type]
        assert (first.cleared_by, first.cleared_why) == ("lan", "the mailbox is back")
        assert [row.id for row in list_dead(uow)] == [second.id]


def test_many_find_out_at_once_and_one_mark_stands(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        news = list(pool.map(lambda _: mark(database, "gone@xa.example"), range(8)))
    assert news.count(True) == 1


def test_a_new_contact_address_is_written_to(database: Database) -> None:
    mark(database, "old@xa.example")
    mark(database, "new@xa.example")
    mark(database, "other@xa.example")
    with database.write() as uow:
        agency = add_agency(uow.session, "Xã Đồng Kỳ", "old@xa.example")
    with database.write() as uow:
        change = AgencyChange(effective_at=uow.now, actor="lan")
        change_contact(uow, Viewer.everything(), agency.agency_id, change, email="new@xa.example")
    assert dead(database, "old@xa.example", "new@xa.example", "other@xa.example") == {"other@xa.example"}
