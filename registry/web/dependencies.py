"""What a route may ask for. Units of work end before the answer is sent, so nobody is told "done" too early."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from starlette.datastructures import FormData

from certs.messages import message
from registry.accounts.service import SignedIn, find_signed_in
from registry.accounts.viewer import Viewer
from registry.db.unit_of_work import UnitOfWork
from registry.errors import NotSignedIn
from registry.paging import MAXIMUM_PAGE
from registry.parameters import ParameterReader
from registry.runtime import Runtime

SESSION_COOKIE = "registry_session"
LANGUAGE_COOKIE = "registry_language"
LANGUAGES = ("vi", "en")


def current_runtime(request: Request) -> Runtime:
    """The parts that this application was built from."""
    runtime: Runtime = request.app.state.runtime
    return runtime


CurrentRuntime = Annotated[Runtime, Depends(current_runtime)]


def _read(runtime: CurrentRuntime) -> Iterator[UnitOfWork]:
    with runtime.database.read() as uow:
        yield uow


def _write(runtime: CurrentRuntime) -> Iterator[UnitOfWork]:
    with runtime.database.write() as uow:
        yield uow


ReadUow = Annotated[UnitOfWork, Depends(_read, scope="function")]
"""A unit of work that is rolled back when the route returns."""

WriteUow = Annotated[UnitOfWork, Depends(_write, scope="function")]
"""A unit of work that commits when the route returns and *before* the answer is sent; a failed commit answers 500."""


def current_sign_in(request: Request, runtime: CurrentRuntime) -> SignedIn | None:
    """Who is signed in with the session cookie of this request, if anybody.

    It reads in a unit of work of its own, closed before the route's begins: a request that held two connections at once
    could wait for ever for its second one when many come together.
    """
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    with runtime.database.read() as uow:
        return find_signed_in(uow, token)


CurrentSignIn = Annotated[SignedIn | None, Depends(current_sign_in)]


def _optional_viewer(sign_in: CurrentSignIn) -> Viewer | None:
    return sign_in.viewer if sign_in else None


def _viewer(sign_in: CurrentSignIn) -> Viewer:
    if sign_in is None:
        raise NotSignedIn(message("registry.not_signed_in"))
    return sign_in.viewer


OptionalViewer = Annotated[Viewer | None, Depends(_optional_viewer)]
"""Who is signed in, or None."""

CurrentViewer = Annotated[Viewer, Depends(_viewer)]
"""Who is signed in; nobody: `NotSignedIn`, which a browser sees as the sign-in page."""


def _actor(sign_in: CurrentSignIn) -> str:
    if sign_in is None:
        raise NotSignedIn(message("registry.not_signed_in"))
    return sign_in.username


CurrentActor = Annotated[str, Depends(_actor)]
"""Who is written into the history; nobody signed in: `NotSignedIn`."""


def current_language(request: Request, runtime: CurrentRuntime) -> str:
    """`vi` or `en`: the choice kept in the cookie; for programs `Accept-Language`; else the setting.

    Browsers are not asked for `Accept-Language`: office machines often run English systems for people who read Vietnamese.
    """
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    if request.url.path.startswith("/api/"):
        wanted = request.headers.get("accept-language", "").strip()[:2].lower()
        if wanted in LANGUAGES:
            return wanted
    return runtime.settings.language


Language = Annotated[str, Depends(current_language)]
"""The language of this request, `vi` or `en`."""


def texts_of(form: FormData) -> dict[str, str]:
    """The fields of a form by name, files apart; of several with one name the last."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def _form_values(request: Request) -> dict[str, str]:
    return texts_of(await request.form())


FormValues = Annotated[dict[str, str], Depends(_form_values)]
"""The fields of a form as `texts_of` gives them."""


async def _current_form(request: Request) -> AsyncIterator[FormData]:
    async with request.form() as form:
        yield form


CurrentForm = Annotated[FormData, Depends(_current_form)]
"""A form with files, or whose names are not known beforehand. Its files are closed after the request."""

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""The identifier of a row in an address, within what a database can hold."""

Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=2000)]
"""Where a page of a list begins; None: with the first row."""

PageSize = Annotated[int, Query(ge=1, le=MAXIMUM_PAGE, description="Rows of one page.")]

Before = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only lower numbers.")]
"""Of lists with the newest first: where the next page begins."""


def _as_of(
    as_of: Annotated[
        str | None,
        Query(
            description="A day (its end in Viet Nam) or a time with its offset; default: now.", examples=["2016-12-31"]
        ),
    ] = None,
) -> datetime | None:
    return ParameterReader([("as_of", as_of or "")]).moment("as_of")


AsOf = Annotated[datetime | None, Depends(_as_of)]
"""As of when the register is asked; None: now."""
