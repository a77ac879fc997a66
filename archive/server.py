"""How gunicorn runs Dastan: ``gunicorn --config python:archive.server archive.wsgi``."""

from __future__ import annotations

import gc
import os
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
# Loaded once, then forked: the workers share the memory of code, gazetteer and search index.
preload_app = True
worker_class = "gthread"
workers = int(os.environ.get("DASTAN_WORKERS", "2"))
threads = int(os.environ.get("DASTAN_THREADS", "4"))
# A request that takes longer (seconds) ends its worker; no page of ours comes near.
timeout = 60
graceful_timeout = 10
loglevel = "warning"
# A long first line is somebody's mistake, or attack.
limit_request_line = 8190


def when_ready(server: Any) -> None:
    """Say where the archive can be read."""
    host, port = bind.rsplit(":", 1)
    print(f"\nDastan is open at http://{host}:{port}/ (Ctrl-C stops it)\n", flush=True)  # noqa: T201


def pre_fork(server: Any, worker: Any) -> None:
    """Keep the garbage collector away from what workers share: looking at it would copy it."""
    gc.freeze()
