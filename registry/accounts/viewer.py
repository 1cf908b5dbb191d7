"""Who is looking, as far as rights go. Every query of the register takes one."""

from dataclasses import dataclass
from typing import Self

from registry.accounts.tables import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """The rights of one caller. Handed to every query, so that a page cannot forget to ask."""

    user_id: int | None
    role: Role
    agency_path: str | None
    """The subtree an officer works for, as `AgencyPeriodRow.path`; None: no restriction, and never so for an officer."""

    def __post_init__(self) -> None:
        """Refuse an officer without a subtree with `ValueError`: it would see everything."""
        if (self.role is Role.OFFICER) != (self.agency_path is not None):
            raise ValueError("an officer has a subtree, and nobody else has")
        if self.agency_path is not None and not (self.agency_path.startswith("/") and self.agency_path.endswith("/")):
            raise ValueError("the path of a subtree begins and ends with a slash")

    @classmethod
    def everything(cls) -> Self:
        """The register itself: jobs, and the commands of the operator who can read the database anyway."""
        return cls(user_id=None, role=Role.ADMINISTRATOR, agency_path=None)

    @property
    def is_administrator(self) -> bool:
        """Whether the viewer may change users, agencies and trust anchors."""
        return self.role is Role.ADMINISTRATOR

    @property
    def may_write(self) -> bool:
        """Whether the viewer may change anything at all."""
        return self.role is not Role.AUDITOR

    def sees_path(self, path: str) -> bool:
        """Whether an agency with this path lies in the viewer's subtree."""
        return self.agency_path is None or path.startswith(self.agency_path)

    def may_change_path(self, path: str) -> bool:
        """Whether the viewer may change what belongs to an agency with this path."""
        return self.may_write and self.sees_path(path)
