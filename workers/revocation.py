"""Jobs of the revocation lists."""

import structlog

from registry.accounts.viewer import Viewer
from registry.errors import RegistryError
from registry.jobs import FetchRevocationListsJob
from registry.revocation.service import MAXIMUM_LIST_BYTES, fill_scopes, record_attempt, refresh_sources, store_list
from workers.fetch import OutboundClient, OutboundError
from workers.resources import Resources

log = structlog.get_logger(__name__)

_OK = 200


def fetch_lists(resources: Resources, job: FetchRevocationListsJob) -> None:
    """Fetch the CRL of every address that certificates name; what one address answers is no matter of the others."""
    del job
    with resources.runtime.database.write() as uow:
        urls = refresh_sources(uow)
        fill_scopes(uow, resources.runtime.blobs)
    with OutboundClient(seconds=120, allowed_hosts=resources.settings.outbound_allowed_hosts) as client:
        for url in urls:
            failure = _fetch_list(resources, client, url)
            if failure is not None:
                log.warning("revocation_list_not_fetched", url=url, reason=failure)
            with resources.runtime.database.write() as uow:
                record_attempt(uow, url, failure=failure)


def _fetch_list(resources: Resources, client: OutboundClient, url: str) -> str | None:
    """Fetch and hold one list; the reason why not, None when it is held."""
    runtime = resources.runtime
    try:
        answer = client.get(url, limit=MAXIMUM_LIST_BYTES)
    except OutboundError as error:
        return str(error)
    if answer.status != _OK:
        return f"the server answers {answer.status}"
    try:
        with runtime.database.write() as uow:
            stored = store_list(uow, Viewer.everything(), runtime.blobs, answer.body, source=url)
    except (RegistryError, OSError) as error:
        return str(error)
    if stored.is_new:
        found = stored.reconciliation
        log.info("revocation_list_held", url=url, revoked=len(found.revoked), contradicted=len(found.contradicted))
    return None
