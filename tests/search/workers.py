"""The settings of servers that tests start: static files as they lie in the repository."""

from archive.settings import *  # noqa: F403
from archive.settings import STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
