"""The search field at the top of every page."""

from datetime import datetime

from certs.text import fold
from registry.accounts.viewer import Viewer
from registry.agencies.query import AgencyQuery, Existence
from registry.agencies.repository import find_agencies
from registry.agencies.schemas import AgencyView
from registry.certificates.candidates import is_sought
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import find_certificates
from registry.certificates.schemas import CertificateView
from registry.db.unit_of_work import UnitOfWork
from registry.paging import PageRequest
from registry.views import View


class SearchView(View):
    """The first hits of each sort, and whether there are more behind them."""

    agencies: tuple[AgencyView, ...]
    has_more_agencies: bool
    certificates: tuple[CertificateView, ...]
    has_more_certificates: bool


def search_everything(uow: UnitOfWork, viewer: Viewer, text: str, as_of: datetime, *, limit: int = 8) -> SearchView:
    """Agencies (also former ones, by former names too) and certificates that hold every word of `text`; none for no word.

    Of words of one letter alone there are only agencies.
    """
    if not fold(text):
        return SearchView(agencies=(), has_more_agencies=False, certificates=(), has_more_certificates=False)
    page = PageRequest(limit=limit)
    agencies = find_agencies(uow, viewer, AgencyQuery(as_of=as_of, text=text, existence=Existence.ALL), page)
    certificates = None
    if is_sought(text):
        certificates = find_certificates(uow, viewer, CertificateQuery(as_of=as_of, text=text), page)
    return SearchView(
        agencies=agencies.items,
        has_more_agencies=agencies.next is not None,
        certificates=certificates.items if certificates else (),
        has_more_certificates=certificates is not None and certificates.next is not None,
    )
