"""Full text in PostgreSQL: a side table of tsvectors, kept by a trigger.

No extension is needed. Text is folded before the parser sees it (case, accents, everything that is
neither letter nor digit), so that words are cut as SQLite cuts them; the stemmer is the same
algorithm (Porter 1980), without a list of stop words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from archive.search import definitions
from archive.search.fulltext import parts
from archive.search.fulltext.query import ACCENTS, SIGNS, Query, Term, alternatives

#: Collations that know all letters whatever the database's own locale is, the best first.
_COLLATIONS = ("pg_c_utf8", "und-x-icu", "default")

#: Vowels and tones that stand with a sign of a script without spaces.
_MARKS = "".join(
    char
    for first, last in re.findall("(.)-(.)", SIGNS)
    for char in map(chr, range(ord(first), ord(last) + 1))
    if unicodedata.category(char).startswith("M")
)
_SEVERAL = re.compile(rf"[{SIGNS}]|[^\W_{SIGNS}]+")
#: Text is folded, and signs of scripts without spaces are set apart with their marks: each is a
#: word, and what is typed in them a phrase.
_FOLD = rf"""
CREATE OR REPLACE FUNCTION dastan_fold(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT btrim(regexp_replace(regexp_replace(translate(lower(normalize(
        regexp_replace(normalize(words, NFKD), '[{ACCENTS}]', '', 'g'), NFC) COLLATE "{{0}}"),
        'ς', 'σ'),
        '([{SIGNS}][{_MARKS}]*)', ' \1 ', 'g'),
        '[^[:alnum:]{_MARKS}]+', ' ', 'g'))
$$"""

#: Kinds of words of the parser; text that is folded holds no others.
_TOKENS = ("asciiword", "word", "numword", "int", "uint", "float", "sfloat")
_CONFIGURATION = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_ts_dict WHERE dictname = 'dastan_stem') THEN
        CREATE TEXT SEARCH DICTIONARY dastan_stem (TEMPLATE = snowball, Language = porter);
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_ts_config WHERE cfgname = 'dastan') THEN
        CREATE TEXT SEARCH CONFIGURATION dastan (PARSER = default);
    END IF;
    ALTER TEXT SEARCH DICTIONARY dastan_stem (Language = porter, StopWords);
    ALTER TEXT SEARCH CONFIGURATION dastan DROP MAPPING IF EXISTS FOR {", ".join(_TOKENS)};
    ALTER TEXT SEARCH CONFIGURATION dastan
        ADD MAPPING FOR {", ".join(_TOKENS)} WITH dastan_stem;
END $$"""  # noqa: S608 - constants only
_CONFIGURED = """
SELECT count(DISTINCT alias) = %s AND bool_and(dictname = 'dastan_stem')
    AND bool_and(dictinitoption = $$language = 'porter'$$)
FROM pg_ts_config c JOIN pg_ts_config_map ON mapcfg = c.oid JOIN pg_ts_dict d ON d.oid = mapdict
JOIN ts_token_type('default') ON tokid = maptokentype
WHERE cfgname = 'dastan' AND alias = ANY(%s)"""

#: Weights A, B and D of title, summary and body. The sign between them keeps a phrase from running
#: over from one to the next. A body beyond the limit of a tsvector (1 MB) is indexed by its
#: beginning.
_VECTOR = """
CREATE OR REPLACE FUNCTION dastan_vector(title text, summary text, body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    gap CONSTANT tsvector := '|:1';
    head CONSTANT tsvector := setweight(to_tsvector('dastan', dastan_fold(title)), 'A') || gap
        || setweight(to_tsvector('dastan', dastan_fold(summary)), 'B') || gap;
BEGIN
    RETURN ts_delete(head || setweight(to_tsvector('dastan', dastan_fold(body)), 'D'), '|');
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN ts_delete(
        head || setweight(to_tsvector('dastan', dastan_fold(left(body, 400000))), 'D'), '|');
END $$"""

#: No foreign key: Django could not empty the stories' table in one statement.
_TABLE = """
CREATE TABLE IF NOT EXISTS archive_fulltext (story bigint PRIMARY KEY, words tsvector NOT NULL)"""
_TABLES = {
    "archive_fulltext": {("story", "bigint"), ("words", "tsvector")},
    "archive_fulltext_part": {("story", "bigint"), ("part", "integer"), ("words", "tsvector")},
}
#: The words of titles alone. Asked for by their weight, each story found would be read as a whole.
_TITLE = "ts_filter(words, '{a}'::\"char\"[])"
#: Index → its table, and what is indexed, as PostgreSQL writes it.
_INDEXES = {
    "archive_fulltext_words": ("archive_fulltext", "words"),
    "archive_fulltext_titles": ("archive_fulltext", _TITLE),
    "archive_fulltext_part_words": ("archive_fulltext_part", "words"),
}

#: A text counts by its length, so that it adds less than half of what words in the summary add, who
#: add half of what words in the title add.
SCORE = (
    "ts_rank('{0.1, 0.1, 0.1, 0.1}', words, q, 1) + ts_rank('{0, 0, 1, 0}', words, q)"
    " + 2 * ts_rank('{0, 0, 0, 1}', words, q)"
)
#: Milliseconds that suggestions may look inside titles.
MOMENT_MS = 50

_KEEP = """
CREATE OR REPLACE FUNCTION dastan_keep_fulltext() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    vector tsvector;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM archive_fulltext;
        DELETE FROM archive_fulltext_part;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM archive_fulltext_part WHERE story = OLD.id;
    END IF;
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.id <> NEW.id) THEN
        DELETE FROM archive_fulltext WHERE story = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        vector := dastan_vector(NEW.title, NEW.summary, NEW.body);
        INSERT INTO archive_fulltext(story, words) VALUES (NEW.id, vector)
            ON CONFLICT (story) DO UPDATE SET words = EXCLUDED.words;
        INSERT INTO archive_fulltext_part(story, part, words)
            SELECT NEW.id, p.part, p.words FROM dastan_parts(vector, NEW.body) p;
    END IF;
    RETURN NULL;
END $$"""

_EVENTS = {
    "archive_fulltext_write": "AFTER INSERT OR DELETE ON archive_story FOR EACH ROW",
    "archive_fulltext_truncate": "AFTER TRUNCATE ON archive_story",
    "archive_fulltext_update": (
        "AFTER UPDATE OF id, title, summary, body ON archive_story FOR EACH ROW"
        " WHEN ((OLD.id, OLD.title, OLD.summary, OLD.body) IS DISTINCT FROM"
        " (NEW.id, NEW.title, NEW.summary, NEW.body))"
    ),
}
TRIGGERS = {
    name: f"{event} EXECUTE FUNCTION dastan_keep_fulltext()" for name, event in _EVENTS.items()
}


def functions(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    """The statements that make the functions, with the best collation that there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collname FROM pg_collation WHERE collname = ANY(%s)", [list(_COLLATIONS)]
        )
        known = {name for (name,) in cursor.fetchall()}
    collation = next(name for name in _COLLATIONS if name in known)
    return _FOLD.format(collation), _VECTOR, *parts.FUNCTIONS, _KEEP


def install(connection: BaseDatabaseWrapper) -> None:
    """Make functions, tables and triggers; index the stories that are not indexed so yet."""
    made = functions(connection)
    with connection.cursor() as cursor:
        if _altered(connection):
            for table in _TABLES:
                cursor.execute(f"DROP TABLE IF EXISTS {table}")
        stale = definitions.differing(connection, made, {})
        otherwise = bool(stale) or not _configured(connection)
        definitions.drop_functions(cursor, stale)
        for statement in (_CONFIGURATION, *made, _TABLE, parts.TABLE):
            cursor.execute(statement)
        for index in _not_indexed(connection):
            cursor.execute(f"DROP INDEX IF EXISTS {index}")
            table, words = _INDEXES[index]
            cursor.execute(f"CREATE INDEX {index} ON {table} USING gin ({words})")
        definitions.make_triggers(cursor, TRIGGERS)
        if otherwise:  # words were made otherwise
            _empty(cursor)
        _fill(cursor)


def rebuild(connection: BaseDatabaseWrapper) -> None:
    """Index every story again."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _empty(cursor)
        _fill(cursor)


def _empty(cursor: CursorWrapper) -> None:
    for table in _TABLES:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours


def _fill(cursor: CursorWrapper) -> None:
    """Index the stories that are not in the table."""
    cursor.execute(
        "DELETE FROM archive_fulltext_part p"
        " WHERE NOT EXISTS (SELECT 1 FROM archive_fulltext f WHERE f.story = p.story)"
    )
    cursor.execute(
        "WITH fresh AS (INSERT INTO archive_fulltext(story, words)"
        " SELECT id, dastan_vector(title, summary, body) FROM archive_story s"
        " WHERE NOT EXISTS (SELECT 1 FROM archive_fulltext f WHERE f.story = s.id)"
        " RETURNING story, words)"
        " INSERT INTO archive_fulltext_part(story, part, words)"
        " SELECT fresh.story, p.part, p.words"
        " FROM fresh JOIN archive_story s ON s.id = fresh.story, dastan_parts(fresh.words, body) p"
    )


def _altered(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the tables that are missing or have other columns."""
    altered = []
    with connection.cursor() as cursor:
        for table, columns in _TABLES.items():
            cursor.execute(
                "SELECT attname, atttypid::regtype::text FROM pg_attribute"
                " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
                [table],
            )
            if set(cursor.fetchall()) != columns:
                altered.append(table)
    return altered


def _configured(connection: BaseDatabaseWrapper) -> bool:
    """Whether words are stemmed as they should be."""
    with connection.cursor() as cursor:
        cursor.execute(_CONFIGURED, [len(_TOKENS), list(_TOKENS)])
        return bool(cursor.fetchone()[0])


def _not_indexed(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the indexes of words that are missing or were made otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, indrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " JOIN pg_class c ON c.oid = indexrelid WHERE indisvalid AND relname = ANY(%s)",
            [list(_INDEXES)],
        )
        there = {
            name: (table, definition.partition(" USING gin (")[2][:-1])
            for name, table, definition in cursor.fetchall()
        }
    return [name for name, made in _INDEXES.items() if there.get(name) != made]


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """What differs between the full text and the stories, a sentence each."""
    if altered := _altered(connection):
        return [f"The table {name} is missing or was altered." for name in altered]
    if not _configured(connection):
        return ["The text search configuration dastan is missing or was altered."]
    if lost := _not_indexed(connection):
        return [f"The index {name} is missing or was altered." for name in lost]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM archive_story s FULL JOIN archive_fulltext f ON f.story = s.id"
            " WHERE f.words IS DISTINCT FROM dastan_vector(s.title, s.summary, s.body)"
        )
        differing = cursor.fetchone()[0]
        cursor.execute(parts.PROBLEMS)
        differing += sum(count for (count,) in cursor.fetchall())
    return [f"The full text of {differing:,} stories differs."] if differing else []


def optimise(connection: BaseDatabaseWrapper) -> None:
    """Merge what many writes left in pieces, and bring the planner's numbers up to date."""
    with connection.cursor() as cursor:
        for index in _INDEXES:
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
        cursor.execute("ANALYZE")


def _tsquery(term: Term) -> tuple[str, str]:
    """*term* as SQL and the parameter for it: folding leaves nothing that could be syntax."""
    words = "replace(dastan_fold(%s), ' ', ' <-> ')"
    if term.prefix:
        words = f"nullif({words}, '') || ':*'"
    return f"to_tsquery('dastan', {words})", term.text


def _condition(query: Query) -> tuple[str, list[str]]:
    """*query*, which must want something, as an SQL expression of type tsquery, and parameters."""
    parameters: list[str] = []

    def any_of(terms: tuple[Term, ...]) -> str:
        parts = []
        for way in (way for term in terms for way in alternatives(term)):
            sql, parameter = _tsquery(way)
            parts.append(sql)
            parameters.append(parameter)
        return "(" + " || ".join(parts) + ")"

    sql = " && ".join(map(any_of, query.groups))
    if query.excluded:
        sql = f"{sql} && !! {any_of(query.excluded)}"
    return f"({sql})", parameters


def ids(connection: BaseDatabaseWrapper, query: Query, among: Sequence[int] | None = None) -> str:
    """Ids of the stories that match, between commas: one row is fetched faster than thousands.

    With *among*, of these stories only.
    """
    return _fetch(connection, *_condition(query), among)


def part_ids(connection: BaseDatabaseWrapper, terms: Iterable[Term]) -> dict[Term, str]:
    """For phrases, ids of the stories that hold them where a vector knows no places any more.

    Only phrases that occur in such stories. A word of a script without spaces is a phrase.
    """
    found: dict[Term, str] = {}
    for term in terms:
        if len(_SEVERAL.findall(term.text)) > 1:
            condition, parameters = _condition(Query(groups=((term,),)))
            found[term] = _fetch(connection, condition, parameters, table="archive_fulltext_part")
    return {term: some for term, some in found.items() if some}


def title_ids(connection: BaseDatabaseWrapper, query: Query) -> str:
    """Ids of the stories whose title alone matches, between commas."""
    return _fetch(connection, *_condition(query), words=_TITLE)


def some_titles(connection: BaseDatabaseWrapper, query: Query, limit: int) -> list[int]:
    """Up to *limit* ids of stories whose title matches; none if that takes longer than a moment."""
    condition, parameters = _condition(query)
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            [usual] = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{MOMENT_MS}ms"])
            cursor.execute(
                f"SELECT story FROM archive_fulltext WHERE {_TITLE} @@ {condition} LIMIT %s",  # noqa: S608 - built above
                [*parameters, limit],
            )
            found = [pk for (pk,) in cursor.fetchall()]
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [usual])
            return found
    except OperationalError:
        return []


def _fetch(
    connection: BaseDatabaseWrapper,
    condition: str,
    parameters: list[str],
    among: Sequence[int] | None = None,
    table: str = "archive_fulltext",
    words: str = "words",
) -> str:
    sql = (
        f"SELECT string_agg(story::text, ',') FROM {table}"  # noqa: S608 - built above
        f" WHERE {words} @@ {condition}"
    )
    with connection.cursor() as cursor:
        if among is None:
            cursor.execute(sql, parameters)
        else:
            cursor.execute(f"{sql} AND story = ANY(%s)", [*parameters, list(among)])
        return cursor.fetchone()[0] or ""


def ranked(connection: BaseDatabaseWrapper, query: Query) -> list[tuple[int, float]]:
    """Each matching story with its score; more is better. Cost grows with the matches."""
    condition, parameters = _condition(query)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT story, {SCORE}"  # noqa: S608 - built above
            f" FROM archive_fulltext, (SELECT {condition} AS q) AS asked WHERE words @@ q",
            parameters,
        )
        return list(cursor.fetchall())
