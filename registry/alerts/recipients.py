"""Who is told: the agency responsible, the bodies above it, and at last the province's administrators."""

from dataclasses import dataclass
from datetime import datetime

from registry.alerts.repository import AgencyContact, AlertRepository

_MAXIMUM_STEPS = 12
"""Of one way up the tree; far more than the levels of an administration, so a loop in the data ends too."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address and the name of the body it belongs to."""

    email: str
    name: str


class RecipientFinder:
    """Finds recipients as of one moment and remembers what it found, so that a scan asks for each agency once."""

    def __init__(self, repository: AlertRepository, *, at: datetime, fallback: Recipient) -> None:
        self._repository = repository
        self._at = at
        self._fallback = fallback
        self._contacts: dict[int, AgencyContact | None] = {}
        self._successors: dict[int, int] = {}
        self._found: dict[int, Recipient] = {}

    def find(self, agency_ids: set[int]) -> dict[int, Recipient]:
        """The recipient for each agency; `agency_ids` are asked for together, level by level."""
        wanted = agency_ids - self._found.keys()
        position = {agency_id: agency_id for agency_id in wanted}
        for _ in range(_MAXIMUM_STEPS):
            self._load(set(position.values()))
            for start, current in tuple(position.items()):
                contact = self._contacts[current]
                if contact is not None and contact.email and contact.email.strip():
                    self._found[start] = Recipient(contact.email.strip().lower(), contact.name)
                    del position[start]
                    continue
                above = self._successors.get(current) if contact is None else contact.parent_id
                if above is None:
                    del position[start]
                else:
                    position[start] = above
            if not position:
                break
        return {agency_id: self._found.setdefault(agency_id, self._fallback) for agency_id in agency_ids}

    def _load(self, agency_ids: set[int]) -> None:
        missing = agency_ids - self._contacts.keys()
        if not missing:
            return
        found = self._repository.find_contacts(missing, at=self._at)
        self._contacts.update({agency_id: found.get(agency_id) for agency_id in missing})
        if ended := missing - found.keys():
            self._successors.update(self._repository.find_successors(ended, at=self._at))
