"""Pages of the agencies: the tree, lists that a number links to, one agency, and the forms that change the tree."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from certs.messages import message
from registry.accounts.rights import require_administrator, require_writer
from registry.accounts.viewer import Viewer
from registry.agencies.choosing import find_choices, read_agencies
from registry.agencies.errors import AgencyHistory
from registry.agencies.export import AGENCY_COLUMNS, iterate_exported
from registry.agencies.forms import AgencyAction, offered_actions, read_action, read_establishment, read_merger
from registry.agencies.query import AgencyQuery
from registry.agencies.repository import (
    count_agencies,
    find_agencies,
    find_agencies_by_id,
    get_agency,
)
from registry.agencies.schemas import AgencyView
from registry.agencies.service import create_agency
from registry.agencies.submissions import record_submitted_event
from registry.agencies.succession import merge_agencies
from registry.agencies.tables import AgencyEventKind, AgencyLevel
from registry.agencies.tree import agency_branch, agency_tree
from registry.alerts.calendar.forecast import DayCount, make_forecast
from registry.alerts.scan import fallback_of, policy_of
from registry.certificates.query import CertificateQuery, Flag, Standing
from registry.certificates.repository import count_certificates, find_certificates
from registry.certificates.succession import Decision, apply_decisions, count_questions, find_questions
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput, NotPermitted
from registry.forms import FormReader, moment_of
from registry.paging import PageRequest
from registry.parameters import read_usable
from registry.web.chips import agency_chips
from registry.web.dependencies import CurrentActor, CurrentViewer, FormValues, ReadUow, RowId
from registry.web.files import stream_csv, stream_xlsx
from registry.web.formats import format_day
from registry.web.page import CurrentPage, Page
from registry.web.problems import tell_in
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 100
OWN_CERTIFICATES: Final = 20


@router.get("/agencies")
def agency_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, cursor: str | None = None) -> Response:
    """The tree with the certificates of every agency; with a condition in the address a flat list."""
    given = page.request.query_params
    query, problems = read_usable(
        given.multi_items(), lambda parameters: AgencyQuery.from_parameters(parameters, now=uow.now), typed=("as_of",)
    )
    status, typed = 422 if problems else 200, dict(given)
    errors = {name: problem.text(page.language) for name, problem in problems.items()}
    if all(name == "as_of" for name, _ in query.to_parameters()):
        tree = agency_tree(uow, viewer, query.as_of)
        return page.render_as_of(
            "agencies/tree.html",
            query,
            status=status,
            typed=typed,
            errors=errors,
            tree=tree,
            levels=tuple(AgencyLevel),
        )
    found = find_agencies(uow, viewer, query, PageRequest(cursor=cursor, limit=PAGE_SIZE))
    agency_name = None
    if query.under is not None:
        agency = find_agencies_by_id(uow, (query.under,), query.as_of).get(query.under)
        agency_name = agency.name if agency else None
    following = with_parameters("/agencies", (*query.to_parameters(), ("cursor", found.next or "")))
    return page.render_as_of(
        "agencies/list.html",
        query,
        status=status,
        typed=typed,
        errors=errors,
        agencies=found.items,
        total=count_agencies(uow, viewer, query),
        chips=agency_chips(query, page.language, agency_name=agency_name),
        first=with_parameters("/agencies", query.to_parameters()) if cursor else None,
        following=following if found.next else None,
        levels=tuple(AgencyLevel),
    )


@router.get("/agencies.csv")
def agency_csv(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The agencies that the address asks for as CSV; without a condition every one that exists."""
    runtime = page.runtime
    query = AgencyQuery.from_parameters(page.request.query_params.multi_items(), now=runtime.clock.now())
    rows = iterate_exported(runtime.database, viewer, query)
    return stream_csv(AGENCY_COLUMNS, rows, name=_file_name(query), language=page.language)


@router.get("/agencies.xlsx")
def agency_workbook(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The same list as a workbook."""
    runtime = page.runtime
    query = AgencyQuery.from_parameters(page.request.query_params.multi_items(), now=runtime.clock.now())
    rows = iterate_exported(runtime.database, viewer, query)
    title = page.translate("Agencies")
    return stream_xlsx(AGENCY_COLUMNS, rows, name=_file_name(query), title=title, language=page.language)


@router.get("/agencies/choices")
def agency_choices(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    uow: ReadUow,
    field: Annotated[str, Query(pattern=r"^[a-z_0-9]{1,40}$")],
    ended: bool = False,
) -> Response:
    """What the field `field` of a form proposes for the text in it: a piece of a page."""
    text = page.request.query_params.get(field, "")
    choices = find_choices(uow, viewer, text, with_ended=ended)
    return page.render("agencies/choices.html", field=field, choices=choices)


@router.get("/agencies/new")
def new_agency_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, parent: str = "") -> Response:
    """The form for a body that begins to exist; `parent` is the code of the one above it."""
    require_administrator(viewer)
    typed = {"effective_at": format_day(uow.now), "parent_id": parent, "level": AgencyLevel.SUBORDINATE}
    return _form_page(page, "agencies/new.html", FormReader(typed), is_merger=False)


@router.post("/agencies/new")
def submit_new_agency(page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, values: FormValues) -> Response:
    """Establish the agency, or show the form again with everything that is wrong with it."""
    reader, status = FormReader(values), 422
    try:
        with page.runtime.database.write() as uow:
            require_administrator(viewer)
            body = read_establishment(uow, viewer, reader)
            if body is not None:
                agency_id = create_agency(uow, viewer, body.agency.to_submission(), body.to_change(actor))
                return page.redirect(_address(agency_id, body.effective_at, uow, AgencyEventKind.ESTABLISHED))
    except (Conflict, InvalidInput) as error:
        status = tell_in(reader, error)
    return _form_page(page, "agencies/new.html", reader, status=status, is_merger=False)


@router.get("/agencies/merge")
def merger_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """The form for several bodies that become a new one."""
    require_administrator(viewer)
    codes = "\n".join(page.request.query_params.getlist("agency"))
    reader = FormReader({"effective_at": format_day(uow.now), "agency_ids": codes, "level": AgencyLevel.COMMUNE})
    read_agencies(uow, viewer, reader, "agency_ids")
    return _form_page(page, "agencies/new.html", reader, is_merger=True)


@router.post("/agencies/merge")
def submit_merger(page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, values: FormValues) -> Response:
    """Merge the bodies, then ask what becomes of their certificates."""
    reader, status = FormReader(values), 422
    try:
        with page.runtime.database.write() as uow:
            require_administrator(viewer)
            body = read_merger(uow, viewer, reader)
            if body is not None:
                change = body.to_change(actor)
                agency_id = merge_agencies(uow, viewer, body.agency_ids, body.successor.to_submission(), change)
                return page.redirect(_after(agency_id, body.effective_at, uow))
    except (Conflict, InvalidInput) as error:
        status = tell_in(reader, error)
    return _form_page(page, "agencies/new.html", reader, status=status, is_merger=True)


@router.get("/agencies/{agency_id}/changes/{action}")
def action_page(
    page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, agency_id: RowId, action: AgencyAction
) -> Response:
    """The form that records one kind of change, with what it will do."""
    agency = _require_offered(uow, viewer, agency_id, action)
    typed = {"effective_at": format_day(uow.now)}
    if action is AgencyAction.CONTACT_CHANGED:
        typed |= {"email": agency.email or "", "address": agency.address or ""}
    if action is AgencyAction.RENAMED:
        typed["name"] = agency.name
    if action is AgencyAction.MOVED and agency.parent_id is not None:
        # Left as it is, it changes nothing; only who empties it lets the agency stand at the top.
        above = find_agencies_by_id(uow, (agency.parent_id,), uow.now)[agency.parent_id]
        typed["parent_id"] = f"{above.code} {above.name}"
    return _action_form(page, viewer, uow, agency=agency, action=action, reader=FormReader(typed))


@router.post("/agencies/{agency_id}/changes/{action}")
def submit_action(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    actor: CurrentActor,
    agency_id: RowId,
    action: AgencyAction,
    values: FormValues,
) -> Response:
    """Record the change; where a body ends, ask what becomes of its certificates."""
    reader, status = FormReader(values), 422
    database = page.runtime.database
    try:
        with database.write() as uow:
            agency = _require_offered(uow, viewer, agency_id, action)
            event = read_action(uow, viewer, action, reader, agency)
            if event is not None:
                record_submitted_event(uow, viewer, agency_id, event, actor=actor)
                if action is AgencyAction.MERGED:
                    into = get_agency(uow, viewer, agency_id, event.effective_at).successors[-1].agency.id
                    return page.redirect(_after(into, event.effective_at, uow))
                if action is AgencyAction.DISSOLVED:
                    return page.redirect(_after(agency_id, event.effective_at, uow))
                return page.redirect(_address(agency_id, event.effective_at, uow, AgencyEventKind(action.value)))
    except (Conflict, InvalidInput) as error:
        status = tell_in(reader, error)
    with database.read() as uow:
        agency = get_agency(uow, viewer, agency_id, uow.now).agency
        return _action_form(page, viewer, uow, agency=agency, action=action, reader=reader, status=status)


@router.get("/agencies/{agency_id}/certificates")
def decisions_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, agency_id: RowId) -> Response:
    """What becomes of the certificates of the bodies that ended, and what remains to be done."""
    reader = FormReader({"effective_at": format_day(uow.now)})
    return _decisions(page, viewer, uow, agency_id=agency_id, reader=reader)


@router.post("/agencies/{agency_id}/certificates")
def submit_decisions(
    *, page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, agency_id: RowId, values: FormValues
) -> Response:
    """Record the decisions, all or none of them."""
    reader, status = FormReader(values), 422
    require_writer(viewer)
    try:
        with page.runtime.database.write() as uow:
            day = reader.day("effective_at")
            note = reader.text("note", limit=2000) or None
            decisions = {
                int(name.removeprefix("decision_")): Decision(value)
                for name, value in values.items()
                if name.startswith("decision_") and name[9:].isdecimal() and value in set(Decision)
            }
            if day is not None and not reader.problems:
                at = moment_of(day, now=uow.now)
                done = apply_decisions(uow, viewer, agency_id, decisions, revoked_at=at, actor=actor, note=note)
                return page.redirect(f"/agencies/{agency_id}/certificates?done={done}")
    except (Conflict, InvalidInput) as error:
        status = tell_in(reader, error)
    with page.runtime.database.read() as uow:
        return _decisions(page, viewer, uow, agency_id=agency_id, reader=reader, status=status)


@router.get("/agencies/{agency_id}")
def agency_page(
    page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, agency_id: RowId, recorded: str = ""
) -> Response:
    """One agency: how it is reached, its certificates, its units, and everything that happened to it."""
    query = AgencyQuery.from_parameters(page.request.query_params.multi_items(), now=uow.now)
    detail = get_agency(uow, viewer, agency_id, query.as_of)
    everything = CertificateQuery(as_of=query.as_of, is_pinned=query.is_pinned, agency_id=agency_id, with_subtree=False)
    own = replace(everything, standings=(Standing.ACTIVE,))
    active = replace(own, with_subtree=True)
    branch = agency_branch(uow, viewer, detail.agency, query.as_of)
    return page.render_as_of(
        "agencies/detail.html",
        query,
        detail=detail,
        agency=detail.agency,
        children=branch.children,
        certificates=find_certificates(uow, viewer, own, PageRequest(limit=OWN_CERTIFICATES)).items,
        own=own,
        own_total=branch.own.active,
        all=everything,
        all_total=branch.own.held,
        active=active,
        active_total=branch.total,
        offers=() if query.is_pinned else offered_actions(viewer, detail.agency),
        questions=0 if query.is_pinned else count_questions(uow, viewer, detail),
        recorded=next((event.kind for event in detail.events if event.kind == recorded), None),
        coming=() if query.is_pinned else _coming(page, uow, agency_id),
    )


def _coming(page: Page, uow: UnitOfWork, agency_id: int) -> tuple[tuple[date, DayCount], ...]:
    """The days on which mail about the agency's certificates is going to leave."""
    settings = page.runtime.settings
    forecast = make_forecast(uow, policy_of(settings), fallback=fallback_of(settings), agency_id=agency_id)
    return tuple(forecast.iter_days())


def _require_offered(uow: UnitOfWork, viewer: Viewer, agency_id: int, action: AgencyAction) -> AgencyView:
    agency = get_agency(uow, viewer, agency_id, uow.now).agency
    if action not in offered_actions(viewer, agency):
        if agency.ended_at is None:
            raise NotPermitted(message("registry.not_permitted"))
        at = format_day(uow.now)
        raise AgencyHistory(message("agencies.does_not_exist_then", agency=agency.name, at=at))
    return agency


def _address(agency_id: int, at: datetime, uow: UnitOfWork, recorded: AgencyEventKind | None = None) -> str:
    """The page of an agency, on the day of a change that lies ahead; it says what was recorded."""
    day = str(local_day(at)) if at > uow.now else None
    return with_parameters(f"/agencies/{agency_id}", as_of=day, recorded=recorded)


def _after(agency_id: int, at: datetime, uow: UnitOfWork) -> str:
    """Where the certificates of bodies that ended are decided about; what ends later is decided about then."""
    return _address(agency_id, at, uow) if at > uow.now else f"/agencies/{agency_id}/certificates"


def _form_page(
    page: Page,
    template: str,
    reader: FormReader,
    *,
    status: int = 200,
    **context: object,
) -> Response:
    return page.render(
        template,
        status=status,
        **page.filled(reader),
        levels=tuple(AgencyLevel),
        **context,
    )


def _action_form(
    page: Page,
    viewer: Viewer,
    uow: UnitOfWork,
    *,
    agency: AgencyView,
    action: AgencyAction,
    reader: FormReader,
    status: int = 200,
) -> Response:
    own = CertificateQuery(
        as_of=uow.now, agency_id=agency.id, with_subtree=False, standings=(Standing.ACTIVE, Standing.SUSPENDED)
    )
    return _form_page(
        page,
        "agencies/change.html",
        reader,
        status=status,
        agency=agency,
        action=action,
        certificates=count_certificates(uow, viewer, own),
        own=own,
    )


def _decisions(
    page: Page, viewer: Viewer, uow: UnitOfWork, *, agency_id: int, reader: FormReader, status: int = 200
) -> Response:
    questions = find_questions(uow, viewer, agency_id)
    remaining = CertificateQuery(as_of=uow.now, agency_id=agency_id, flags=(Flag.NAMES_ENDED_BODY,))
    done = page.request.query_params.get("done", "")
    return page.render(
        "agencies/certificates.html",
        status=status,
        agency=questions.agency.agency,
        questions=questions,
        decisions=tuple(Decision) if questions.has_successor else (Decision.REVOKE, Decision.KEEP),
        may_write=viewer.may_write,
        **page.filled(reader),
        done=int(done) if done.isdecimal() and len(done) < 10 else None,
        remaining=remaining,
        remaining_total=count_certificates(uow, viewer, remaining),
    )


def _file_name(query: AgencyQuery) -> str:
    return f"co-quan-{local_day(query.as_of)}"
