"""Signing in and out, and the choices that a browser keeps."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from registry.accounts.errors import SignInFailed, TooManyAttempts
from registry.accounts.service import record_session, verify_password, withdraw_session
from registry.accounts.throttle import SignInThrottle
from registry.web.dependencies import LANGUAGE_COOKIE, LANGUAGES, SESSION_COOKIE, WriteUow
from registry.web.formats import local_target
from registry.web.page import THEME_COOKIE, THEMES, CurrentPage

router: Final = APIRouter(include_in_schema=False)


@router.get("/login")
def sign_in_page(page: CurrentPage, next: str = "/") -> Response:  # noqa: A002 (the name in the address)
    """The form to sign in; whoever is signed in already is sent on."""
    if page.sign_in is not None:
        return page.redirect(local_target(next))
    return page.render("accounts/sign_in.html", target=local_target(next), username="", error=None)


@router.post("/login")
def sign_in(
    page: CurrentPage,
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=2000)] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 (the name of the form's field)
) -> Response:
    """Begin a session, or show the form again with what was typed and one sentence.

    Checking the password takes long on purpose, so it happens in a reading unit of work of its own.
    """
    database, throttle = page.runtime.database, _throttle(page.request)
    address = page.request.client.host if page.request.client else "unknown"
    now = page.runtime.clock.now()
    username = username.strip().lower()
    try:
        throttle.check(username, address, now)
        with database.read() as uow:
            user_id = verify_password(uow, username=username, password=password)
    except (SignInFailed, TooManyAttempts) as error:
        if isinstance(error, SignInFailed):
            throttle.record_failure(username, address, now)
        sentence = error.reason.text(page.language)
        status = 429 if isinstance(error, TooManyAttempts) else 401
        return page.render(
            "accounts/sign_in.html", status=status, target=local_target(next), username=username, error=sentence
        )
    throttle.record_success(username, address)
    lifetime = timedelta(hours=page.runtime.settings.session_hours)
    with database.write() as uow:
        token = record_session(uow, user_id=user_id, lifetime=lifetime)
    response = page.redirect(local_target(next))
    page.keep_session(response, token, seconds=int(lifetime.total_seconds()))
    return response


@router.post("/logout")
def sign_out(page: CurrentPage, uow: WriteUow) -> Response:
    """End the session here and in the register."""
    if token := page.request.cookies.get(SESSION_COOKIE):
        withdraw_session(uow, token)
    response = page.redirect("/login")
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    return response


@router.post("/preferences")
def keep_preferences(
    page: CurrentPage,
    language: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 (the name of the form's field)
) -> Response:
    """Keep the language or the theme in this browser."""
    response = page.redirect(local_target(next))
    if language in LANGUAGES:
        page.keep_choice(response, LANGUAGE_COOKIE, language)
    if theme in THEMES:
        page.keep_choice(response, THEME_COOKIE, theme)
    return response


def _throttle(request: Request) -> SignInThrottle:
    throttle: SignInThrottle = request.app.state.sign_in_throttle
    return throttle
