"""Revisions of stories and tags: every way of writing keeps them by these few verbs.

A *revision* is one deed of one person or program; it holds a *version* of each row as it was after
the deed. django-reversion stores them; saving a registered model inside ``one_revision`` is enough,
rows that an update changed behind its back are named with ``keep``::

    baseline(stories)
    with one_revision(user, "Moved to “Letters”"):
        stories.update(collection=letters)
        keep(stories)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import reversion
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from reversion.models import Revision, Version

#: Rows whose versions are looked up in one query.
_BATCH = 500


@contextmanager
def one_revision(user: Any = None, comment: str = "") -> Iterator[None]:
    """Make what happens inside one revision, in one transaction.

    Args:
        user: who did it; None for a program.
        comment: what was done, in words that the history shows.
    """
    with reversion.create_revision():
        if user is not None and user.pk is not None:
            reversion.set_user(user)
        if comment:
            reversion.set_comment(comment)
        yield


def keep(rows: Iterable[Model]) -> None:
    """Put a version of each of *rows* into the revision that is being made.

    For rows that were changed without ``save()``; what belongs to them (the taggings of a story,
    the other names of a tag) is kept too.
    """
    for row in rows:
        reversion.add_to_revision(row)


def join(model: type[Model], pk: int, revision: int) -> int:
    """Let the newest revision that holds the row *pk* be part of *revision*, an earlier one.

    For a deed that is done in several transactions and yet is one.

    Args:
        model: the model of the row.
        pk: a row that was kept in the transaction that still runs.
        revision: id of the earlier revision; 0, or one that is gone, for none.

    Returns:
        The id of the revision that holds the row now.
    """
    newest = Version.objects.get_for_object_reference(model, pk).first()
    if newest is None:
        return revision
    made = newest.revision
    if made.pk == revision or not Revision.objects.filter(pk=revision).exists():
        return made.pk  # type: ignore[no-any-return]
    made.version_set.update(revision=revision)
    made.delete()
    return revision


def baseline(rows: Iterable[Model]) -> None:
    """Keep *rows* as they are now, where nothing was kept before; call it before a change.

    Imported stories and tags that the tagger made have no versions until somebody touches them:
    without a first version there would be nothing to compare with and nothing to go back to.
    """
    batch: list[Model] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            _baseline(batch)
            batch = []
    _baseline(batch)


def catch_up(row: Model) -> None:
    """``baseline`` for one row that also keeps what happened to it since its newest version.

    Review decides on the tags of a story without keeping its whole text each time; what it decided
    is kept here, before the next change could take it away or seem to be its author.
    """
    baseline([row])
    newest = Version.objects.get_for_object(row).first()
    if newest is None or newest.field_dict.get("version") == row.version:  # type: ignore[attr-defined]
        return
    with reversion.create_revision():
        reversion.set_comment(_("As it was before the next change, with what review decided"))
        keep([row])


def _baseline(rows: list[Model]) -> None:
    if not rows:
        return
    known = set(
        Version.objects.filter(
            content_type=ContentType.objects.get_for_model(rows[0]),
            object_id__in=[str(row.pk) for row in rows],
        ).values_list("object_id", flat=True)
    )
    fresh = [row for row in rows if str(row.pk) not in known]
    if fresh:
        with reversion.create_revision():
            reversion.set_comment(_("As it was before the first change"))
            changed = [getattr(row, "modified", None) or row.created for row in fresh]  # type: ignore[attr-defined]
            reversion.set_date_created(max(changed, default=timezone.now()))
            keep(fresh)
