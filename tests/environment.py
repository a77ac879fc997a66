"""Loaded before the settings: tests get a folder, a key and a database of their own."""

import os
import secrets
import tempfile
from pathlib import Path

from hypothesis import settings

os.environ["DASTAN_DATA_DIR"] = tempfile.mkdtemp(prefix="dastan-tests-")
(Path(os.environ["DASTAN_DATA_DIR"]) / "static").mkdir()
os.environ["DASTAN_SECRET_KEY"] = secrets.token_urlsafe(50)

# No test is judged by the clock, and what failed for CI fails for everybody who tries it again.
settings.register_profile("dastan", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("dastan")
