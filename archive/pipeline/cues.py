"""The themes that the tagger looks for here: the vocabulary, as curators changed it, and their own.

A theme that curators made has the notation ``own-`` and the id of its tag.
"""

from __future__ import annotations

from collections.abc import Mapping

from archive.models import Kind, Tag, ThemeCue
from archive.tagging.themes import Theme, vocabulary, with_cues

OWN = "own-"

#: By notation, and by phrase, the strength that curators gave.
Changes = Mapping[str, Mapping[str, str]]


def cue_changes() -> dict[str, dict[str, str]]:
    """What curators changed, as it is kept."""
    changes: dict[str, dict[str, str]] = {}
    for notation, phrase, strength in ThemeCue.objects.values_list(
        "notation", "phrase", "strength"
    ):
        changes.setdefault(notation, {})[phrase] = strength
    return changes


def themes_here(changes: Changes | None = None) -> tuple[Theme, ...]:
    """Every theme with its cues, the vocabulary's first.

    Args:
        changes: what curators changed, or would change; read from the database if not given.
    """
    changes = cue_changes() if changes is None else changes
    base = vocabulary()
    if not changes:
        return base
    known = {theme.notation for theme in base}
    own = [notation for notation in changes if notation not in known]
    tags = Tag.objects.filter(kind=Kind.THEME, pk__in=[_tag_id(notation) for notation in own])
    made = [Theme(f"{OWN}{tag.pk}", tag.name, tag.definition) for tag in tags.order_by("pk")]
    return tuple(
        with_cues(theme, changes[theme.notation]) if theme.notation in changes else theme
        for theme in (*base, *made)
    )


def _tag_id(notation: str) -> int:
    digits = notation.removeprefix(OWN)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0


def theme_with(notation: str) -> Theme | None:
    """The theme with this notation and the cues that it has now; None if there is none."""
    found = next((theme for theme in themes_here() if theme.notation == notation), None)
    if found is None and notation.startswith(OWN):
        tag = Tag.objects.filter(kind=Kind.THEME, pk=_tag_id(notation)).first()
        if tag is not None and tag.notation in ("", notation):
            return Theme(notation, tag.name, tag.definition)
    return found
