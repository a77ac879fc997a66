"""A story as its page shows it: marked text, and each tag with the words that support it."""

from __future__ import annotations

import dataclasses

from archive.models import KINDS, KindInfo, Mention, Story, Tag, Tagging
from archive.rendering import Mark, render

#: Words of context beside a quotation, in characters.
QUOTE_CONTEXT = 50
#: Quotations of a tag that are seen at once; two say more than one, ten say no more than two.
QUOTES_SHOWN = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Quote:
    """Words that support a tag, with what stands around them, and where they are on the page."""

    before: str
    words: str
    after: str
    anchor: str
    rule: str


@dataclasses.dataclass(frozen=True, slots=True)
class TagInStory:
    """One tag of the story."""

    tag: Tag
    subject: bool
    suggested: bool
    origin: str
    quotes: tuple[Quote, ...]
    names: tuple[str, ...]  # what the text calls it, where that is not the tag's own name

    @property
    def first_quotes(self) -> tuple[Quote, ...]:
        """Those that are seen at once."""
        return self.quotes[:QUOTES_SHOWN]

    @property
    def more_quotes(self) -> tuple[Quote, ...]:
        """Those that open on demand."""
        return self.quotes[QUOTES_SHOWN:]


@dataclasses.dataclass(frozen=True, slots=True)
class KindInStory:
    """The tags of one kind."""

    info: KindInfo
    tags: tuple[TagInStory, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class StoryPage:
    """What the template draws."""

    html: str
    kinds: tuple[KindInStory, ...]


def story_page(story: Story) -> StoryPage:
    """Render *story* and gather its tags; three queries, however many tags there are."""
    taggings = list(
        story.taggings.shown().select_related("tag").prefetch_related("mentions")  # type: ignore[attr-defined]
    )
    marks: list[Mark] = []
    by_kind: dict[str, list[TagInStory]] = {kind: [] for kind in KINDS}
    for tagging in taggings:
        by_kind[tagging.tag.kind].append(_tag_in_story(tagging, marks))
    for tags in by_kind.values():
        # The subject first, then what the text speaks of most; ties in the order of the text.
        tags.sort(key=lambda item: (not item.subject, -len(item.quotes), item.tag.name_key))
    kinds = tuple(KindInStory(KINDS[kind], tuple(tags)) for kind, tags in by_kind.items() if tags)
    return StoryPage(html=render(story.body, marks).html, kinds=kinds)


def _tag_in_story(tagging: Tagging, marks: list[Mark]) -> TagInStory:
    """One tag with its quotations; adds the marks for the text to *marks*."""
    tag = tagging.tag
    suggested = tagging.state == Tagging.State.SUGGESTED
    subject = tagging.role == Tagging.Role.SUBJECT
    quotes = []
    for mention in tagging.mentions.all():
        if mention.lost:
            continue
        anchor = f"m-{len(marks) + 1}"
        quotes.append(_quote(mention, anchor))
        marks.append(
            Mark(
                start=mention.start,
                end=mention.end,
                # A story that underlined its own hero in every line would be tiring to read.
                kind="subject" if subject else tag.kind,
                url=tag.get_absolute_url(),
                name=str(tag),
                suggested=suggested,
                anchor=anchor,
            )
        )
    own = {tag.name.casefold()}
    names = dict.fromkeys(
        quote.words for quote in quotes if tag.kind == "place" and quote.words.casefold() not in own
    )
    return TagInStory(
        tag=tag,
        subject=subject,
        suggested=suggested,
        origin=tagging.get_origin_display(),
        quotes=tuple(quotes),
        names=tuple(names),
    )


def _quote(mention: Mention, anchor: str) -> Quote:
    """The quotation with whole words of context around it, on one line."""
    before, words, after = mention.snippet(QUOTE_CONTEXT)
    if mention.before and not mention.before.endswith("\n"):
        before = f"…{before}"
    if after and not after.endswith((".", "!", "?", "…")):
        after = f"{after}…"
    return Quote(before, words, after, anchor, mention.rule)
