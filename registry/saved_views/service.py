"""Keeping a list under a name. Everybody has views of their own; what they show follows the rights of whoever opens them."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from certs.messages import define, message
from certs.text import normalise, sort_key
from registry.agencies.query import AgencyQuery
from registry.certificates.query import CertificateQuery
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput, NotFound
from registry.saved_views.tables import SavedList, SavedViewRow
from registry.schemas import without_hidden
from registry.views import View

LONGEST_NAME: Final = 100
MOST_VIEWS: Final = 200
"""Of one person."""

define(
    "saved_views.name", vi="Cần nhập tên, tối đa {limit} ký tự.", en="A name is needed, of at most {limit} characters."
)
define(
    "saved_views.taken",
    vi="Bạn đã lưu một danh sách tên “{name}”. Hãy đặt tên khác hoặc xóa danh sách cũ.",
    en="You have saved a list called “{name}” already. Choose another name or delete the old one.",
)
define(
    "saved_views.too_many",
    vi="Bạn đã lưu {limit} danh sách. Hãy xóa bớt danh sách không dùng nữa.",
    en="You have saved {limit} lists. Delete some that you do not use any more.",
)
define(
    "saved_views.not_found",
    vi="Không có danh sách đã lưu này, hoặc đó là danh sách của người khác.",
    en="There is no such saved list, or it is somebody else's.",
)


class SavedView(View):
    """A list that a person has kept."""

    id: int
    name: str
    list_name: SavedList
    target: str
    """Address of the list."""


class SavedViewTaken(Conflict):
    """The person has a view of this name."""


class SavedViewNotFound(NotFound):
    """There is no such view of this person."""


def save_view(uow: UnitOfWork, user_id: int, *, name: str, list_name: SavedList, parameters: str) -> int:
    """Keep a list and return the view's identifier.

    Of `parameters`, encoded as in a link, only those that the list knows are kept. Raises `InvalidInput` for a name or a
    parameter that cannot be used, `Conflict` when there are too many, and `SavedViewTaken`.
    """
    name = _name(name)
    given = parse_qsl(parameters)
    query = (
        CertificateQuery.from_parameters(given, now=uow.now)
        if list_name is SavedList.CERTIFICATES
        else AgencyQuery.from_parameters(given, now=uow.now)
    )
    own = select(func.count()).where(col(SavedViewRow.user_id) == user_id)
    if uow.session.execute(own).scalar_one() >= MOST_VIEWS:
        raise Conflict(message("saved_views.too_many", limit=MOST_VIEWS), field="name")
    row = SavedViewRow(
        user_id=user_id,
        name=name,
        list_name=list_name,
        parameters=urlencode(query.to_parameters()),
        created_at=uow.now,
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError as error:
        raise SavedViewTaken(message("saved_views.taken", name=name), field="name") from error
    return key_of(row)


def rename_view(uow: UnitOfWork, user_id: int, view_id: int, *, name: str) -> None:
    """Give a view another name. Raises `SavedViewNotFound`, `SavedViewTaken`, and `InvalidInput` for an unusable name."""
    row = _row(uow, user_id, view_id)
    name = _name(name)
    try:
        with uow.session.begin_nested():
            row.name = name
    except IntegrityError as error:
        raise SavedViewTaken(message("saved_views.taken", name=name), field="name") from error


def find_views(uow: UnitOfWork, user_id: int) -> tuple[SavedView, ...]:
    """The views of a person, in Vietnamese order."""
    rows = uow.session.execute(select(SavedViewRow).where(col(SavedViewRow.user_id) == user_id)).scalars()
    return tuple(sorted(map(_view, rows), key=lambda view: (sort_key(view.name), view.id)))


def get_view(uow: UnitOfWork, user_id: int, view_id: int) -> SavedView:
    """One view of a person. Raises `SavedViewNotFound`."""
    return _view(_row(uow, user_id, view_id))


def delete_view(uow: UnitOfWork, user_id: int, view_id: int) -> None:
    """Forget a view. Raises `SavedViewNotFound`."""
    uow.session.delete(_row(uow, user_id, view_id))


def _name(text: str) -> str:
    name = normalise(without_hidden(text))
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInput(message("saved_views.name", limit=LONGEST_NAME), field="name")
    return name


def _row(uow: UnitOfWork, user_id: int, view_id: int) -> SavedViewRow:
    row = uow.session.get(SavedViewRow, view_id)
    if row is None or row.user_id != user_id:
        raise SavedViewNotFound(message("saved_views.not_found"))
    return row


def _view(row: SavedViewRow) -> SavedView:
    target = f"/{row.list_name.value}" + (f"?{row.parameters}" if row.parameters else "")
    return SavedView(id=key_of(row), name=row.name, list_name=row.list_name, target=target)
