"""People who sign in: accounts, passwords, sessions."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError

from certs.messages import message
from registry.accounts.errors import MalformedUser, SignInFailed
from registry.accounts.passwords import hash_password, is_password
from registry.accounts.repository import AccountRepository
from registry.accounts.tables import Role, SessionRow, UserRow
from registry.accounts.viewer import Viewer
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, NotPermitted, not_found

_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with a session that has not ended."""

    viewer: Viewer
    username: str
    full_name: str
    csrf_token: str


def submit_user(
    uow: UnitOfWork,
    *,
    username: str,
    full_name: str,
    password: str,
    role: Role,
    agency_id: int | None = None,
    email: str | None = None,
) -> UserRow:
    """Add a person. Raises `MalformedUser`, `WeakPassword`, or `Conflict` when the user name is taken."""
    if not _USERNAME.fullmatch(username):
        raise MalformedUser(message("accounts.malformed_username"), field="username")
    if (role is Role.OFFICER) != (agency_id is not None):
        raise MalformedUser(message("accounts.officer_needs_agency"), field="agency_id")
    row = UserRow(
        username=username,
        full_name=full_name,
        email=email,
        password_hash=hash_password(password),
        role=role,
        agency_id=agency_id,
        created_at=uow.now,
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError as error:
        raise Conflict(message("accounts.username_taken", username=username), field="username") from error
    return row


def record_password(uow: UnitOfWork, *, username: str, password: str) -> None:
    """Change a password and end the person's sessions. Raises `NotFound` or `WeakPassword`."""
    repository = AccountRepository(uow.session)
    user = _get_user(repository, username)
    user.password_hash = hash_password(password)
    repository.delete_sessions_of(key_of(user))


def record_disabled(uow: UnitOfWork, *, username: str, is_disabled: bool) -> None:
    """Forbid (or allow again) a person to sign in; forbidding ends the sessions. Raises `NotFound`."""
    repository = AccountRepository(uow.session)
    user = _get_user(repository, username)
    user.is_disabled = is_disabled
    if is_disabled:
        repository.delete_sessions_of(key_of(user))


def verify_password(uow: UnitOfWork, *, username: str, password: str) -> int:
    """Prove who somebody is and return the identifier.

    Raises `SignInFailed` for a wrong password, a disabled person and an unknown name alike, after the same work. That
    work takes long on purpose, so a reading unit of work should be used: a writing one would keep others waiting.
    """
    user = AccountRepository(uow.session).find_user(username)
    if not is_password(password, user.password_hash if user else None) or user is None or user.is_disabled:
        raise SignInFailed(message("accounts.sign_in_failed"))
    return key_of(user)


def record_session(uow: UnitOfWork, *, user_id: int, lifetime: timedelta) -> str:
    """Begin a session of `lifetime` and return its token, which is kept nowhere else."""
    AccountRepository(uow.session).delete_expired_sessions(uow.now)
    token = secrets.token_urlsafe(32)
    uow.session.add(
        SessionRow(
            token_sha256=_digest(token),
            user_id=user_id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=uow.now,
            expires_at=uow.now + lifetime,
        )
    )
    return token


def withdraw_session(uow: UnitOfWork, token: str) -> None:
    """Sign out: the token is worth nothing afterwards."""
    AccountRepository(uow.session).delete_session(_digest(token))


def find_signed_in(uow: UnitOfWork, token: str) -> SignedIn | None:
    """Who has this session, with the rights of this moment; None when it ended or the person is disabled."""
    repository = AccountRepository(uow.session)
    found = repository.find_session(_digest(token), uow.now)
    if found is None:
        return None
    session, user = found
    path = repository.find_agency_path(user.agency_id, uow.now) if user.agency_id is not None else None
    if user.role is Role.OFFICER and path is None:
        return None
    return SignedIn(
        viewer=Viewer(user_id=user.id, role=user.role, agency_path=path),
        username=user.username,
        full_name=user.full_name,
        csrf_token=session.csrf_token,
    )


def current_rights(uow: UnitOfWork, user_id: int | None) -> Viewer:
    """The rights of today of a person for whom a job does something; None is the operator of the machine.

    Raises `NotPermitted` for somebody who lost them.
    """
    if user_id is None:
        return Viewer.everything()
    user = uow.session.get(UserRow, user_id)
    path = None
    if user is not None and user.agency_id is not None:
        path = AccountRepository(uow.session).find_agency_path(user.agency_id, uow.now)
    if user is None or user.is_disabled or (user.role is Role.OFFICER and path is None):
        raise NotPermitted(message("registry.not_permitted"))
    return Viewer(user_id=user.id, role=user.role, agency_path=path)


def _get_user(repository: AccountRepository, username: str) -> UserRow:
    user = repository.find_user(username)
    if user is None:
        raise not_found(username)
    return user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
