"""The entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive.settings")

application = get_wsgi_application()


def keep_less(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Let each thread that answers keep 2 MB of the database: it writes little, unlike commands."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -2048")


connection_created.connect(keep_less)

# Before the server forks its workers, so that they share the memory and nobody waits for it.
from archive.search.index import index  # noqa: E402

index.warm()
connections.close_all()
