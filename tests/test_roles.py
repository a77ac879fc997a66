"""Role × page × action: what each account may open, and what it may do.

Every address of the desk stands in ``PAGES`` or belongs to a model of ``MODELS``; a new one that
does not fails the first test. Add it here with the roles that may open it.

Roles: r reader, k contributor, c curator, a administrator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLResolver, get_resolver

from archive.models import AuditEntry, Collection, Import, ShareLink, Source, StopName, Story, Tag
from archive.models.roles import ROLES

NAMES = {"r": "reader", "k": "contributor", "c": "curator", "a": "administrator"}
EVERYONE = "rkca"

#: Model → roles that may open its list, its form for a new row, one row, its deletion, its history.
MODELS: dict[str, tuple[str, str, str, str, str]] = {
    "archive.story": ("rkca", "kca", "rca", "ca", "rca"),
    "archive.collection": ("rkca", "ca", "rca", "ca", "rca"),
    "archive.tag": ("rca", "ca", "rca", "ca", "rca"),
    "archive.person": ("rca", "ca", "rca", "ca", "rca"),
    "archive.place": ("rca", "ca", "rca", "ca", "rca"),
    "archive.theme": ("rca", "ca", "rca", "ca", "rca"),
    "archive.stopname": ("ca", "ca", "ca", "ca", "ca"),
    "archive.source": ("ca", "", "ca", "", "ca"),
    "archive.import": ("ca", "", "", "", "ca"),  # a row leads to its report, see PAGES
    "archive.auditentry": ("a", "", "a", "", "a"),
    "auth.user": ("a", "a", "a", "a", "a"),
    "auth.group": ("a", "", "a", "", "a"),
    "axes.accessattempt": ("a", "", "a", "a", "a"),
}
#: Further addresses, as patterns, with an example and the roles that may open it.
PAGES: dict[str, tuple[str, str]] = {
    "admin/": ("admin/", EVERYONE),
    "admin/password_change/": ("admin/password_change/", EVERYONE),
    "admin/password_change/done/": ("admin/password_change/done/", EVERYONE),
    "admin/jsi18n/": ("admin/jsi18n/", EVERYONE),
    "admin/autocomplete/": (
        "admin/autocomplete/?app_label=archive&model_name=story&field_name=collection",
        EVERYONE,
    ),
    "admin/^(?P<app_label>auth|axes|archive)/$": ("admin/archive/", EVERYONE),
    "admin/originals/<int:source_id>/": ("admin/originals/{source}/", "ca"),
    "admin/auth/user/<id>/password/": ("admin/auth/user/{user}/password/", "a"),
    "admin/review/": ("admin/review/", "ca"),
    "admin/review/tags/": ("admin/review/tags/", "ca"),
    "admin/review/stories/": ("admin/review/stories/", "ca"),
    "admin/review/decisions/": ("admin/review/decisions/", "ca"),
    "admin/coverage/": ("admin/coverage/", "ca"),
    "admin/tags/merge/": ("admin/tags/merge/?tag={tag}&tag={theme}", "ca"),
    "admin/tags/alike/": ("admin/tags/alike/", "ca"),
    "admin/cues/": ("admin/cues/", "ca"),
    "admin/cues/<slug:notation>/": ("admin/cues/dance/", "ca"),
    "admin/tags/<int:pk>/split/": ("admin/tags/{tag}/split/", "ca"),
    "admin/import/": ("admin/import/", "ca"),
    "admin/import/reports/<int:pk>/": ("admin/import/reports/{import}/", "ca"),
    "admin/import/conflicts/<int:pk>/": ("admin/import/conflicts/{conflict}/", "ca"),
    "admin/archive/story/tags/": ("admin/archive/story/tags/?q=a", "kca"),
}
#: Addresses of what one curator alone sees, whatever the role (tests/test_uploads.py).
OWN = {"admin/import/<str:key>/"}
#: Addresses that only act, likewise; the others are refused whatever they send.
ACTS: dict[str, tuple[str, str]] = {
    "admin/review/decide/": ("admin/review/decide/", "ca"),
    "admin/review/undo/": ("admin/review/undo/", "ca"),
    "admin/tags/not-same/": ("admin/tags/not-same/", "ca"),
    "admin/columns/<slug:model>/": ("admin/columns/story/", "rkca"),
    "admin/presence/<slug:model>/<int:pk>/": ("admin/presence/story/{story}/", "ca"),
    "admin/archive/story/<int:pk>/share/": ("admin/archive/story/{story}/share/", "ca"),
    "admin/archive/story/<int:pk>/share/<int:link>/revoke/": (
        "admin/archive/story/{story}/share/{link}/revoke/",
        "ca",
    ),
    "admin/archive/story/preview/": ("admin/archive/story/preview/", "kca"),
}
#: Addresses that show nothing of the archive's.
OPEN = {
    "admin/login/",
    "admin/logout/",
    "admin/r/<path:content_type_id>/<path:object_id>/",
    "admin/(?P<url>.*)$",
}
#: The addresses that Django makes for a model, with the column of ``MODELS``; those of history
#: have tests of their own in tests/test_history.py.
OF_MODEL = {
    "": 0,
    "add/": 1,
    "<path:object_id>/change/": 2,
    "<path:object_id>/delete/": 3,
    "<path:object_id>/history/": 4,
}
HISTORY = {
    "^recover/$",
    r"^recover/(\d+)/$",
    r"^recover/(\d+)/restore/$",
    r"^([^/]+)/history/(\d+)/$",
    r"^(\d+)/history/compare/$",
    r"^(\d+)/history/(\d+)/restore/$",
}
FORWARD = "<path:object_id>/"


def addresses(resolver: Any = None, before: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, path)
        elif path.startswith("admin/"):
            yield path


def of_model(path: str) -> bool:
    for model in MODELS:
        rest = path.removeprefix(f"admin/{model.replace('.', '/')}/")
        if rest != path and rest in {*OF_MODEL, *HISTORY, FORWARD}:
            return True
    return False


def test_every_address_of_the_desk_is_in_the_table() -> None:
    found = set(addresses())
    known = set(PAGES) | set(ACTS) | OPEN | OWN
    assert {path for path in found - known if not of_model(path)} == set()
    assert known <= found


@pytest.fixture
def people(db) -> dict[str, Client]:
    """A signed-in browser for each role."""
    browsers = {}
    for letter, role in NAMES.items():
        user = User.objects.create_user(f"a-{role}", password="a long password", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        browsers[letter] = Client()
        browsers[letter].force_login(user)
    return browsers


@pytest.fixture
def rows(people) -> dict[str, int]:
    """One row of everything."""
    shelf = Collection.objects.create(name="A shelf of drafts")
    content = Source.compress(b"words")
    source = Source.objects.create(
        sha256="0" * 64, name="a.txt", media_type="text/plain", size=5, compressed=content
    )
    story = Story.objects.create(title="A draft", body="Secret words", collection=shelf)
    run = Import.objects.create()
    conflict = run.files.create(name="a.txt", outcome="conflict", story=story, source=source)
    return {
        "story": story.pk,
        "link": ShareLink.make(story, None, 7)[0].pk,
        "conflict": conflict.pk,
        "tag": Tag.objects.create(kind="theme", name="Secrets").pk,
        "person": Tag.objects.create(kind="person", name="Anna").pk,
        "place": Tag.objects.create(kind="place", name="Osh").pk,
        "theme": Tag.objects.create(kind="theme", name="Silence").pk,
        "collection": shelf.pk,
        "stopname": StopName.objects.create(kind="place", name="Both").pk,
        "source": source.pk,
        "import": run.pk,
        "auditentry": AuditEntry.objects.create(action="export").pk,
        "user": User.objects.create_user("somebody").pk,
        "group": Group.objects.get(name="reader").pk,
        "accessattempt": attempt(),
    }


def attempt() -> int:
    from axes.models import AccessAttempt

    return AccessAttempt.objects.create(username="x", failures_since_start=1).pk


def opened(browsers: dict[str, Client], path: str) -> str:
    return "".join(who for who in EVERYONE if browsers[who].get(f"/{path}").status_code == 200)


def test_pages_of_models(people, rows) -> None:
    wrong = {}
    for model, columns in MODELS.items():
        own = model.partition(".")[2]
        for rest, column in OF_MODEL.items():
            if own == "collection" and "object_id" in rest:
                continue  # contributors: see below
            path = f"admin/{model.replace('.', '/')}/{rest}"
            path = path.replace("<path:object_id>", str(rows[own]))
            found = opened(people, path)
            if found != columns[column]:
                wrong[path] = f"{found}, not {columns[column]}"
    assert wrong == {}


def test_further_pages(people, rows) -> None:
    found = {pattern: opened(people, path.format(**rows)) for pattern, (path, _) in PAGES.items()}
    assert found == {pattern: roles for pattern, (_, roles) in PAGES.items()}


def test_acts(people, rows) -> None:
    for path, roles in ACTS.values():
        url = f"/{path.format(**rows)}"
        for who, browser in people.items():
            refused = browser.post(url).status_code in (403, 404)
            assert refused == (who not in roles), (path, who)
            assert browser.get(url).status_code in (403, 404, 405)
        assert Client().post(url).status_code in (302, 403), path


def test_nobody_opens_anything_without_an_account(rows) -> None:
    visitor = Client()
    for path, _ in PAGES.values():
        assert visitor.get(f"/{path.format(**rows)}").status_code in (302, 403), path
    for model in MODELS:
        assert visitor.get(f"/admin/{model.replace('.', '/')}/").status_code == 302


def test_contributors_meet_nothing_of_others_drafts(people, rows) -> None:
    contributor = people["k"]
    assert "A draft" not in contributor.get("/admin/archive/story/").text
    assert "A shelf of drafts" not in contributor.get("/admin/archive/story/").text
    assert "A shelf of drafts" in people["r"].get("/admin/archive/story/").text
    assert "A draft" not in contributor.get("/admin/archive/story/?q=secret").text
    names = "/admin/autocomplete/?app_label=archive&model_name=story&field_name=collection&term="
    assert contributor.get(names).json()["results"] == []
    assert len(people["c"].get(names).json()["results"]) == 1
    assert contributor.get("/stories/a-draft/").status_code == 404
    assert people["r"].get("/stories/a-draft/").status_code == 200


def test_roles_are_what_the_migration_made(db) -> None:
    for role, names in ROLES.items():
        kept = Group.objects.get(name=role).permissions.select_related("content_type")
        assert {f"{p.content_type.app_label}.{p.codename}" for p in kept} == set(names)


def test_an_administrator_cannot_become_an_owner(people, curator) -> None:
    administrator = people["a"]
    me = User.objects.get(username="a-administrator")
    form = {"username": "a-administrator"}
    form |= dict.fromkeys(("is_staff", "is_active", "is_superuser"), "on")
    form |= {"groups": str(Group.objects.get(name="administrator").pk)}
    assert administrator.post(f"/admin/auth/user/{me.pk}/change/", form).status_code == 302
    me.refresh_from_db()
    assert not me.is_superuser
    # Nor take an owner's account over.
    password = {"password1": "another long one", "password2": "another long one"}
    url = f"/admin/auth/user/{curator.pk}/password/"
    assert administrator.post(url, {**password, "usable_password": "true"}).status_code == 403
    assert administrator.post(f"/admin/auth/user/{curator.pk}/change/", form).status_code == 403
    curator.refresh_from_db()
    assert (curator.username, curator.check_password("a long password")) == ("curator", True)


def test_a_new_account_may_enter_the_desk(people) -> None:
    group = Group.objects.get(name="contributor")
    form = {
        "username": "aigul",
        "usable_password": "true",
        "password1": "kiln and clay",
        "password2": "kiln and clay",
        "groups": str(group.pk),
    }
    assert people["a"].post("/admin/auth/user/add/", form).status_code == 302
    aigul = Client()
    answer = aigul.post("/admin/login/", {"username": "aigul", "password": "kiln and clay"})
    assert (answer.status_code, answer.url) == (302, "/admin/")
    assert aigul.get("/admin/archive/story/add/").status_code == 200
