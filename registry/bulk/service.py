"""The life of a change of many certificates: chosen, previewed, decided upon, recorded.

    RECEIVED ──preview──▶ READY ──decide──▶ APPLYING ──record──▶ APPLIED
                            │
                            └──none──▶ DISCARDED

Up to `AT_ONCE` certificates are previewed and recorded while the person waits; more are the work of a job. Nothing is taken
back by itself: a wrong change is mended by a further one, for which the same certificates can be chosen again.
"""

import secrets
from typing import Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.exc import IntegrityError

from certs.messages import message
from registry.accounts.rights import require_writer
from registry.accounts.viewer import Viewer
from registry.bulk.assessing import check_event
from registry.bulk.errors import NotInState, SelectionRefused
from registry.bulk.recording import preview_items, record_items
from registry.bulk.repository import BulkRepository
from registry.bulk.submissions import BulkEvent, Selection
from registry.bulk.tables import BulkChangeRow, BulkChoice, BulkOutcome, BulkState
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import find_certificate_ids
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, NotPermitted
from registry.jobs import ProcessBulkChangeJob
from registry.leases import find_for_change, send, send_stranded, settle

MAXIMUM: Final = 30_000
"""Certificates of one change: recording them is one transaction, and on SQLite others wait at most 30 s to write."""
AT_ONCE: Final = 500


def submit_bulk_change(
    uow: UnitOfWork,
    viewer: Viewer,
    selection: Selection,
    event: BulkEvent,
    *,
    actor: str,
    token: str | None = None,
) -> int:
    """Put down which certificates are to be changed how, and preview it; returns its number. Changes no certificate.

    The same `token` of the same person again returns the number it was given first, whatever else is sent. Raises
    `NotPermitted`, `SelectionRefused`, `AgencyNotFound`, `BulkChangeNotFound`, and `InvalidInput` for parameters of a list
    that cannot be used or an agency that has ended.
    """
    require_writer(viewer)
    repository = BulkRepository(uow.session)
    token = token or secrets.token_hex(16)
    held = repository.find_by_token(viewer.user_id, token)
    if held is not None:
        return key_of(held)
    check_event(uow, viewer, event)
    chosen, parameters = select_certificates(uow, viewer, selection, limit=MAXIMUM + 1)
    if not chosen:
        raise SelectionRefused(message("bulk.nothing"), field="selection")
    if len(chosen) > MAXIMUM:
        raise SelectionRefused(message("bulk.too_many", limit=MAXIMUM), field="selection")
    row = BulkChangeRow(
        token=token,
        state=BulkState.RECEIVED,
        event=event.model_dump(mode="json"),
        parameters=parameters,
        created_at=uow.now,
        created_by=viewer.user_id,
        actor=actor,
        total=len(chosen),
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError:
        # The same form was sent twice at once; the other one came first.
        held = repository.find_by_token(viewer.user_id, token)
        if held is None:
            raise
        return key_of(held)
    repository.insert_items(key_of(row), chosen)
    if row.total > AT_ONCE:
        _send(uow, row, BulkState.RECEIVED)
    else:
        preview_items(uow, viewer, row, limit=AT_ONCE)
        finish(uow, row, BulkState.READY)
    return key_of(row)


def select_certificates(uow: UnitOfWork, viewer: Viewer, selection: Selection, *, limit: int) -> tuple[list[int], str]:
    """The chosen certificates without repetition, at most `limit`, and the parameters of the list they come from.

    Raises `InvalidInput` for parameters that cannot be used, and `BulkChangeNotFound`.
    """
    if selection.list is not None:
        query = CertificateQuery.from_parameters(parse_qsl(selection.list), now=uow.now)
        return find_certificate_ids(uow, viewer, query, limit=limit), urlencode(query.to_parameters())
    if selection.bulk_change_id is not None:
        repository = BulkRepository(uow.session)
        earlier = repository.find(viewer, selection.bulk_change_id)
        return repository.certificate_ids(key_of(earlier), BulkOutcome.DONE)[:limit], ""
    return list(dict.fromkeys(selection.ids))[:limit], ""


def decide_bulk_change(uow: UnitOfWork, viewer: Viewer, bulk_change_id: int, choice: BulkChoice) -> None:
    """Record the good ones of a preview, all in one transaction, or none. Deciding the same twice does no more than once.

    Only who made the preview decides, with the rights of now. Raises `BulkChangeNotFound`, `NotPermitted`, `NotInState`,
    `Conflict` when there is no good one.
    """
    BulkRepository(uow.session).find(viewer, bulk_change_id)
    require_writer(viewer)
    row = find_for_change(uow, BulkChangeRow, bulk_change_id)
    if row is None or row.created_by != viewer.user_id:
        raise NotPermitted(message("bulk.not_yours", actor=row.actor if row else "?"))
    decided = {BulkChoice.GOOD: (BulkState.APPLYING, BulkState.APPLIED), BulkChoice.NONE: (BulkState.DISCARDED,)}
    if row.state in decided[choice]:
        return
    if row.state is not BulkState.READY:
        raise NotInState(message("bulk.not_in_state"))
    if choice is BulkChoice.NONE:
        row.decided_at = uow.now
        row.state = BulkState.DISCARDED
        return
    if not row.counts.get(BulkOutcome.GOOD.value):
        raise Conflict(message("bulk.nothing_good"))
    row.decided_at, row.reason = uow.now, None
    if row.total > AT_ONCE:
        _send(uow, row, BulkState.APPLYING)
    else:
        record_items(uow, viewer, row)
        finish(uow, row, BulkState.APPLIED)


def finish(uow: UnitOfWork, row: BulkChangeRow, state: BulkState) -> None:
    """The work is done: nobody has to do anything before a person does."""
    row.counts = BulkRepository(uow.session).count_by_outcome(key_of(row))
    settle(row, state)


def sweep_bulk_changes(uow: UnitOfWork, *, limit: int = 100) -> int:
    """Send again what no worker took or finished in its time; returns how many. Safe to run at any time, also twice."""
    return send_stranded(uow, BulkChangeRow, lambda key: ProcessBulkChangeJob(bulk_change_id=key), limit=limit)


def _send(uow: UnitOfWork, row: BulkChangeRow, state: BulkState) -> None:
    row.state = state
    row.counts = BulkRepository(uow.session).count_by_outcome(key_of(row))
    send(uow, row, ProcessBulkChangeJob(bulk_change_id=key_of(row)))
