"""Cues of themes: reading what was typed, saying what it would change, keeping it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils.translation import gettext as _

from archive.curation.audit import record
from archive.curation.decisions import RefusedError
from archive.models import CUE_LENGTH, Kind, Story, Tag, Tagging, ThemeCue
from archive.pipeline import archive_lexicon, retag
from archive.pipeline.cues import OWN, cue_changes, theme_with, themes_here
from archive.search import fulltext
from archive.tagging.names import normalise
from archive.tagging.tagger import tag as find_tags
from archive.tagging.themes import LONGEST_CUE, STRENGTHS, Theme, vocabulary

#: Stories that a preview reads: with the theme now, and with a changed cue in the text.
WITH_THEME, WITH_CUE = 100, 100
#: Characters that a preview reads in sum (a second or two for the tagger).
MOST_CHARS = 1_000_000
#: Cues of one strength.
MOST_CUES = 300
#: Changed cues that are looked for in the texts.
MOST_SOUGHT = 12
_SPLIT = re.compile(r"[,;\n]+")
_CUE = re.compile(r"[^\W_][\w'’ &.-]*[~*]?")


@dataclasses.dataclass(frozen=True, slots=True)
class CuePreview:
    """What changed cues would do to the stories that were looked at."""

    looked_at: int
    more: bool  # whether others hold the cues, or bear the theme, too
    gains: tuple[Story, ...]
    losses: tuple[Story, ...]


def read(typed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The cues in the three fields, by strength.

    Raises:
        RefusedError: a cue cannot be looked for, or stands in two fields.
    """
    seen: dict[str, str] = {}
    cues: dict[str, tuple[str, ...]] = {}
    for strength in STRENGTHS:
        phrases = dict.fromkeys(
            " ".join(phrase.split()) for phrase in _SPLIT.split(typed.get(strength, ""))
        )
        phrases.pop("", None)
        if len(phrases) > MOST_CUES:
            raise RefusedError(_("At most %d cues stand in one field.") % MOST_CUES)
        for phrase in phrases:
            _check(phrase)
            if normalise(phrase) in seen:
                raise RefusedError(_("“%(cue)s” is there twice.") % {"cue": phrase})
            seen[normalise(phrase)] = strength
        cues[strength] = tuple(phrases)
    return cues


def _check(phrase: str) -> None:
    words = phrase.split(" ")
    if len(phrase) > CUE_LENGTH or len(words) > LONGEST_CUE:
        raise RefusedError(
            _("“%(cue)s” is too long: at most %(words)d words.")
            % {"cue": phrase[:60], "words": LONGEST_CUE}
        )
    if not _CUE.fullmatch(phrase) or (phrase.endswith("*") and len(words) > 1):
        raise RefusedError(
            _("“%(cue)s” is no cue: words, with ~ (regular forms) at the end, or * after one word.")
            % {"cue": phrase}
        )
    if phrase.endswith("*") and len(phrase) < 4:
        raise RefusedError(_("“%(cue)s” is the beginning of too many words.") % {"cue": phrase})


def difference(theme: Theme, cues: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """By phrase, what makes *cues* of those that come with the program."""
    base = next((t for t in vocabulary() if t.notation == theme.notation), None)
    old = {
        normalise(cue): (cue, strength)
        for strength in STRENGTHS
        for cue in (getattr(base, strength) if base else ())
    }
    new = {normalise(cue): (cue, strength) for strength in STRENGTHS for cue in cues[strength]}
    changes = {
        cue: strength
        for key, (cue, strength) in new.items()
        if key not in old or old[key][1] != strength
    }
    changes.update({cue: "none" for key, (cue, _s) in old.items() if key not in new})
    return changes


def preview(user: User, theme: Theme, cues: Mapping[str, tuple[str, ...]]) -> CuePreview:
    """Which of the stories that may change would gain or lose *theme* with these *cues*."""
    stories, more = _candidates(user, theme, cues)
    before = archive_lexicon()
    after = archive_lexicon(themes_here({**cue_changes(), theme.notation: difference(theme, cues)}))
    gains, losses = [], []
    for story in stories:
        had, has = (
            any(f.kind == "theme" and f.notation == theme.notation for f in found.tags)
            for found in (find_tags(story.body, before), find_tags(story.body, after))
        )
        if has and not had:
            gains.append(story)
        elif had and not has:
            losses.append(story)
    return CuePreview(len(stories), more, tuple(gains), tuple(losses))


def _candidates(
    user: User, theme: Theme, cues: Mapping[str, tuple[str, ...]]
) -> tuple[list[Story], bool]:
    """Stories with the theme, and with a changed cue: the newest of each, within the bounds."""
    visible = Story.objects.visible_to(user)
    tag = tag_of(theme.notation)
    bearing = Tagging.objects.filter(tag=tag, origin=Tagging.Origin.MACHINE) if tag else None
    ids: list[int] = []
    more = False
    if bearing is not None:
        rows = bearing.order_by("-story").values_list("story", flat=True)[: WITH_THEME + 1]
        ids = list(rows)[:WITH_THEME]
        more = len(rows) > WITH_THEME
    now = {normalise(cue): cue for s in STRENGTHS for cue in getattr(theme, s)}
    new = {normalise(cue): cue for s in STRENGTHS for cue in cues[s]}
    changed = [
        new.get(key) or now[key] for key in {**now, **new} if key not in now or key not in new
    ]
    moved = [
        c for s in STRENGTHS for c in cues[s] if normalise(c) in now and c not in getattr(theme, s)
    ]
    query = fulltext.parse(" OR ".join(_sought(cue) for cue in [*changed, *moved][:MOST_SOUGHT]))
    if query:
        hits, _negative = fulltext.matches(connections[DEFAULT_DB_ALIAS], query)
        ids += list(hits[max(0, len(hits) - WITH_CUE) :])
        more = more or len(hits) > WITH_CUE
    chosen: list[Story] = []
    chars = 0
    for story in visible.filter(pk__in=set(ids)).order_by("-pk").iterator(20):
        chars += len(story.body)
        if chars > MOST_CHARS and chosen:
            return chosen, True
        if len(story.body) <= MOST_CHARS:
            chosen.append(story)
    return chosen, more


def _sought(cue: str) -> str:
    """*cue* as the full text is asked for it; its own signs are no syntax there."""
    bare = re.sub(r'["*~()-]', " ", cue).strip()
    return f"{bare}*" if cue.endswith("*") else f'"{bare}"'


def tag_of(notation: str) -> Tag | None:
    """The tag of a theme, if it has one yet."""
    themes = Tag.objects.filter(kind=Kind.THEME)
    return themes.filter(notation=notation).first() or (
        themes.filter(pk=int(notation.removeprefix(OWN))).first()
        if notation.startswith(OWN)
        else None
    )


@transaction.atomic
def save(
    user: User, notation: str, cues: Mapping[str, tuple[str, ...]], again: tuple[int, ...] = ()
) -> int:
    """Keep *cues* for the theme, and read the stories *again* with them.

    Returns:
        How many stories changed at once; the others follow when they are saved or read again.

    Raises:
        RefusedError: there is no such theme any more.
    """
    theme = theme_with(notation)
    if theme is None:
        raise RefusedError(_("This theme is not there any more."))
    changes = difference(theme, cues)
    ThemeCue.objects.filter(notation=notation).delete()
    rows = [ThemeCue(notation=notation, phrase=c, strength=s) for c, s in changes.items()]
    for row in rows:
        row.phrase_key = normalise(row.phrase)[:CUE_LENGTH]
    ThemeCue.objects.bulk_create(rows)
    if notation.startswith(OWN) and rows:
        Tag.objects.filter(pk=int(notation.removeprefix(OWN)), notation="").update(
            notation=notation
        )
    record(user, "cues.changed", theme.name, **{s: list(cues[s]) for s in STRENGTHS})
    lexicon = archive_lexicon()
    stories = Story.objects.visible_to(user).filter(pk__in=again[: WITH_THEME + WITH_CUE])
    return sum(retag(story, lexicon).changed for story in stories.iterator(20))
