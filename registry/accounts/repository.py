"""Queries of the accounts."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from registry.accounts.tables import SessionRow, UserRow
from registry.agencies.tables import AgencyPeriodRow


class AccountRepository:
    """People and their sessions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find_user(self, username: str) -> UserRow | None:
        """The person with this user name."""
        return self._session.exec(select(UserRow).where(UserRow.username == username)).one_or_none()

    def list_users(self) -> Sequence[UserRow]:
        """Everybody, by user name."""
        return self._session.exec(select(UserRow).order_by(UserRow.username)).all()

    def find_session(self, token_sha256: str, now: datetime) -> tuple[SessionRow, UserRow] | None:
        """The session that has not ended at `now`, and its person if not disabled."""
        return self._session.exec(
            select(SessionRow, UserRow)
            .join(UserRow, col(UserRow.id) == SessionRow.user_id)
            .where(
                SessionRow.token_sha256 == token_sha256,
                SessionRow.expires_at > now,
                col(UserRow.is_disabled).is_(False),
            )
        ).one_or_none()

    def find_agency_path(self, agency_id: int, now: datetime) -> str | None:
        """Where the agency stands in the tree at `now`; the place it had last when it has ended."""
        return self._session.exec(
            select(AgencyPeriodRow.path)
            .where(AgencyPeriodRow.agency_id == agency_id, AgencyPeriodRow.effective_from <= now)
            .order_by(col(AgencyPeriodRow.effective_from).desc())
            .limit(1)
        ).one_or_none()

    def delete_session(self, token_sha256: str) -> None:
        """End one session."""
        self._session.exec(delete(SessionRow).where(col(SessionRow.token_sha256) == token_sha256))

    def delete_sessions_of(self, user_id: int) -> None:
        """End all sessions of a person."""
        self._session.exec(delete(SessionRow).where(col(SessionRow.user_id) == user_id))

    def delete_expired_sessions(self, now: datetime) -> None:
        """Delete sessions that have ended by `now`."""
        self._session.exec(delete(SessionRow).where(col(SessionRow.expires_at) <= now))
