"""Addresses at which nothing arrives: found out from servers' words, asked for before anybody is written to."""

from collections.abc import Collection, Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from registry.batches import batches
from registry.db.unit_of_work import UnitOfWork
from registry.errors import not_found
from registry.mail.ledger import require_reason
from registry.mail.tables import AddressFault, DeadAddressRow


def comparable(address: str) -> str:
    """The form in which addresses are compared: no mail system of today tells mailboxes apart by their capitals."""
    return address.strip().lower()


def find_dead(uow: UnitOfWork, addresses: Collection[str]) -> set[str]:
    """Those of the addresses, as they were given, at which nothing arrives."""
    given: dict[str, set[str]] = {}
    for address in addresses:
        given.setdefault(comparable(address), set()).add(address)
    dead: set[str] = set()
    for batch in batches(sorted(given)):
        query = select(DeadAddressRow.address).where(
            col(DeadAddressRow.address).in_(batch), col(DeadAddressRow.cleared_at).is_(None)
        )
        dead.update(*(given[address] for address in uow.session.exec(query)))
    return dead


def list_dead(uow: UnitOfWork, *, limit: int = 1000) -> Sequence[DeadAddressRow]:
    """The addresses at which nothing arrives now, the latest first."""
    query = (
        select(DeadAddressRow)
        .where(col(DeadAddressRow.cleared_at).is_(None))
        .order_by(col(DeadAddressRow.id).desc())
        .limit(limit)
    )
    return uow.session.exec(query).all()


def mark_dead(
    uow: UnitOfWork, address: str, fault: AddressFault, *, code: str = "", words: str = "", mail_id: int | None = None
) -> bool:
    """Mark an address; what was found out first stays. Returns whether it is news."""
    row = DeadAddressRow(
        address=comparable(address), marked_at=uow.now, fault=fault, code=code, words=words, mail_id=mail_id
    )
    if find_dead(uow, [row.address]):
        return False
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError:  # another job found it out at the same moment
        return False
    return True


def clear_dead(uow: UnitOfWork, address: str, *, actor: str, reason: str) -> None:
    """Write to an address again because a person says that it works.

    Raises `InvalidInput` without a reason and `NotFound` when the address is not marked.
    """
    if not forget_dead(uow, [address], actor=actor, reason=require_reason(reason)):
        raise not_found(address)


def forget_dead(uow: UnitOfWork, addresses: Collection[str], *, actor: str, reason: str) -> int:
    """Take the marks off addresses whose circumstances changed, if they have any; return how many had one."""
    query = (
        select(DeadAddressRow)
        .where(
            col(DeadAddressRow.address).in_([comparable(address) for address in addresses]),
            col(DeadAddressRow.cleared_at).is_(None),
        )
        .with_for_update()
    )
    rows = uow.session.exec(query).all()
    for row in rows:
        row.cleared_at, row.cleared_by, row.cleared_why = uow.now, actor, reason
    return len(rows)
