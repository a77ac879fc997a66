"""Pages that are sent again as they were: to nobody in particular, while nothing changes."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from archive.models import Story, Tagging
from archive.reading import front
from tests.search.conftest import make_cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> None:
    make_cast()


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """The addresses of the lists that were made, not remembered."""
    addresses: list[str] = []
    search = front.search

    def noting(params, *path):
        addresses.append(params.urlencode())
        return search(params, *path)

    monkeypatch.setattr(front, "search", noting)
    return addresses


def elsewhere(change: Callable[[], object]) -> None:
    """Make a *change* on another connection."""

    def run() -> None:
        change()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def were_made(addresses: list[str], number: int) -> bool:
    """Whether so many pages were made: on PostgreSQL what the tests beside commit counts too."""
    more = connection.vendor == "postgresql" and len(addresses) > number
    return len(addresses) == number or more


def test_a_page_is_made_once(cast, made) -> None:
    first, second = Client().get("/stories/?sort=title"), Client().get("/stories/?sort=title")
    assert set(made) == {"sort=title"}
    assert were_made(made, 1)
    assert first.content == second.content
    assert first.headers["Vary"] == second.headers["Vary"]
    assert first.headers["Content-Type"] == second.headers["Content-Type"]
    assert Client().get("/stories/?sort=oldest").content != first.content


def test_whatever_changes_it_is_made_anew(cast, made) -> None:
    story = Story.objects.published().first()
    changes = [
        lambda: Story.objects.filter(pk=story.pk).update(creator="A neighbour"),
        lambda: elsewhere(lambda: Story.objects.filter(pk=story.pk).update(rights="All")),
        lambda: elsewhere(lambda: Tagging.objects.all()[:1].get().delete()),
        lambda: elsewhere(lambda: Story.objects.filter(pk=story.pk).update(status="draft")),
    ]
    for number, change in enumerate(changes, 1):
        page = Client().get("/stories/")
        assert story.title in page.content.decode()
        assert were_made(made, number)
        change()
    assert story.title not in Client().get("/stories/").content.decode()
    assert were_made(made, len(changes) + 1)


def test_who_brings_a_cookie_gets_a_page_of_their_own(cast, made) -> None:
    client = Client()
    client.force_login(User.objects.create_user("Gulnara"))  # which is a change
    Client().get("/stories/")
    for _ in range(2):
        assert "Gulnara" not in Client().get("/stories/").content.decode()
        client.get("/stories/")
    assert were_made(made, 3)
