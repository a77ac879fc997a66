"""The entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive.settings")

application = get_wsgi_application()

# Before the server forks its workers, so that they share the memory and nobody waits for it.
from archive.search.index import index  # noqa: E402

index.warm()
connections.close_all()
