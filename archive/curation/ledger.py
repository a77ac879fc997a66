"""Changes of rows that can be taken back exactly: what was written is kept beside what was there.

A ledger writes and remembers; its entries are kept in a ``Decision``. ``take_back`` walks them from
the last to the first. A row that somebody changed since is left as it is and counted.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import models

from archive.models import Mention, Tag, Tagging

#: Rows that one statement names by their ids (SQLite takes 32,766 parameters).
BATCH = 5_000
#: Cases of one statement (SQLite's expressions are at most 1,000 deep).
CASES = 400

Entry = dict[str, Any]


class Ledger:
    """Writes rows and remembers how to take that back. Use it inside a transaction."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def update(self, rows: models.QuerySet[Any], **values: Any) -> int:
        """Set *values* (column names, plain values) on *rows*; returns how many changed."""
        model = rows.model
        groups: dict[tuple[Any, ...], list[Any]] = {}
        for pk, *old in rows.order_by("pk").values_list("pk", *values):
            if tuple(old) != tuple(values.values()):
                groups.setdefault(tuple(old), []).append(pk)
        for old, pks in groups.items():
            for batch in _batches(pks):
                model._base_manager.filter(pk__in=batch).update(**values)
            self._note(
                "update",
                model,
                pks=pks,
                was=_plain(dict(zip(values, old, strict=True))),
                now=_plain(values),
            )
        return sum(len(pks) for pks in groups.values())

    def set_each(self, model: type[models.Model], column: str, values: dict[int, Any]) -> None:
        """Give the row with each id of *values* its own value in *column*."""
        old: dict[int, Any] = {}
        for batch in _batches(sorted(values)):
            rows = model._base_manager.filter(pk__in=batch).values_list("pk", column)
            old.update((pk, value) for pk, value in rows if value != values[pk])
        _write_each(model, column, {pk: values[pk] for pk in old})
        if old:
            each = [[pk, was, values[pk]] for pk, was in old.items()]
            self._note("each", model, column=column, each=each)

    def create(self, rows: Sequence[models.Model]) -> None:
        """Save *rows*, all of one model, as new."""
        if not rows:
            return
        model = type(rows[0])
        if isinstance(rows[0], Tag):
            for row in rows:  # a tag completes its keys and its address
                row.save()
        else:
            model._base_manager.bulk_create(rows, batch_size=BATCH)
        self._note("create", model, rows=[_row(row) for row in rows])

    def delete(self, rows: models.QuerySet[Any]) -> int:
        """Delete *rows*, and nothing that hangs on them: delete that first."""
        kept = [_row(row) for row in rows.order_by("pk")]
        for batch in _batches([row["id"] for row in kept]):
            rows.model._base_manager.filter(pk__in=batch).delete()
        if kept:
            self._note("delete", rows.model, rows=kept)
        return len(kept)

    def _note(self, do: str, model: type[models.Model], **facts: Any) -> None:
        name = model._meta.concrete_model._meta.model_name  # type: ignore[union-attr]
        self.entries.append({"do": do, "model": name, **facts})


def take_back(entries: Iterable[Entry]) -> int:
    """Undo *entries*, the last first; returns how many rows somebody changed since."""
    steps = {
        "update": _put_back, "each": _put_each_back, "create": _remove, "delete": _restore
    }  # fmt: skip
    changed = 0
    for entry in reversed(list(entries)):
        changed += steps[entry["do"]](apps.get_model("archive", entry["model"]), entry)
    return changed


def _put_back(model: type[models.Model], entry: Entry) -> int:
    now, was = (_typed(model, entry[key]) for key in ("now", "was"))
    done = 0
    for batch in _batches(entry["pks"]):
        done += model._base_manager.filter(pk__in=batch, **now).update(**was)
    # Mentions are written anew whenever a text is read again: those that are gone are no conflict.
    return 0 if model is Mention else len(entry["pks"]) - done


def _put_each_back(model: type[models.Model], entry: Entry) -> int:
    column = entry["column"]
    now = {pk: value for pk, _was, value in entry["each"]}
    same = set()
    for batch in _batches(list(now)):
        rows = model._base_manager.filter(pk__in=batch).values_list("pk", column)
        same |= {pk for pk, value in rows if value == now[pk]}
    _write_each(model, column, {pk: was for pk, was, _now in entry["each"] if pk in same})
    return 0 if model is Mention else len(now) - len(same)


def _write_each(model: type[models.Model], column: str, values: dict[int, Any]) -> None:
    """Set *column* of each row: one statement for every few hundred."""
    groups: dict[Any, list[int]] = {}
    for pk, value in values.items():
        groups.setdefault(value, []).append(pk)
    if len(groups) * 10 < len(values) or len(groups) < 10:
        for value, pks in groups.items():
            for batch in _batches(pks):
                model._base_manager.filter(pk__in=batch).update(**{column: value})
        return
    for batch in _batches(sorted(values), CASES):
        cases = [models.When(pk=pk, then=models.Value(values[pk])) for pk in batch]
        field = next(f for f in model._meta.fields if column in (f.attname, f.name))
        output = models.BigIntegerField() if field.is_relation else type(field)()
        chosen = models.Case(*cases, output_field=output)
        model._base_manager.filter(pk__in=batch).update(**{column: chosen})


def _remove(model: type[models.Model], entry: Entry) -> int:
    pks = [row["id"] for row in entry["rows"]]
    left = 0
    if model is Tag:
        # Others may have taken a liking to it.
        used = set(Tagging.objects.filter(tag__in=pks).values_list("tag", flat=True))
        pks = [pk for pk in pks if pk not in used]
    elif model is Tagging:
        states = {row["id"]: (row["tag_id"], row["state"]) for row in entry["rows"]}
        rows = Tagging.objects.filter(pk__in=pks).values_list("pk", "tag_id", "state")
        pks = [pk for pk, *state in rows if tuple(state) == states[pk]]
        left = len(states) - len(pks)
    for batch in _batches(pks):
        model._base_manager.filter(pk__in=batch).delete()
    return left


def _restore(model: type[models.Model], entry: Entry) -> int:
    rows = [model(**_typed(model, row)) for row in entry["rows"]]
    there = set()
    for batch in _batches([row.pk for row in rows]):
        there |= set(model._base_manager.filter(pk__in=batch).values_list("pk", flat=True))
    rows = [row for row in rows if row.pk not in there and _parents_there(row)]
    model._base_manager.bulk_create(rows, batch_size=BATCH)
    automatic = [f.attname for f in model._meta.fields if getattr(f, "auto_now_add", False)]
    if automatic:
        kept = {row["id"]: row for row in entry["rows"]}
        for row in rows:
            values = _typed(model, {name: kept[row.pk][name] for name in automatic})
            model._base_manager.filter(pk=row.pk).update(**values)
    return len(entry["rows"]) - len(rows)


def _parents_there(row: models.Model) -> bool:
    """Whether all that *row* hangs on is still in the archive."""
    for field in row._meta.fields:
        value = getattr(row, field.attname)
        if field.is_relation and value is not None:
            parents = field.related_model._base_manager  # type: ignore[union-attr]
            if not parents.filter(pk=value).exists():
                return False
    return True


def _row(row: models.Model) -> dict[str, Any]:
    return _plain({field.attname: getattr(row, field.attname) for field in row._meta.fields})


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """*values* as JSON can hold them."""
    dates = (datetime.date, datetime.datetime)
    return {
        key: value.isoformat() if isinstance(value, dates) else value
        for key, value in values.items()
    }


def _typed(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    fields = {field.attname: field for field in model._meta.fields}
    return {
        key: value if fields[key].is_relation else fields[key].to_python(value)
        for key, value in values.items()
    }


def _batches(pks: Sequence[Any], size: int = BATCH) -> Iterable[Sequence[Any]]:
    return (pks[at : at + size] for at in range(0, len(pks), size))
