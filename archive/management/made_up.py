"""An archive of made-up stories, of any size: on the same seed, the same archive.

Tags are drawn as in real archives: few places and themes are in many stories (Zipf's law), most
people in a handful. Every name that a story has as a place stands in its text, as a mention.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import random
from collections.abc import Callable, Iterable, Iterator

from django.db import connection, transaction

from archive.search import fulltext
from archive.search.triggers import install_after_migrate

PLACES, THEMES = 2_000, 100
#: One person for this many stories: most people occur in a few stories only.
STORIES_PER_PERSON = 5
VOCABULARY = 20_000
WORDS_PER_STORY = 60
BATCH = 5_000
#: A word in this share of the stories.
COMMON = {"river": 0.4, "bridge": 0.05, "lighthouse": 0.001}
#: Languages by their share; collections share the stories by Zipf's law.
LANGUAGES = {"en": 80, "ru": 8, "kk": 6, "fr": 4, "es": 2}
COLLECTIONS = 30
START = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)

_FIRST_NAMES = (
    "Ada", "Amir", "Anna", "Aigul", "Boris", "Clara", "Daniyar", "Elena", "Emil", "Fatima",
    "Giulia", "Hassan", "Ines", "Ivan", "Jun", "Karim", "Leyla", "Lucia", "Mara", "Mateo", "Nadia",
    "Noor", "Olga", "Otto", "Pavel", "Rosa", "Samir", "Sofia", "Tomas", "Vera", "Yusuf", "Zoe",
)  # fmt: skip
_SYLLABLES = (
    "ba", "be", "bo", "da", "den", "dor", "el", "fa", "gan", "ha", "ir", "ja", "ka", "kel", "kov",
    "la", "len", "ma", "mi", "mon", "na", "nel", "or", "pa", "pet", "ra", "ri", "ros", "sa", "sen",
    "so", "ta", "tel", "tov", "ul", "va", "ven", "vic", "war", "ya", "yev", "za", "zhan", "zin",
)  # fmt: skip

_TAG_COLUMNS = (
    "id", "kind", "name", "disambiguation", "slug", "definition", "broader_id", "notation",
    "authority_uri", "reviewed", "name_key", "disambiguation_key", "created", "version",
)  # fmt: skip
_STORY_COLUMNS = (
    "id", "title", "slug", "body", "summary", "language", "creator", "date", "rights",
    "collection_id", "status", "published_at", "source_part", "text_sha256", "word_count",
    "created", "modified", "version",
)  # fmt: skip
_TAGGING_COLUMNS = ("id", "story_id", "tag_id", "state", "origin", "role", "confidence")
_MENTION_COLUMNS = (
    "tagging_id", "start", "end", "quote", "before", "after", "rule", "confidence", "lost",
)  # fmt: skip

Row = tuple[object, ...]


def zipf(rng: random.Random, size: int) -> Callable[[], int]:
    """A source of numbers from 1 to *size*, the n-th about n times rarer than the first."""
    weights = list(itertools.accumulate(1 / rank for rank in range(1, size + 1)))
    numbers = range(1, size + 1)
    pool: Iterator[int] = iter(())

    def draw() -> int:
        nonlocal pool
        for number in pool:
            return number
        pool = iter(rng.choices(numbers, cum_weights=weights, k=10_000))
        return next(pool)

    return draw


def make_archive(stories: int, seed: int) -> None:
    """Write *stories* stories with tags, mentions and text into an empty archive."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    maker = _Maker(max(10, stories // STORIES_PER_PERSON), rng)
    with _in_bulk():
        _insert(
            "archive_collection",
            ("id", "name", "slug", "description"),
            ((pk, f"Collection {pk}", f"collection-{pk}", "") for pk in range(1, COLLECTIONS + 1)),
        )
        _insert("archive_tag", _TAG_COLUMNS, maker.tags())
        for first in range(1, stories + 1, BATCH):
            rows = [maker.story(pk) for pk in range(first, min(first + BATCH, stories + 1))]
            with transaction.atomic():
                _insert("archive_story", _STORY_COLUMNS, (story for story, _, _ in rows))
                _insert(
                    "archive_tagging", _TAGGING_COLUMNS, (t for _, some, _ in rows for t in some)
                )
                _insert("archive_mention", _MENTION_COLUMNS, (m for *_, some in rows for m in some))


@contextlib.contextmanager
def _in_bulk() -> Iterator[None]:
    """Have rows written without triggers, and the full text made in one go behind them.

    For a million stories that takes minutes instead of an hour.
    """
    tables = ("archive_collection", "archive_tag", "archive_story", "archive_tagging")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
            for name, table in cursor.fetchall():
                if table in tables:
                    cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute("PRAGMA cache_size = -1000000")  # 1 GB: indexes are written at random
    yield
    if connection.vendor == "postgresql":
        connection.check_constraints()  # in a transaction, those that wait bar the next statement
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                sequence = f"pg_get_serial_sequence('{table}', 'id')"
                cursor.execute(
                    f"SELECT setval({sequence}, greatest(nextval({sequence}), max(id)))"  # noqa: S608
                    f" FROM {table}"
                )
    install_after_migrate()
    fulltext.engine(connection).rebuild(connection)
    fulltext.engine(connection).optimise(connection)


class _Maker:
    """What all made-up rows share: the names, and the sources of chance."""

    def __init__(self, people: int, rng: random.Random) -> None:
        self._rng = rng
        self._people = people
        self._word = zipf(rng, VOCABULARY)
        self._collection = zipf(rng, COLLECTIONS)
        self._places: list[str] = []
        self._tagging = 0
        self._draws: tuple[tuple[int, Callable[[], int], int], ...] = (
            (0, zipf(rng, PLACES), 3),
            (PLACES, zipf(rng, THEMES), 3),
            (PLACES + THEMES, lambda: rng.randint(1, people), 2),
        )

    def tags(self) -> Iterator[Row]:
        """Places in a tree (the rarer, the deeper), themes in a shallow one, people."""
        moment = _adapted(START)
        pk = 0
        seen: set[str] = set()
        for kind, size in (("place", PLACES), ("theme", THEMES), ("person", self._people)):
            base = pk
            for number in range(1, size + 1):
                pk += 1
                above = None
                if kind != "person" and number > 10:
                    above = base + self._rng.randint(1, max(1, number // 8))
                name = self._name(kind)
                twin = f"{number}" if f"{kind} {name}" in seen else ""
                seen.add(f"{kind} {name}")
                if kind == "place":
                    self._places.append(name)
                yield (
                    pk, kind, name, twin, f"{kind}-{number}", "", above, "", "", False,
                    name.casefold(), twin, moment, 1,
                )  # fmt: skip

    def _name(self, kind: str) -> str:
        made = "".join(self._rng.choices(_SYLLABLES, k=self._rng.randint(2, 4))).capitalize()
        return f"{self._rng.choice(_FIRST_NAMES)} {made}" if kind == "person" else made

    def story(self, pk: int) -> tuple[Row, list[Row], list[Row]]:
        """One story of made-up words, its taggings, and the mentions of its places."""
        rng = self._rng
        tags = sorted({base + draw() for base, draw, count in self._draws for _ in range(count)})
        words = [f"w{self._word()}" for _ in range(WORDS_PER_STORY)]
        words += [common for common, share in COMMON.items() if rng.random() < share]
        body = " ".join(words[:20]).capitalize() + "."
        taggings: list[Row] = []
        mentions: list[Row] = []
        for tag in tags:
            self._tagging += 1
            taggings.append((self._tagging, pk, tag, "confirmed", "file", "mentioned", 1.0))
            if tag <= PLACES:
                name = self._places[tag - 1]
                start = len(body) + len(" Then came ")
                end = start + len(name)
                mentions.append((self._tagging, start, end, name, "", "", "made-up", 1.0, False))
                body += f" Then came {name} with {words[tag % 20 + 20]}."
        body += f" {' '.join(words[20:]).capitalize()}."
        moment = _adapted(START + datetime.timedelta(seconds=rng.randrange(25 * 365 * 86_400)))
        [language] = rng.choices(list(LANGUAGES), weights=list(LANGUAGES.values()))
        title = f"Life w{self._word()} {pk}"
        story = (
            pk, title, f"life-{pk}", body, "", language, "", "", "", self._collection(),
            "published", moment, "", "", body.count(" ") + 1, moment, moment, 1,
        )  # fmt: skip
        return story, taggings, mentions


def _insert(table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Insert *rows* in one go."""
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))  # noqa: S608


def _adapted(moment: datetime.datetime) -> object:
    """*moment* as the database takes it."""
    return connection.ops.adapt_datetimefield_value(moment)
