"""Choosing an agency in a form: by its code, or by words of a name that it, or a body it took over from, has or had."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from certs.messages import Message, define, message
from certs.text import fold
from registry.accounts.viewer import Viewer
from registry.agencies.query import AgencyQuery, Existence
from registry.agencies.repository import find_agencies, find_agencies_by_id, find_agency_by_code
from registry.agencies.schemas import AgencyView
from registry.agencies.tables import AgencyPeriodRow, AgencySuccessionRow
from registry.db.unit_of_work import UnitOfWork
from registry.forms import FormReader
from registry.paging import PageRequest
from registry.views import View

MOST_CHOICES: Final = 12
_RANKED: Final = 100
"""So many in the order of names are looked at; who typed so little that more fit has to type on anyway."""
_LONGEST: Final = 400

define(
    "agencies.choice_unknown",
    vi="Không tìm thấy cơ quan nào theo “{text}”. Hãy nhập mã, hoặc một phần tên hiện nay hay tên cũ.",
    en="No agency is found by “{text}”. Type a code, or a part of its name of today or of a former one.",
)
define(
    "agencies.choice_several",
    vi="Có {count} cơ quan phù hợp với “{text}”. Hãy chọn một cơ quan bên dưới, hoặc nhập rõ hơn.",
    en="{count} agencies fit “{text}”. Choose one of them below, or type more of the name.",
)
define(
    "agencies.choice_many",
    vi="Có nhiều cơ quan phù hợp với “{text}”; dưới đây là {count} cơ quan đầu. Hãy nhập rõ hơn nếu chưa có.",
    en="Many agencies fit “{text}”; these are the first {count}. Type more of the name if yours is not among them.",
)


class AgencyChoice(View):
    """An agency that fits what was typed."""

    id: int
    code: str
    name: str
    above: str | None
    """The body above it: names repeat from commune to commune."""
    because: str | None
    """The former name, or the body it took over from, by which it was found; None when its own name or code fits."""
    is_ended: bool

    @property
    def text(self) -> str:
        """What stands in the field when it is chosen; the code alone decides."""
        return f"{self.code} {self.name}"


def find_choices(
    uow: UnitOfWork, viewer: Viewer, text: str, *, with_ended: bool = False, limit: int = MOST_CHOICES
) -> tuple[AgencyChoice, ...]:
    """Agencies that exist and fit every word of `text`, the closest first, then those that took over from one that does.

    With `with_ended` bodies that ended are choices themselves.
    """
    words = fold(text[:_LONGEST]).split()
    if not words:
        return ()
    page = PageRequest(limit=_RANKED)
    existence = Existence.ALL if with_ended else Existence.EXISTING
    found = list(find_agencies(uow, viewer, AgencyQuery(as_of=uow.now, text=text, existence=existence), page).items)
    found = sorted(found, key=lambda each: _distance(each, words))[:limit]
    because: dict[int, str] = {}
    if not with_ended and len(found) < limit:
        ended = find_agencies(uow, viewer, AgencyQuery(as_of=uow.now, text=text, existence=Existence.ENDED), page).items
        for successor, name in _successors(uow, viewer, ended):
            if successor.id not in {each.id for each in found} and len(found) < limit:
                found.append(successor)
                because[successor.id] = name
    above = find_agencies_by_id(uow, {each.parent_id for each in found if each.parent_id is not None}, uow.now)
    former = _former_names(uow, [each.id for each in found if not _fits(words, f"{each.name} {each.code}")], words)
    return tuple(
        _choice(
            each,
            above=above[each.parent_id].name if each.parent_id in above else None,
            because=because.get(each.id) or former.get(each.id),
        )
        for each in found
    )


def find_meant(uow: UnitOfWork, viewer: Viewer, text: str, *, with_ended: bool = False) -> tuple[AgencyChoice, ...]:
    """What a text means: one agency when that is clear, else those to choose from, else none.

    A code in front decides, also that of a body that has ended; then a name that fits exactly; then all that fit.
    """
    agency = find_agency_by_code(uow, viewer, text.partition(" ")[0], uow.now)
    if agency is not None:
        return (_choice(agency, above=None, because=None),)
    found = find_choices(uow, viewer, text, with_ended=with_ended)
    exact = tuple(each for each in found if fold(each.name) == fold(text))
    return exact if len(exact) == 1 else found


def read_agency(
    uow: UnitOfWork,
    viewer: Viewer,
    reader: FormReader,
    name: str,
    *,
    is_required: bool = False,
    with_ended: bool = False,
) -> int | None:
    """The agency that a field of a form means; None when it is empty, or with a problem when it is not clear.

    Where several fit they become `reader.choices`, so that the form shows them to choose from; what is chosen there comes
    as the field `<name>_choice`.
    """
    chosen = reader.text(f"{name}_choice", limit=_LONGEST)
    text = chosen or reader.text(name, limit=_LONGEST, is_required=is_required)
    if not text:
        return None
    found = find_meant(uow, viewer, text, with_ended=with_ended)
    if len(found) == 1:
        reader.typed[name] = found[0].text
        return found[0].id
    reader.fail(name, not_clear(text, found))
    if found:
        reader.choices[name] = found
    return None


def read_agencies(uow: UnitOfWork, viewer: Viewer, reader: FormReader, name: str) -> tuple[int, ...]:
    """The agencies that the lines of a field mean, each once; a line that means no one agency is a problem."""
    lines = [line.strip()[:_LONGEST] for line in reader.typed.get(name, "").splitlines() if line.strip()]
    meant: dict[int, str] = {}
    unclear: list[str] = []
    for line in lines:
        found = find_meant(uow, viewer, line)
        if len(found) == 1:
            meant[found[0].id] = found[0].text
        else:
            unclear.append(line)
            reader.fail(name, not_clear(line, found))
    reader.typed[name] = "\n".join((*meant.values(), *unclear))
    return tuple(meant)


def not_clear(text: str, found: Sequence[AgencyChoice]) -> Message:
    """Why a text means no one agency."""
    if not found:
        return message("agencies.choice_unknown", text=text[:60])
    code = "agencies.choice_many" if len(found) >= MOST_CHOICES else "agencies.choice_several"
    return message(code, text=text[:60], count=len(found))


def _choice(agency: AgencyView, *, above: str | None, because: str | None) -> AgencyChoice:
    return AgencyChoice(
        id=agency.id,
        code=agency.code,
        name=agency.name,
        above=above,
        because=because,
        is_ended=agency.ended_at is not None,
    )


def _distance(agency: AgencyView, words: Sequence[str]) -> tuple[bool, ...]:
    """How far what was typed is from the name, so that "y te" brings Sở Y tế before Quỹ Bảo trợ trẻ em."""
    name, typed = fold(agency.name), " ".join(words)
    whole = f" {name} "
    return (
        typed not in (name, agency.code.lower()),
        not name.startswith(typed),
        f" {typed} " not in whole,
        f" {typed}" not in whole,
        not all(word in name for word in words),
        agency.ended_at is not None,
    )


def _fits(words: Sequence[str], text: str) -> bool:
    return all(word in fold(text) for word in words)


def _former_names(uow: UnitOfWork, agency_ids: Sequence[int], words: Sequence[str]) -> dict[int, str]:
    rows = uow.session.execute(
        select(col(AgencyPeriodRow.agency_id), col(AgencyPeriodRow.name))
        .where(col(AgencyPeriodRow.agency_id).in_(agency_ids))
        .order_by(col(AgencyPeriodRow.effective_from))
    )
    return {key: name for key, name in rows if _fits(words, name)}


def _successors(uow: UnitOfWork, viewer: Viewer, ended: Sequence[AgencyView]) -> list[tuple[AgencyView, str]]:
    """Who exists and took over from one of `ended`, through any number of steps, with the name of the first body."""
    origin = {each.id: each.name for each in ended}
    waiting = set(origin)
    found: dict[int, AgencyView] = {}
    while waiting:
        steps = uow.session.execute(
            select(col(AgencySuccessionRow.predecessor_id), col(AgencySuccessionRow.successor_id))
            .where(
                col(AgencySuccessionRow.predecessor_id).in_(waiting), col(AgencySuccessionRow.effective_at) <= uow.now
            )
            .order_by(col(AgencySuccessionRow.id))
        ).all()
        waiting = set()
        for before, after in steps:
            if after not in origin:
                origin[after] = origin[before]
                waiting.add(after)
        views = find_agencies_by_id(uow, waiting, uow.now)
        found |= {key: view for key, view in views.items() if view.ended_at is None and viewer.sees_path(view.path)}
    return [(view, origin[key]) for key, view in found.items()]
