"""The index of this process: exact after every write by any process, before each answer.

Each look at it first reads the change log (one cheap query) and takes in what was committed since.
A lock lets one thread at a time read or change it, so that nobody sees half a change.

Inside an open transaction the log may hold changes that nobody else can see and that may yet be
rolled back. They never reach the shared index: such a transaction gets a private one, which ends
with it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pyroaring import BitMap

from archive.search.changes import READERS, Reader
from archive.search.state import State

#: With more changed stories than this share of the archive, reading everything is faster.
_REBUILD_SHARE = 0.2
_REBUILD_MINIMUM = 5_000

_PRIVATE = "_dastan_private_index"


class _Copy:
    """A state and the place in the change log up to which it is true."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._reader: Reader = READERS[connection.vendor]()
        self._state: State | None = None

    def current(self, connection: BaseDatabaseWrapper) -> State:
        """The state, with all that *connection* can see."""
        try:
            return self._refresh(connection)
        except BaseException:
            # Half a change may have been taken in, and the log was marked as read.
            self._state = None
            raise

    def _refresh(self, connection: BaseDatabaseWrapper) -> State:
        if self._state is None:
            self._reader = READERS[connection.vendor]()
        news = self._reader.news(connection)
        state = self._state
        if state is not None and len(news.stories) > max(
            _REBUILD_MINIMUM, _REBUILD_SHARE * len(state.visible)
        ):
            state = None
        if state is None or news.everything:
            self._state = None  # not two of them in memory at once
            self._state = State.load(connection.alias)
            return self._state
        if news.tags:
            state.replay_tags(news.tags, connection.alias)
        stories = news.stories | state.due_now()
        if stories:
            state.replay_stories(stories, connection.alias)
        return state

    def knows_all(self, connection: BaseDatabaseWrapper) -> bool:
        """Whether *connection* sees nothing that this copy does not hold; reads nothing in."""
        return self._state is not None and not self._reader.pending(connection)


class SearchIndex:
    """The index as the rest of the program sees it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._shared: _Copy | None = None

    @contextlib.contextmanager
    def reading(self) -> Iterator[State]:
        """The state as of now, held still while the block runs. Keep the block short."""
        connection = connections[DEFAULT_DB_ALIAS]
        with self._lock:
            yield self._copy(connection).current(connection)

    def _copy(self, connection: BaseDatabaseWrapper) -> _Copy:
        """The copy that *connection* may read: the shared one, or one for its transaction."""
        if not connection.in_atomic_block:
            setattr(connection, _PRIVATE, None)
            if self._shared is None:
                self._shared = _Copy(connection)
            return self._shared
        # Django makes a new list of commit hooks whenever a transaction or savepoint is ended by
        # commit or rollback; so long as it is the same list, what was seen before still holds.
        hooks, private = getattr(connection, _PRIVATE, None) or (None, None)
        if private is not None and hooks is connection.run_on_commit:
            return private
        if self._shared is not None and self._shared.knows_all(connection):
            return self._shared
        private = _Copy(connection)
        setattr(connection, _PRIVATE, (connection.run_on_commit, private))
        return private

    def warm(self) -> None:
        """Build the index now, before the first request (with preload: before workers fork)."""
        with self.reading() as state:
            state.prepare()

    def reset(self) -> None:
        """Forget everything; the next look builds the index again."""
        with self._lock:
            self._shared = None
            setattr(connections[DEFAULT_DB_ALIAS], _PRIVATE, None)

    def tag_counts(self) -> Mapping[int, int]:
        """Count, for each tag in use, the visible stories with it or with what lies below it."""
        with self.reading() as state:
            sizes = state.below.sizes()
            return {tag: size for tag, size in sizes.items() if size and tag in state.tags}

    def stories_of(self, tag_id: int) -> BitMap:
        """Ids of the visible stories with this tag or with what is below it; a copy."""
        with self.reading() as state:
            return BitMap(state.below.get(tag_id, ()))


index = SearchIndex()
