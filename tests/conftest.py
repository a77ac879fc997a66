"""The named cast and the settings that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connections
from django.db.models import Model
from django.test import Client

from archive.models import Change, Story
from archive.pipeline import ImportReport, import_paths
from archive.search.index import index


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """Nobody needs the tests' rows after a loss of power: do not wait for the disk."""
    options = connections["default"].settings_dict.get("OPTIONS", {})
    if "init_command" in options:
        options["init_command"] += "PRAGMA synchronous = OFF;"


@pytest.fixture(autouse=True)
def simple_settings(settings) -> None:
    """Static files without hashes (nothing is collected for tests), quick password hashes."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_index() -> Iterator[None]:
    """Tests roll their rows back behind the index's back."""
    index.reset()
    yield
    index.reset()


#: The report of this process's one true import of the first collection, and the rows it made.
_first_import: list[tuple[ImportReport, list[tuple[type[Model], list[dict[str, Any]]]]]] = []


@pytest.fixture
def report(db) -> ImportReport:
    """The first collection, imported; the report says how.

    Later tests get the rows of the first one again: reading and tagging would take most of the time
    of them all. The ids are free, as no sequence goes back.
    """
    if not _first_import:
        seeds = django_settings.BASE_DIR / "seeds"
        made = import_paths([seeds], collection="The first four lives")
        ours = apps.get_app_config("archive").get_models()
        # Triggers write the changes; proxies are other names of the same rows.
        models = [model for model in ours if model is not Change and not model._meta.proxy]
        rows = [(model, list(model._base_manager.order_by("pk").values())) for model in models]
        _first_import.append((made, rows))
    else:
        for model, values in _first_import[0][1]:
            model._base_manager.bulk_create(model(**row) for row in values)
    return _first_import[0][0]


@pytest.fixture
def lives(report) -> dict[str, Story]:
    """The four stories of the first collection by first name: giulia, lily, thierry, romy."""
    return {story.title.split()[0].lower(): story for story in Story.objects.all()}


@pytest.fixture
def curator(db) -> User:
    """Somebody who may do everything."""
    return User.objects.create_superuser("curator", password="a long password")


@pytest.fixture
def desk(curator) -> Client:
    """The curator's browser, signed in."""
    client = Client()
    client.force_login(curator)
    return client
