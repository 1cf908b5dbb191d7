"""Who is told: the agency responsible and the holder, the body above them when nobody reacts, at last the administrators.

An address at which nothing arrives counts as none, so what it would have got goes to the next body up at once.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from registry.alerts.repository import AgencyContact, AlertRepository
from registry.alerts.tables import RecipientRole
from registry.db.unit_of_work import UnitOfWork
from registry.mail.addresses import comparable, find_dead

_MAXIMUM_STEPS: Final = 12
"""Of one way up the tree; far more than the levels of an administration, so a loop in the data ends too."""
_LONGEST_ADDRESS: Final = 254
_NEVER_IN_AN_ADDRESS: Final = re.compile(r"""[\s\x00-\x1f\x7f-\x9f<>(),;:"\[\]\\]""")
"""Blanks, control characters, and what separates addresses from each other."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address and the name of the body or person it belongs to."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told of one certificate, each address once."""

    first: tuple[tuple[Recipient, RecipientRole], ...]
    """From the first step on; never empty."""
    superior: Recipient | None
    """The next body up that can be reached and is not told from the first step on."""
    administrator: Recipient | None
    """None when the administrators are among the others."""

    def everybody(self) -> tuple[Recipient, ...]:
        """All of them."""
        further = (self.superior, self.administrator)
        return (*(recipient for recipient, _ in self.first), *(each for each in further if each is not None))


def holder_of(email: str | None, name: str) -> Recipient | None:
    """The holder as a recipient, when the certificate names an address."""
    return None if email is None else Recipient(comparable(email), name)


def is_usable(address: str) -> bool:
    """Whether a text can be an e-mail address at all."""
    user, at, domain = address.rpartition("@")
    if not (user and at and domain) or len(address) > _LONGEST_ADDRESS:
        return False
    return _NEVER_IN_AN_ADDRESS.search(address) is None


class RecipientFinder:
    """Finds recipients as of one moment and remembers what it found of agencies, so that each is asked for once."""

    def __init__(self, uow: UnitOfWork, *, fallback: Recipient) -> None:
        self._uow = uow
        self._repository = AlertRepository(uow.session)
        self._fallback = fallback
        self._contacts: dict[int, AgencyContact | None] = {}
        self._successors: dict[int, int] = {}
        self._dead: dict[str, bool] = {}
        self._ways_up: dict[int, tuple[AgencyContact, ...]] = {}

    def find(self, agency_ids: Collection[int]) -> dict[int, Recipient]:
        """The recipient for each agency: itself, or the nearest body above it, or its successor, that can be reached."""
        return {key: self._nearest(way)[0] for key, way in self.find_ways_up(agency_ids).items()}

    def find_ways_up(self, agency_ids: Collection[int]) -> dict[int, tuple[AgencyContact, ...]]:
        """For each agency itself and the bodies above it, the nearest first; for one that ended, its successor's."""
        self._load_ways_up({key for key in agency_ids if key not in self._ways_up})
        return {key: self._ways_up[key] for key in agency_ids}

    def find_audiences(self, subjects: Mapping[int, tuple[int, Recipient | None]]) -> dict[int, Audience]:
        """Who is told of each certificate, given the agency responsible and the holder's address if there is one."""
        ways = self.find_ways_up({agency_id for agency_id, _ in subjects.values()})
        holders = {holder.email for _, holder in subjects.values() if holder is not None and is_usable(holder.email)}
        dead = find_dead(self._uow, holders)
        return {
            key: self._audience(
                ways[agency_id],
                holder if holder is not None and holder.email in holders and holder.email not in dead else None,
            )
            for key, (agency_id, holder) in subjects.items()
        }

    def _audience(self, way: tuple[AgencyContact, ...], holder: Recipient | None) -> Audience:
        reachable = list(self._iter_reachable(way))
        first, role = self._nearest(way)
        told = [(first, role)]
        if holder is not None and holder.email != first.email:
            told.append((holder, RecipientRole.HOLDER))
        addresses = {recipient.email for recipient, _ in told}
        superior = next((body for body in reachable if body.email not in addresses), None)
        if superior is not None:
            addresses.add(superior.email)
        administrator = None if self._fallback.email in addresses else self._fallback
        return Audience(tuple(told), superior, administrator)

    def _nearest(self, way: tuple[AgencyContact, ...]) -> tuple[Recipient, RecipientRole]:
        first = next(self._iter_reachable(way), None)
        if first is None:
            return self._fallback, RecipientRole.STAND_IN
        is_agency = bool(way) and first.email == _address(way[0])
        return first, RecipientRole.AGENCY if is_agency else RecipientRole.STAND_IN

    def _iter_reachable(self, way: Iterable[AgencyContact]) -> Iterator[Recipient]:
        for contact in way:
            address = _address(contact)
            if not self._dead[address]:
                yield Recipient(address, contact.name)

    def _load_ways_up(self, wanted: set[int]) -> None:
        ways: dict[int, list[AgencyContact]] = {agency_id: [] for agency_id in wanted}
        position = {agency_id: agency_id for agency_id in wanted}
        for _ in range(_MAXIMUM_STEPS):
            if not position:
                break
            self._load_contacts(set(position.values()))
            for start, current in tuple(position.items()):
                contact = self._contacts[current]
                if contact is not None:
                    ways[start].append(contact)
                above = self._successors.get(current) if contact is None else contact.parent_id
                if above is None:
                    del position[start]
                else:
                    position[start] = above
        self._ways_up.update({agency_id: tuple(way) for agency_id, way in ways.items()})
        self._load_dead({_address(contact) for way in ways.values() for contact in way})

    def _load_contacts(self, agency_ids: set[int]) -> None:
        missing = agency_ids - self._contacts.keys()
        if not missing:
            return
        found = self._repository.find_contacts(missing, at=self._uow.now)
        self._contacts.update({agency_id: found.get(agency_id) for agency_id in missing})
        if ended := missing - found.keys():
            self._successors.update(self._repository.find_successors(ended, at=self._uow.now))

    def _load_dead(self, addresses: set[str]) -> None:
        missing = addresses - self._dead.keys()
        dead = find_dead(self._uow, missing)
        # What is no address at all is none at which anything arrives.
        self._dead.update({address: address in dead or not is_usable(address) for address in missing})


def _address(contact: AgencyContact) -> str:
    return comparable(contact.email or "")
