"""What a viewer must be allowed to; each raises `NotPermitted` for whoever is not."""

from certs.messages import message
from registry.accounts.viewer import Viewer
from registry.errors import NotPermitted


def require_writer(viewer: Viewer) -> None:
    """Refuse whoever may change nothing at all."""
    if not viewer.may_write:
        raise NotPermitted(message("registry.not_permitted"))


def require_administrator(viewer: Viewer) -> None:
    """Refuse everybody but the administrators."""
    if not viewer.is_administrator:
        raise NotPermitted(message("registry.not_permitted"))


def require_whole_view(viewer: Viewer) -> None:
    """Refuse an officer, whom the whole register does not concern."""
    if viewer.agency_path is not None:
        raise NotPermitted(message("registry.not_permitted"))
