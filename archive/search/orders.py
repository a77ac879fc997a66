"""Stories in order: any page of any set of stories without sorting the whole archive."""

from __future__ import annotations

import bisect
import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.dtypes import StringDType
from pyroaring import BitMap

from archive.search.sets import Members
from archive.tagging.names import normalise

#: Below this share of the archive a set is sorted; the members of a larger one are met on a walk.
_FEW_SHARE = 1 / 16
#: Stories that such a walk passes at first.
_STEP = 500
#: Up to here they are asked for one by one.
_NEAR = 8_000

#: Signs around a title that do not count.
_AROUND = " \"'“”„«»‘’()[]{}…-–—"

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


def time_key(moment: datetime.datetime) -> int:
    """*moment* in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(key: int) -> datetime.datetime:
    """The moment of a time key."""
    return _EPOCH + key * _MICROSECOND


def title_key(title: str) -> str:
    """What decides the place of *title* among titles: letters and digits, no case or accents."""
    key = title.casefold() if title.isascii() else normalise(title)
    return key.strip(_AROUND) or key


def title_keys(titles: Sequence[str]) -> list[str]:
    """The same of many *titles*; without accents and breaks, all are folded at once."""
    text = "\n".join(titles)
    if text.isascii() and text.count("\n") == len(titles) - 1:
        return [key.strip(_AROUND) or key for key in text.casefold().split("\n")]
    return [title_key(title) for title in titles]


class Order:
    """All visible stories in one order, ties by id.

    Arrays are replaced, never changed in place. A story that changes waits in ``_pending`` until
    the order is next asked for: writes stay cheap, and an order that nobody uses costs nothing.
    """

    def __init__(self, ids: np.ndarray, keys: np.ndarray, descending: bool = False) -> None:
        """Order *ids*, which ascend, by *keys* (numbers, or strings of any length)."""
        self._descending = descending
        if descending:
            keys = -keys
        by_key = np.argsort(keys, kind="stable")
        self._ids = ids[by_key]
        self._keys = keys[by_key]
        self._ranks: np.ndarray | None = None
        self._pending: dict[int, Any] = {}
        self.prepare()

    def put(self, story: int, key: Any) -> None:
        """Give *story* the place of *key*, whether it is known or new."""
        self._pending[story] = -key if self._descending else key

    def remove(self, story: int) -> None:
        """Forget *story*."""
        self._pending[story] = None

    def prepare(self) -> None:
        """Do now what the next request would have to do."""
        if self._pending:
            self._apply(self._pending)
            self._pending = {}
            self._ranks = None
        if self._ranks is None:
            self._ranks = _Ranks(self._ids)

    def _apply(self, changes: Mapping[int, Any]) -> None:
        """Take *changes* in: keys by story, none for one that is to be forgotten.

        Both arrays are put together from stretches of the old ones: whatever else were made of a
        million stories on the way, the allocator would keep for each worker.
        """
        gone = np.fromiter(changes, dtype=np.uint32, count=len(changes))
        steps: list[tuple[int, tuple[Any, int] | None]] = [
            (place, None) for place in np.flatnonzero(np.isin(self._ids, gone)).tolist()
        ]
        fresh = sorted((key, story) for story, key in changes.items() if key is not None)
        steps += [(_place(self._ids, self._keys, key, story), (key, story)) for key, story in fresh]
        # What comes in stands before what leaves the same place; both keep their order.
        steps.sort(key=lambda step: (step[0], step[1] is None))
        ids, keys, at = [], [], 0
        for place, new in steps:
            ids.append(self._ids[at:place])
            keys.append(self._keys[at:place])
            at = place
            if new is None:
                at += 1
            else:
                keys.append(np.array([new[0]], dtype=self._keys.dtype))
                ids.append(np.array([new[1]], dtype=np.uint32))
        self._ids = np.concatenate([*ids, self._ids[at:]])
        self._keys = np.concatenate([*keys, self._keys[at:]])

    def page(self, chosen: BitMap, start: int, stop: int) -> list[int]:
        """Ids from *start* up to *stop* of the stories *chosen*, which all are visible."""
        self.prepare()
        if len(chosen) == len(self._ids):
            return self._ids[start:stop].tolist()
        stop = min(stop, len(chosen))
        if len(chosen) < len(self._ids) * _FEW_SHARE:
            ranks = self._ranks.of(np.frombuffer(chosen.to_array(), dtype=np.uint32))
            ranks.sort()
            return self._ids[ranks[start:stop]].tolist()
        return self._walk(chosen, start, stop)

    def _walk(self, chosen: BitMap, start: int, stop: int) -> list[int]:
        """The same from one end of the order, in growing steps; there are *stop* at least."""
        found: list[np.ndarray] = []
        members: Members | None = None  # dear to make, and not needed for the first pages
        seen, at, step = 0, 0, _STEP
        while seen < stop and at < len(self._ids):
            ids = self._ids[at : at + step]
            if at < _NEAR:
                there = np.fromiter(map(chosen.__contains__, ids.tolist()), bool, count=len(ids))
            else:
                members = members or Members(chosen)
                there = members.hold(ids)
            ids = ids[there]
            if seen + len(ids) > start:
                found.append(ids[max(0, start - seen) : stop - seen])
            seen, at, step = seen + len(ids), at + step, step * 2
        return np.concatenate(found).tolist() if found else []

    def starting(self, beginning: str, limit: int) -> list[int]:
        """Up to *limit* ids of stories whose key, a string, starts with *beginning*."""
        self.prepare()
        if not beginning:
            return []
        first = bisect.bisect_left(self._keys, beginning)
        keys = self._keys[first : first + limit].tolist()
        ids = self._ids[first : first + limit].tolist()
        return [pk for pk, key in zip(ids, keys, strict=True) if key.startswith(beginning)]

    def texts(self, chunk: int = 50_000) -> Iterator[str]:
        """All keys, which are strings, joined in pieces."""
        self.prepare()
        for first in range(0, len(self._keys), chunk):
            yield " ".join(self._keys[first : first + chunk].tolist())

    def around(self, chosen: BitMap, story: int) -> tuple[int | None, int | None, int]:
        """Who comes before and after *story* among *chosen*, which holds it, and its place from 0.

        All of *chosen* are visible.
        """
        self.prepare()
        ranks = self._ranks.of(np.frombuffer(chosen.to_array(), dtype=np.uint32))
        mine = self._ranks.of(np.array([story], dtype=np.uint32))[0]
        before, after = ranks[ranks < mine], ranks[ranks > mine]
        return (
            int(self._ids[before.max()]) if len(before) else None,
            int(self._ids[after.min()]) if len(after) else None,
            len(before),
        )


def _place(ids: np.ndarray, keys: np.ndarray, key: Any, story: int) -> int:
    """Where (*key*, *story*) belongs in the order of *keys*, then *ids*."""
    # Not by np.searchsorted: it fails on strings that another array holds.
    first = bisect.bisect_left(keys, key)
    last = bisect.bisect_right(keys, key, lo=first)
    return bisect.bisect_left(ids, story, first, last)


class _Ranks:
    """The place of each id in an order: a table if ids are dense, else a search."""

    def __init__(self, ids: np.ndarray) -> None:
        places = np.arange(len(ids), dtype=np.uint32)
        highest = int(ids.max()) if len(ids) else 0
        self._table: np.ndarray | None = None
        if highest < 4 * len(ids) + 100_000:
            self._table = np.zeros(highest + 1, dtype=np.uint32)
            self._table[ids] = places
        else:
            by_id = np.argsort(ids)
            self._sorted, self._places = ids[by_id], places[by_id]

    def of(self, ids: np.ndarray) -> np.ndarray:
        """The places of *ids*, all of which are in the order."""
        if self._table is not None:
            return self._table[ids]
        return self._places[np.searchsorted(self._sorted, ids)]


def strings(values: list[str]) -> np.ndarray:
    """*values* as an array of strings of any length."""
    return np.array(values, dtype=StringDType())
