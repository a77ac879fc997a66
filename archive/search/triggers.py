"""Triggers of the database: they keep the change log and the full text in step with the rows.

The database itself writes the log, in the transaction of the change, so that no way of writing
(a bulk update, another program, a person at a prompt) can forget it. What a row of the log says:

- a positive ``story``: this story, or its taggings, changed;
- a negative ``story``: the tag with this id, negated, changed;
- no ``story``: anything may have changed.
"""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from archive.search import definitions, fulltext

#: Changes that the log keeps; a process that is further behind builds its index anew.
LOG_LENGTH = 100_000
#: The log is cut each time this many changes were written.
PRUNE_EVERY = 1_000

#: Table → (column that says what changed, sign, columns whose change matters).
_LOGGED = {
    "archive_story": (
        "id",
        "",
        (
            *("id", "status", "published_at", "title", "word_count", "language", "collection_id"),
            *("summary", "body"),  # the index has no texts, but remembers what was found in them
        ),
    ),
    "archive_tagging": ("story_id", "", ("story_id", "tag_id", "state")),
    "archive_tag": (
        "id",
        "-",
        ("id", "kind", "slug", "name", "name_key", "disambiguation", "broader_id"),
    ),
    "archive_othername": ("tag_id", "-", ("tag_id", "name", "name_key")),
}
#: Few rows, rarely changed: a change says "anything".
_LOGGED_WHOLE = ("archive_collection",)


def install_after_migrate(using: str = "default", **kwargs: Any) -> None:
    """Put the triggers in place (they are lost when SQLite rebuilds a table)."""
    connection = connections[using]
    if "archive_change" not in connection.introspection.table_names():
        return
    with transaction.atomic(using=using):
        _LOGS[connection.vendor](connection)
        fulltext.engine(connection).install(connection)
    if connection.vendor == "sqlite":
        _remember_sizes(connection)


def _remember_sizes(connection: BaseDatabaseWrapper) -> None:
    """Have SQLite count again if it forgot how large the tables are, as it does with old ones.

    Without these numbers it walks through a million stories where it could look up twenty-five.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone():
            cursor.execute("SELECT 1 FROM sqlite_stat1 WHERE tbl = 'archive_story'")
            if cursor.fetchone():
                return
        cursor.execute("PRAGMA analysis_limit = 1000")  # rows of each index that are looked at
        cursor.execute("ANALYZE")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers, and of their functions, that are not there or do something else."""
    return {"sqlite": _missing_sqlite, "postgresql": _missing_postgresql}[connection.vendor](
        connection
    )


def _missing_sqlite(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        there = dict(cursor.fetchall())
    expected = {**_sqlite_log(), **fulltext.engine(connection).TRIGGERS}
    return [
        name
        for name, definition in expected.items()
        if there.get(name) != f"CREATE TRIGGER {name} {definition}"
    ]


def _missing_postgresql(connection: BaseDatabaseWrapper) -> list[str]:
    functions, triggers = _postgresql_log()
    engine = fulltext.engine(connection)
    return definitions.differing(
        connection,
        (*functions, *engine.functions(connection)),
        {**triggers, **engine.TRIGGERS},
    )


def _sqlite_log() -> dict[str, str]:
    """The triggers of the change log in SQLite, by name."""
    triggers = {
        "archive_change_prune": (
            f"AFTER INSERT ON archive_change WHEN NEW.id % {PRUNE_EVERY} = 0"  # noqa: S608
            f" BEGIN DELETE FROM archive_change WHERE id <= NEW.id - {LOG_LENGTH}; END"
        )
    }
    log = "INSERT INTO archive_change(story) VALUES"
    for table, (key, sign, columns) in _LOGGED.items():
        new, old = f"{log} ({sign}NEW.{key});", f"{log} ({sign}OLD.{key});"
        changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
        for name, definition in {
            "insert": f"AFTER INSERT ON {table} BEGIN {new} END",
            "delete": f"AFTER DELETE ON {table} BEGIN {old} END",
            "update": f"AFTER UPDATE ON {table} WHEN {changed} BEGIN {new} END",
            "move": (
                f"AFTER UPDATE OF {key} ON {table} WHEN OLD.{key} <> NEW.{key} BEGIN {old} END"
            ),
        }.items():
            triggers[f"{table}_log_{name}"] = definition
    for table in _LOGGED_WHOLE:
        for event in ("INSERT", "UPDATE", "DELETE"):
            triggers[f"{table}_log_{event.lower()}"] = (
                f"AFTER {event} ON {table} BEGIN {log} (NULL); END"
            )
    return triggers


def _install_sqlite_log(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name, definition in _sqlite_log().items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} {definition}")


_LOG_FUNCTION = """
CREATE OR REPLACE FUNCTION dastan_log_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO archive_change(story, transaction)
            VALUES ({sign}NEW.{key}, pg_current_xact_id()::text::bigint) RETURNING id INTO number;
    END IF;
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.{key} <> NEW.{key}) THEN
        INSERT INTO archive_change(story, transaction)
            VALUES ({sign}OLD.{key}, pg_current_xact_id()::text::bigint) RETURNING id INTO number;
    END IF;
    IF number % {every} = 0 THEN
        DELETE FROM archive_change WHERE id <= number - {length};
    END IF;
    RETURN NULL;
END $$"""
_LOG_ALL_FUNCTION = """
CREATE OR REPLACE FUNCTION dastan_log_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO archive_change(story, transaction)
        VALUES (NULL, pg_current_xact_id()::text::bigint);
    RETURN NULL;
END $$"""


def _postgresql_log() -> tuple[list[str], dict[str, str]]:
    """The statements that make the functions of PostgreSQL's change log, and its triggers."""
    functions = [_LOG_ALL_FUNCTION]
    triggers: dict[str, str] = {}

    def trigger(table: str, name: str, event: str, function: str) -> None:
        triggers[f"{table}_log_{name}"] = f"AFTER {event} EXECUTE FUNCTION {function}"

    for table, (key, sign, columns) in _LOGGED.items():
        functions.append(
            _LOG_FUNCTION.format(
                table=table, key=key, sign=sign, every=PRUNE_EVERY, length=LOG_LENGTH
            )
        )
        old = ", ".join(f"OLD.{column}" for column in columns)
        new = ", ".join(f"NEW.{column}" for column in columns)
        call = f"dastan_log_{table}()"
        trigger(table, "write", f"INSERT OR DELETE ON {table} FOR EACH ROW", call)
        trigger(
            table,
            "update",
            f"UPDATE ON {table} FOR EACH ROW WHEN (({old}) IS DISTINCT FROM ({new}))",
            call,
        )
        trigger(table, "truncate", f"TRUNCATE ON {table}", "dastan_log_all()")
    for table in _LOGGED_WHOLE:
        trigger(
            table, "write", f"INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}", "dastan_log_all()"
        )
    return functions, triggers


def _install_postgresql_log(connection: BaseDatabaseWrapper) -> None:
    functions, triggers = _postgresql_log()
    stale = definitions.differing(connection, functions, {})
    with connection.cursor() as cursor:
        definitions.drop_functions(cursor, stale)
        for statement in functions:
            cursor.execute(statement)
        definitions.make_triggers(cursor, triggers)
        # Transactions of another cluster, from which a dump was restored, mean nothing here.
        cursor.execute(
            "DELETE FROM archive_change WHERE transaction > pg_current_xact_id()::text::bigint"
        )


_LOGS = {"sqlite": _install_sqlite_log, "postgresql": _install_postgresql_log}
