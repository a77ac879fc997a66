"""Whether triggers, index and full text are in step with the rows, and how to put them in step."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from archive.models import Change
from archive.search import fulltext
from archive.search.index import index
from archive.search.state import State
from archive.search.triggers import missing


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """What differs, a sentence each; it reads the whole archive."""
    found = [
        f"The {'function' if name.endswith(')') else 'trigger'} {name} is missing or was altered."
        for name in missing(connection)
    ]
    fresh = State.load(connection.alias)
    with index.reading() as state:
        for name, kept, true in (
            ("Stories", set(state.visible), set(fresh.visible)),
            ("Tags", state.tags, fresh.tags),
            ("Stories of tags", _nonempty(state.direct), _nonempty(fresh.direct)),
            ("Stories below tags", _nonempty(state.below), _nonempty(fresh.below)),
        ):
            if kept != true:
                found.append(f"{name} in the index of this process differ from the rows.")
    found += fulltext.engine(connection).problems(connection)
    return found


def repair(connection: BaseDatabaseWrapper) -> None:
    """Index every story again, and tell all processes to read everything again."""
    fulltext.engine(connection).rebuild(connection)
    Change.objects.using(connection.alias).create(story=None)
    index.reset()


def _nonempty(sets: dict) -> dict:
    return {tag: members for tag, members in sets.items() if members}
