"""How gunicorn runs Dastan: ``gunicorn --config python:archive.server archive.wsgi``."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
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

if sys.platform == "linux":
    # One arena of memory for all threads (M_ARENA_MAX, see mallopt(3)): they take turns anyway, and
    # each would keep tens of megabytes of its own. Only glibc has the call.
    _mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if _mallopt is not None:
        _mallopt(-8, 1)

# A long first line is somebody's mistake, or attack.
limit_request_line = 8190


def when_ready(server: Any) -> None:
    """Say where the archive can be read."""
    host, port = bind.rsplit(":", 1)
    print(f"\nDastan is open at http://{host}:{port}/ (Ctrl-C stops it)\n", flush=True)  # noqa: T201


def pre_fork(server: Any, worker: Any) -> None:
    """Keep the garbage collector away from what workers share: looking at it would copy it."""
    gc.freeze()
