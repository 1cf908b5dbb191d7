"""The page being made: who asks, in which language, and how it is rendered."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from registry.accounts.service import SignedIn
from registry.agencies.query import AgencyQuery
from registry.certificates.query import CertificateQuery
from registry.forms import FormReader
from registry.parameters import write_moment
from registry.runtime import Runtime
from registry.web.dependencies import SESSION_COOKIE, CurrentRuntime, CurrentSignIn, Language
from registry.web.forgery import FORGERY_COOKIE, new_visitor, visitor_token
from registry.web.navigation import DEMO_NAVIGATION, NAVIGATION
from registry.web.templating import environment
from registry.web.translation import load_translations

THEME_COOKIE: Final = "registry_theme"
THEMES: Final = ("auto", "light", "dark")


def demo_mail_directory(runtime: Runtime) -> Path:
    """Where the demonstration keeps the mail it catches; it exists only there."""
    return runtime.settings.data_dir / "mail"


@dataclass(frozen=True, slots=True)
class Page:
    """One page on its way to a browser."""

    request: Request
    runtime: Runtime
    sign_in: SignedIn | None
    language: str

    def render_as_of(
        self, template: str, query: CertificateQuery | AgencyQuery, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """Render a page that shows the register as of a moment: it says so, and its links stay at that moment."""
        pinned = (("as_of", write_moment(query.as_of)),) if query.is_pinned else ()
        return self.render(template, status=status, query=query, pinned=pinned, **context)

    def render(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """Fill `template` with `context` and what every page shows."""
        visitor = self.request.cookies.get(FORGERY_COOKIE) or new_visitor()
        csrf_token = self.sign_in.csrf_token if self.sign_in else self._visitor_token(visitor)
        theme = self.request.cookies.get(THEME_COOKIE)
        body = (
            environment(self.language)
            .get_template(template)
            .render(
                {
                    "sign_in": self.sign_in,
                    "csrf_token": csrf_token,
                    "path": self.request.url.path,
                    "address": self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else ""),
                    "theme": theme if theme in THEMES else "auto",
                    "settings": self.runtime.settings,
                    "navigation": self._navigation(),
                    "now": self.runtime.clock.now(),
                    **context,
                }
            )
        )
        response = HTMLResponse(body, status)
        if self.sign_in is None and FORGERY_COOKIE not in self.request.cookies:
            self._set_cookie(response, FORGERY_COOKIE, visitor)
        return response

    def filled(self, reader: FormReader) -> dict[str, Any]:
        """What a template needs to show a form again: what was typed, what is wrong with it, and what it may mean."""
        return {
            "typed": reader.typed,
            "errors": {name: problem.text(self.language) for name, problem in reader.problems.items()},
            "agency_choices": reader.choices,
        }

    def translate(self, text: str) -> str:
        """`text` in the language of the page; it has to be marked where it stands or to be used by a template too."""
        return load_translations(self.language).gettext(text)

    def redirect(self, target: str) -> RedirectResponse:
        """Send the browser on to a place on this site with a GET."""
        return RedirectResponse(target, 303)

    def keep_session(self, response: RedirectResponse, token: str, *, seconds: int) -> None:
        """Give the browser its session token."""
        self._set_cookie(response, SESSION_COOKIE, token, seconds=seconds)

    def keep_choice(self, response: RedirectResponse, cookie: str, value: str) -> None:
        """Keep a choice of language or theme for a year."""
        self._set_cookie(response, cookie, value, seconds=365 * 24 * 3600)

    def _navigation(self) -> tuple[tuple[str, str, str], ...]:
        entries = (*NAVIGATION, DEMO_NAVIGATION) if demo_mail_directory(self.runtime).is_dir() else NAVIGATION
        return tuple((target, self.translate(name), icon) for target, name, icon in entries)

    def _visitor_token(self, visitor: str) -> str:
        return visitor_token(self.request.app.state.secret_key, visitor)

    def _set_cookie(
        self, response: HTMLResponse | RedirectResponse, name: str, value: str, *, seconds: int | None = None
    ) -> None:
        is_https = self.runtime.settings.public_url.startswith("https://")
        response.set_cookie(name, value, max_age=seconds, httponly=True, secure=is_https, samesite="lax")


def current_page(request: Request, runtime: CurrentRuntime, sign_in: CurrentSignIn, language: Language) -> Page:
    """The page for this request."""
    return Page(request, runtime, sign_in, language)


CurrentPage = Annotated[Page, Depends(current_page)]
