"""A session that ran out does not lose what was typed.

When a form arrives from somebody who is no longer signed in, the page for signing in carries the
typed fields along, signed, and hands them back to the form afterwards. Nothing is stored, nothing
is saved before the person looks at it again, and no script is needed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve, reverse
from django.views.csrf import csrf_failure

#: What a form adds when it comes back; ``VersionedForm`` then shows itself without saving.
RESUMED = "_resumed"
_SALT = "archive.curation.resuming"
#: How long typed text may wait on the page for signing in, in seconds: a night and a day.
_MAX_AGE = 36 * 3600
#: Forms that know how to come back (names of addresses end so).
_FORMS = ("_change", "_add")


class SignInForm(AdminAuthenticationForm):
    """Django's, which tells the browser how long a name may be, but does not hold to it itself."""

    def clean_username(self) -> str:
        """Refuse a name that no account can have, before anything is written about it.

        Raises:
            ValidationError: it is too long.
        """
        name = str(self.cleaned_data["username"])
        if len(name) > User._meta.get_field("username").max_length:
            raise self.get_invalid_login_error()
        return name


class ResumingSite:
    """An admin site whose forms survive the end of a session."""

    login_form = SignInForm

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """As Django's, but typed fields go along to the page for signing in."""
        inner = super().admin_view(view, cacheable)  # type: ignore[misc]

        @functools.wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if (
                request.method == "POST"
                and not self.has_permission(request)  # type: ignore[attr-defined]
                and _is_form(request.path_info)
            ):
                return self._ask_to_sign_in(request)
            return inner(request, *args, **kwargs)  # type: ignore[no-any-return]

        return guarded

    def _ask_to_sign_in(self, request: HttpRequest) -> HttpResponse:
        carried = signing.dumps([request.path, _typed(request)], salt=_SALT, compress=True)
        address = request.path
        request.method = "GET"
        context = {"carried": carried, "app_path": reverse("admin:login"), "next": address}
        return super().login(request, context)  # type: ignore[misc, no-any-return]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign in, then hand back what was carried along."""
        carried = request.POST.get("carried", "") if request.method == "POST" else ""
        context = {**(extra_context or {})}
        if carried:
            context["carried"] = carried
        response: HttpResponse = super().login(request, context)  # type: ignore[misc]
        if not carried or response.status_code != 302 or not self.has_permission(request):  # type: ignore[attr-defined]
            return response
        try:
            path, typed = signing.loads(carried, salt=_SALT, max_age=_MAX_AGE)
        except signing.BadSignature:
            return response
        return self._hand_back(request, path, typed)

    def _hand_back(self, request: HttpRequest, path: str, typed: list[Any]) -> HttpResponse:
        """A page that puts *typed* back into its form at *path*."""
        context = {
            **self.each_context(request),  # type: ignore[attr-defined]
            "path": path,
            "typed": [*typed, (RESUMED, "1")],
        }
        return TemplateResponse(request, "admin/resume.html", context)

    def stale_form(self, request: HttpRequest, reason: str = "") -> HttpResponse:
        """Keep what was typed in a form that is older than the session it came back to.

        Whoever signs in again in another window leaves their open forms without a valid token.
        Nothing is saved by this either, and only what our own pages sent is handed back.
        """
        if request.method == "POST" and _is_form(request.path_info) and _is_ours(request):
            if not self.has_permission(request):  # type: ignore[attr-defined]
                return self._ask_to_sign_in(request)
            return self._hand_back(request, request.path, _typed(request))
        return csrf_failure(request, reason)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What answers a form whose token is not valid (``CSRF_FAILURE_VIEW``)."""
    from django.contrib import admin

    return admin.site.stale_form(request, reason)  # type: ignore[attr-defined, no-any-return]


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields that were sent, without the buttons."""
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not name.startswith("_")
    ]


def _is_ours(request: HttpRequest) -> bool:
    """Whether a page of this archive sent the form, as the browser says."""
    sender = request.headers.get("Origin") or request.headers.get("Referer", "")
    return sender.partition("://")[2].partition("/")[0] == request.get_host()


def _is_form(path: str) -> bool:
    """Whether *path* is the form of a story or a tag."""
    from django.contrib import admin

    from archive.curation.forms import VersionedForm

    try:
        match = resolve(path)
    except Resolver404:
        return False
    app, _sep, rest = (match.url_name or "").partition("_")
    model, _sep, verb = rest.rpartition("_")
    if f"_{verb}" not in _FORMS:
        return False
    pages = (page for page in admin.site._registry.values() if page.opts.model_name == model)
    return any(
        page.opts.app_label == app and issubclass(page.form, VersionedForm) for page in pages
    )
