"""A batch of drafts becomes rows: few statements, however many stories there are."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.importing.drafts import StoryDraft
from archive.models import (
    Collection,
    Import,
    ImportedFile,
    Kind,
    Mention,
    OldSlug,
    OtherName,
    Slugs,
    Source,
    Story,
    Tag,
    Tagging,
)
from archive.models.history import catch_up, keep, one_revision
from archive.pipeline.preparing import Prepared
from archive.pipeline.reports import FileOutcome, Outcome
from archive.pipeline.retagging import anchor_decided, context, retag
from archive.pipeline.tags import TagKey, TagResolver, tag_key
from archive.tagging.names import normalise
from archive.tagging.spans import FoundTag

#: Columns of the rows that are written without objects, in their order.
_TAGGING = ("story_id", "tag_id", "state", "origin", "role", "confidence")
_MENTION = (
    "tagging_id", "start", "end", "quote", "before", "after", "rule", "confidence", "lost",
)  # fmt: skip

#: What was decided about a draft: the story it is about, if any, and why.
_Decision = tuple[Outcome, Story | None, str]


@dataclasses.dataclass(slots=True)
class _Wanted:
    """A tagging to be made."""

    tag: Tag
    item: FoundTag | None  # None: only the file itself names it
    named: bool


class Batch:
    """Drafts that become stories in one transaction, which the caller opens.

    What the archive holds of them already is asked once for all; stories that are new are made
    together at the end, those that a changed file updates one by one.
    """

    def __init__(
        self,
        entries: list[Prepared],
        *,
        collection: str,
        status: str,
        run: Import | None,
        resolver: TagResolver,
    ) -> None:
        """Take *entries*, all of them drafts; the rest is as in `Importer`."""
        self._entries = [(e, e.item) for e in entries if isinstance(e.item, StoryDraft)]
        self._collection, self._status, self._run = collection, status, run
        self._resolver = resolver
        self._new: list[tuple[Prepared, StoryDraft, Story]] = []
        self._new_sources: list[Source] = []
        self._collections: dict[str, Collection] = {}
        self._tags: dict[int, tuple[str, ...]] = {}  # by the id of the story in memory
        self._look_up()

    def write(self) -> list[FileOutcome]:
        """Make or update the story of each draft, or leave all as it is."""
        decided = [self._decide(entry, draft) for entry, draft in self._entries]
        self._flush()
        return [
            FileOutcome.of(
                draft,
                outcome,
                story,
                source=self._sources.get(draft.source.sha256),
                tags=self._tags.get(id(story), ()) if story else (),
                reason=reason,
            )
            for (_entry, draft), (outcome, story, reason) in zip(
                self._entries, decided, strict=True
            )
        ]

    def _look_up(self) -> None:
        """Find what the archive holds of these files: the same bytes, words or names."""
        drafts = [draft for _entry, draft in self._entries]
        parts = {draft.part for draft in drafts}
        stories = Story.objects.only("slug", "title", "edited_at", "source", "source_part")
        hashes = {draft.source.sha256 for draft in drafts}
        found = Source.objects.defer("compressed").filter(sha256__in=hashes)
        self._sources = {source.sha256: source for source in found}
        by_id = {source.pk: source.sha256 for source in self._sources.values()}
        self._here = {
            (by_id[story.source_id], story.source_part): story
            for story in stories.filter(source__in=by_id, source_part__in=parts)
        }
        twins = stories.only("slug", "title", "text_sha256").order_by("-pk")
        texts = {draft.text_sha256 for draft in drafts}
        self._twins = {story.text_sha256: story for story in twins.filter(text_sha256__in=texts)}
        followed = [entry.follows for entry, _draft in self._entries if entry.follows]
        self._followed = stories.in_bulk(followed) if followed else {}
        # What an upload is called says nothing about where it comes from: it has no earlier state.
        names = {draft.source.name for entry, draft in self._entries if entry.root}
        roots = {entry.root for entry, _draft in self._entries if entry.root}
        self._earlier: dict[tuple[str, str, str], Story] = {}
        if names:
            rows = Story.objects.filter(
                source__name__in=names, source__root__in=roots, source_part__in=parts
            )
            for story in (
                rows.select_related("source")
                .only("slug", "title", "edited_at", "source_part", "source__name", "source__root")
                .order_by("pk")
            ):
                if story.source is not None:
                    key = (story.source.root, story.source.name, story.source_part)
                    self._earlier[key] = story

    def _decide(self, entry: Prepared, draft: StoryDraft) -> _Decision:
        """Say what becomes of a draft; what is new waits for the others of the batch."""
        source = self._sources.get(draft.source.sha256)
        same = self._here.get((draft.source.sha256, draft.part)) if source else None
        if source is not None and same is not None:
            if (source.root, source.name) == (entry.root, draft.source.name):
                return Outcome.UNCHANGED, same, ""
            reason = _("Same bytes as %(name)s.") % {"name": source.name}
            return Outcome.DUPLICATE, same, reason
        earlier = self._followed.get(entry.follows or 0) or self._earlier.get(
            (entry.root, draft.source.name, draft.part)
        )
        twin = self._twins.get(draft.text_sha256)
        if twin is not None and (earlier is None or twin.pk != earlier.pk):
            reason = _("Same text as the story “%(title)s”.") % {"title": twin.title}
            return Outcome.DUPLICATE, twin, reason
        if earlier is None:
            return Outcome.IMPORTED, self._add(entry, draft), ""
        if earlier.edited_at is not None:
            return self._conflict(entry, draft, earlier)
        return Outcome.UPDATED, self._update(entry, draft, earlier), ""

    def _add(self, entry: Prepared, draft: StoryDraft) -> Story:
        """A story that is made with the others of the batch."""
        story = Story(status=draft.status or self._status)
        self._fill(story, entry, draft)
        self._new.append((entry, draft, story))
        self._here[draft.source.sha256, draft.part] = story
        self._twins[draft.text_sha256] = story
        if entry.root:
            self._earlier[entry.root, draft.source.name, draft.part] = story
        return story

    def _conflict(self, entry: Prepared, draft: StoryDraft, story: Story) -> _Decision:
        """Leave an edited story alone, and keep the file, so that its text can still be taken."""
        source = self._source(entry, draft)
        self._flush()
        kept = ImportedFile.objects.filter(
            story=story, source=source, part=draft.part, settled=ImportedFile.Settled.KEPT
        )
        if kept.exists():
            reason = _("A curator compared this file with the story and left the story as it is.")
            return Outcome.UNCHANGED, story, reason
        earlier = ImportedFile.objects.filter(story=story, outcome=Outcome.CONFLICT, settled="")
        earlier.update(settled=ImportedFile.Settled.AGAIN)
        reason = _("The file has changed, but the story was edited here since; it was left alone.")
        return Outcome.CONFLICT, story, reason

    def _update(self, entry: Prepared, draft: StoryDraft, light: Story) -> Story:
        """Let a story that nobody edited follow its file."""
        self._flush()
        story = Story.objects.get(pk=light.pk)
        catch_up(story)
        self._twins.pop(story.text_sha256, None)
        self._fill(story, entry, draft)
        self._flush()
        said = _("New text from the file %(name)s") % {"name": draft.source.name}
        with one_revision(self._run.user if self._run else None, said):
            # Who has the form open is told of the new text when they save.
            story.version += 1
            story.save()
            named = [
                self._saved(self._resolver.by_name(kind, name))
                for kind, names in _named(draft)
                for name in names
            ]
            from_file = {"state": Tagging.State.CONFIRMED, "origin": Tagging.Origin.FILE}
            story.taggings.filter(**from_file).exclude(tag__in=named).delete()
            for tag in named:
                Tagging.objects.get_or_create(story=story, tag=tag, defaults=from_file)
            retag(story, found=entry.found, resolver=self._resolver)
            keep([story])
        taggings = story.taggings.exclude(state=Tagging.State.REJECTED).select_related("tag")
        self._tags[id(story)] = tuple(_label(tagging.tag) for tagging in taggings)
        self._here[draft.source.sha256, draft.part] = story
        self._twins[draft.text_sha256] = story
        self._earlier[entry.root, draft.source.name, draft.part] = story
        return story

    def _saved(self, tag: Tag) -> Tag:
        """*tag*, written if it is new."""
        if tag.pk is None:
            self._resolver.keep()
        return tag

    def _source(self, entry: Prepared, draft: StoryDraft) -> Source:
        """The file's bytes as they are, kept once however many records it holds."""
        known = self._sources.get(draft.source.sha256)
        if known is not None:
            return known
        source = Source(
            sha256=draft.source.sha256,
            name=draft.source.name,
            root=entry.root,
            media_type=draft.source.media_type,
            size=draft.source.size,
            compressed=entry.compressed or Source.compress(draft.source.content),
            encoding=draft.encoding,
            repairs=list(draft.repairs),
            imported_by=self._run,
        )
        self._sources[source.sha256] = source
        self._new_sources.append(source)
        return source

    def _fill(self, story: Story, entry: Prepared, draft: StoryDraft) -> None:
        """Set a story's fields. The title: given, else the subject's name, else first words."""
        story.title = (draft.title or entry.found.subject or draft.first_words)[:300]
        story.source = self._source(entry, draft)
        story.source_part = draft.part
        story.body = draft.body
        story.word_count = entry.words
        story.text_sha256 = draft.text_sha256
        values: dict[str, Any] = {
            "language": draft.language,
            "creator": draft.creator,
            "date": draft.date,
            "date_earliest": draft.date_earliest,
            "date_latest": draft.date_latest,
            "summary": draft.summary,
            "rights": draft.rights,
        }
        for field, value in values.items():
            setattr(story, field, value or Story._meta.get_field(field).get_default())
        name = draft.collection or self._collection
        if name:
            if name not in self._collections:
                self._collections[name], _made = Collection.objects.get_or_create(name=name)
            story.collection = self._collections[name]

    def _flush(self) -> None:
        """Write the sources and the new stories that wait, with their tags and mentions."""
        Source.objects.bulk_create(self._new_sources)
        self._new_sources = []
        if not self._new:
            return
        new, self._new = self._new, []
        slugs = Slugs("story", Story.objects.all(), OldSlug.objects.all())
        wanted_slugs = [draft.slug or story.title for _entry, draft, story in new]
        slugs.look_up(wanted_slugs)
        now = timezone.now()
        for (_entry, _draft, story), text in zip(new, wanted_slugs, strict=True):
            story.slug = slugs.take(text)
            if story.status == Story.Status.PUBLISHED:
                story.published_at = now
        Story.objects.bulk_create([story for _entry, _draft, story in new])
        self._tag(new)

    def _tag(self, new: list[tuple[Prepared, StoryDraft, Story]]) -> None:
        """Write the taggings and mentions of new stories."""
        self._resolver.look_up(
            (item for entry, _draft, _story in new for item in entry.found.tags),
            [
                (kind, name)
                for _e, draft, _s in new
                for kind, names in _named(draft)
                for name in names
            ],
        )
        wanted = [self._wanted(*three) for three in new]
        self._resolver.keep()
        stories = [story for _entry, _draft, story in new]
        rows = [(story, each) for story, tags in zip(stories, wanted, strict=True) for each in tags]
        _insert(Tagging, _TAGGING, [_tagging(story, each) for story, each in rows])
        ids = Tagging.objects.filter(story__in=stories).order_by("pk").values_list("pk", flat=True)
        mentions: list[tuple[Any, ...]] = []
        unfound = []
        for (story, each), pk in zip(rows, ids, strict=True):
            if each.item is None:
                unfound.append(Tagging(pk=pk, story=story, tag=each.tag))
            else:
                mentions += _mentions(pk, each.item, story.body)
        _insert(Mention, _MENTION, mentions)
        _anchor(unfound)
        for story, tags in zip(stories, wanted, strict=True):
            self._tags[id(story)] = tuple(_label(each.tag) for each in tags)

    def _wanted(self, entry: Prepared, draft: StoryDraft, story: Story) -> list[_Wanted]:
        """The tags of one new story: those that the file names, then those that were found."""
        wanted: dict[TagKey, _Wanted] = {}
        for kind, names in _named(draft):
            for name in names:
                tag = self._resolver.by_name(kind, name)
                wanted.setdefault(tag_key(tag), _Wanted(tag, None, named=True))
        here = frozenset(wanted)
        for item in entry.found.tags:
            tag = self._resolver.resolve(item, story.title, here)
            known = wanted.setdefault(tag_key(tag), _Wanted(tag, item, named=False))
            known.item = known.item or item
        return list(wanted.values())


def _named(draft: StoryDraft) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The tags that the file itself names: a person wrote them, so they count as confirmed."""
    return (
        (Kind.PERSON, draft.people),
        (Kind.PLACE, draft.places),
        (Kind.THEME, draft.themes),
    )


def _label(tag: Tag) -> str:
    """The tag with its kind, for reports."""
    return f"{tag.kind}: {tag.name}"


def _tagging(story: Story, wanted: _Wanted) -> tuple[Any, ...]:
    """The row for a tagging; what the file names counts as a person's word."""
    if wanted.named or wanted.item is None:
        return (story.pk, wanted.tag.pk, "confirmed", "file", "mentioned", 1.0)
    item = wanted.item
    return (story.pk, wanted.tag.pk, "suggested", "machine", item.role, item.confidence)


def _mentions(tagging: int, item: FoundTag, body: str) -> list[tuple[Any, ...]]:
    """Rows for the words that support a tagging."""
    return [
        (tagging, start, end, quote, *context(body, start, end), rule, confidence, False)
        for _kind, _name, start, end, quote, rule, confidence in item.mentions
    ]


def _insert(model: type[Model], columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Write rows in their order without an object for each: these are most of an archive."""
    if not rows:
        return
    names = ", ".join(map(connection.ops.quote_name, columns))
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})",  # noqa: S608
            rows,
        )


def _anchor(taggings: list[Tagging]) -> None:
    """Find the words of tags that a file names and the tagger did not propose."""
    others: dict[int, list[str]] = {}
    tags = {tagging.tag_id for tagging in taggings}
    for tag_id, key in OtherName.objects.filter(tag__in=tags).values_list("tag_id", "name_key"):
        others.setdefault(tag_id, []).append(key)
    for tagging in taggings:
        body = normalise(tagging.story.body)
        keys = [tagging.tag.name_key, *others.get(tagging.tag_id, ())]
        if any(key.partition(" ")[0] in body for key in keys):
            anchor_decided(tagging, tagging.story.body)
