"""Functions and triggers of a PostgreSQL database, compared with what they should be.

The server writes every definition in a form of its own. So what should be there is made once more
beside it, in the session's temporary schema, and read in the same form; nothing of that stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

_FUNCTIONS = """
SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ')', pg_get_functiondef(oid)
FROM pg_proc WHERE proname = ANY(%s) AND pronamespace::regnamespace::text = {0}"""
_TRIGGERS = """
SELECT tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
WHERE tgname = ANY(%s) AND tgenabled IN ('O', 'A') AND relnamespace::regnamespace::text = {0}"""
_TEMPORARY = "pg_my_temp_schema()::regnamespace::text"


def differing(
    connection: BaseDatabaseWrapper, functions: Sequence[str], triggers: Mapping[str, str]
) -> list[str]:
    """Names of the *functions* and *triggers* that are missing, switched off or otherwise.

    A function is the statement that makes it; of a trigger, its name and what follows it there.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        schema = cursor.fetchone()[0]
        names = [_name(statement) for statement in functions]
        there = _read(cursor, "%s", names, list(triggers), schema)
        _make_aside(cursor, functions, triggers)
        expected = _read(cursor, _TEMPORARY, names, list(triggers))
        transaction.set_rollback(True, using=connection.alias)
    return [name for name, definition in expected.items() if there.get(name) != definition]


def _name(statement: str) -> str:
    return re.findall(r"FUNCTION (\w+)\(", statement)[0]


def _make_aside(
    cursor: CursorWrapper, functions: Sequence[str], triggers: Mapping[str, str]
) -> None:
    """Make all that should be there in the temporary schema, on empty tables of the same names."""
    for statement in functions:
        cursor.execute(statement.replace("FUNCTION ", "FUNCTION pg_temp.", 1))
    for table in sorted(set(map(_table, triggers.values()))):
        cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE {table})")
    for name, event in triggers.items():
        event = event.replace("EXECUTE FUNCTION ", "EXECUTE FUNCTION pg_temp.")
        cursor.execute(f"CREATE TRIGGER {name} {event}")


def _read(
    cursor: CursorWrapper, schema: str, functions: list[str], triggers: list[str], *named: str
) -> dict[str, str]:
    """The definitions that *schema* (SQL, with the parameters *named*) holds, without its name."""
    found: dict[str, str] = {}
    for sql, names in ((_FUNCTIONS, functions), (_TRIGGERS, triggers)):
        cursor.execute(sql.format(schema), [names, *named])
        found.update(cursor.fetchall())
    away = re.compile(
        r"\b(?:pg_temp(?:_\d+)?" + "".join(f"|{re.escape(name)}" for name in named) + r")\."
    )
    return {name: away.sub("", definition) for name, definition in found.items()}


def drop_functions(cursor: CursorWrapper, names: Iterable[str]) -> None:
    """Drop those of the functions with these *names* that are there, and their triggers."""
    for name in names:
        cursor.execute(f"DROP FUNCTION IF EXISTS {name} CASCADE")


def make_triggers(cursor: CursorWrapper, triggers: Mapping[str, str]) -> None:
    """Make *triggers* anew."""
    for name, event in triggers.items():
        cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {_table(event)}")
        cursor.execute(f"CREATE TRIGGER {name} {event}")


def _table(event: str) -> str:
    return re.findall(r" ON (\w+)", event)[0]
