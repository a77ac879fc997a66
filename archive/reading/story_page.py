"""A story as its page shows it: marked text, and each tag with the words that support it."""

from __future__ import annotations

import dataclasses
import html
import re
import unicodedata

from django.utils.translation import ngettext

from archive.models import KINDS, KindInfo, Mention, Story, Tag, Tagging
from archive.reading.anchors import anchor as anchor_of
from archive.reading.sentences import in_context
from archive.rendering import Heading, Mark, render
from archive.search.index import index

#: Words of context beside a quotation, in characters.
QUOTE_CONTEXT = 50
#: Quotations of a tag that are seen at once; two say more than one, ten say no more than two.
QUOTES_SHOWN = 2
#: Quotations of a tag in all; a book may name somebody a thousand times, and the text shows them.
QUOTES_LISTED = 20
#: Other names on a tag's card.
NAMES_ON_CARD = 4
#: Tags of a kind that the index shows before it offers the rest.
TAGS_AT_ONCE = 12
#: Chapters that are listed; deeper headings are within them.
CHAPTERS_LISTED = 200
#: From here on nobody counts in minutes.
MINUTES_SAID = 120
#: An opening paragraph of so many characters has the three lines that a large initial needs.
INITIAL_CHARS = 200

_OPENING = re.compile(r'<p(?: dir="auto")?>(.*?)</p>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SCRIPTS_WITH_INITIALS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN")
_ANCHOR_IN_PAGE = re.compile(r' id="(m-\d+)"')
_HEADING = re.compile(r'(<h([2-6])[^>]* id="([^"]+)">.*?)(</h\2>)', re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True)
class Quote:
    """Words that support a tag, with what stands around them, and where they are on the page."""

    before: str
    words: str
    after: str
    anchor: str  # empty where the words could not be marked
    rule: str


@dataclasses.dataclass(frozen=True, slots=True)
class TagInStory:
    """One tag of the story."""

    tag: Tag
    url: str  # of its page; "" while only drafts name it
    subject: bool
    suggested: bool
    origin: str
    quotes: tuple[Quote, ...]  # the first of them
    count: int  # how many there are
    names: tuple[str, ...]  # what the text calls it, where that is not the tag's own name
    other_names: tuple[str, ...]
    others: int  # further stories that visitors find under the tag
    first_mark: int  # its marks are m-first_mark to m-(first_mark + count - 1)
    anchor: str = ""  # the first of its words that are marked in the page, if any are

    @property
    def first_quotes(self) -> tuple[Quote, ...]:
        """Those that are seen at once."""
        return self.quotes[:QUOTES_SHOWN]

    @property
    def more_quotes(self) -> tuple[Quote, ...]:
        """Those that open on demand."""
        return self.quotes[QUOTES_SHOWN:]

    @property
    def unlisted(self) -> int:
        """How many more there are in the text."""
        return self.count - len(self.quotes)


@dataclasses.dataclass(frozen=True, slots=True)
class KindInStory:
    """The tags of one kind."""

    info: KindInfo
    tags: tuple[TagInStory, ...]

    @property
    def first_tags(self) -> tuple[TagInStory, ...]:
        """Those that are seen at once. One or two more are not worth a fold."""
        return self.tags if len(self.tags) <= TAGS_AT_ONCE + 2 else self.tags[:TAGS_AT_ONCE]

    @property
    def more_tags(self) -> tuple[TagInStory, ...]:
        """Those that open on demand."""
        return self.tags[len(self.first_tags) :]


def reading_time(minutes: int) -> str:
    """How long reading takes, as people say it: in minutes, from two hours on in hours."""
    if minutes < MINUTES_SAID:
        return ngettext("%(n)s min", "%(n)s min", minutes) % {"n": minutes}
    return ngettext("%(n)s hour", "%(n)s hours", round(minutes / 60)) % {"n": round(minutes / 60)}


@dataclasses.dataclass(frozen=True, slots=True)
class StoryPage:
    """What the template draws."""

    html: str
    kinds: tuple[KindInStory, ...]
    chapters: tuple[Heading, ...]  # empty unless there are two or more
    time: str  # that reading it takes
    initial: bool  # whether the first letter may be drawn large


def story_page(story: Story, heading_link: str = "") -> StoryPage:
    """Render *story* and gather its tags; four queries, however many tags there are.

    *heading_link* says what the link beside each heading does; without it there are none.
    """
    taggings = list(
        story.taggings.shown()  # type: ignore[attr-defined]
        .select_related("tag")
        .prefetch_related("mentions", "tag__other_names")
    )
    others = _other_stories(story, [tagging.tag_id for tagging in taggings])
    marks: list[Mark] = []
    found = [_tag_in_story(tagging, marks, others, story.is_public) for tagging in taggings]
    rendered = render(story.body, marks, language=story.language)
    drawn = set(_ANCHOR_IN_PAGE.findall(rendered.html))
    by_kind: dict[str, list[TagInStory]] = {kind: [] for kind in KINDS}
    for item in found:
        by_kind[item.tag.kind].append(_only_drawn(item, drawn))
    for tags in by_kind.values():
        # The subject first, then what the text speaks of most; ties in the order of the text.
        tags.sort(key=lambda item: (not item.subject, -item.count, item.tag.name_key))
    return StoryPage(
        html=_link_headings(rendered.html, heading_link) if heading_link else rendered.html,
        kinds=tuple(KindInStory(KINDS[k], tuple(tags)) for k, tags in by_kind.items() if tags),
        chapters=_chapters(rendered.headings),
        time=reading_time(story.reading_minutes),
        initial=_takes_initial(rendered.html),
    )


def _other_stories(story: Story, tags: list[int]) -> dict[int, int]:
    """For each tag, the visible stories with it or with what lies below it, but this one."""
    with index.reading() as state:
        return {
            tag: len(members) - (story.pk in members)
            for tag in tags
            if (members := state.below.get(tag)) is not None
        }


def _chapters(headings: tuple[Heading, ...]) -> tuple[Heading, ...]:
    """The upper levels of headings, as far as a list of them helps."""
    if len(headings) < 2:
        return ()
    top = min(heading.level for heading in headings)
    for depth in (1, 0):
        chosen = tuple(h for h in headings if h.level <= top + depth and h.words)
        if len(chosen) <= CHAPTERS_LISTED:
            break
    return chosen[:CHAPTERS_LISTED]


def _takes_initial(page: str) -> bool:
    """Whether the page opens with a paragraph of several lines in letters that stand alone."""
    opening = _OPENING.match(page)
    words = html.unescape(_TAG.sub("", opening[1])) if opening else ""
    if len(words) < INITIAL_CHARS or "<br" in (opening[1] if opening else ""):
        return False
    first = words[:1]  # a quotation mark of three lines' height would shout
    return first.isupper() and unicodedata.name(first, "").startswith(_SCRIPTS_WITH_INITIALS)


def _link_headings(page: str, label: str) -> str:
    """Put a link to itself at the end of each heading."""
    label = html.escape(label)

    def link(match: re.Match[str]) -> str:
        anchor = f'<a class="heading-link" href="#{match[3]}" aria-label="{label}"></a>'
        return f"{match[1]}{anchor}{match[4]}"

    return _HEADING.sub(link, page)


def _only_drawn(item: TagInStory, drawn: set[str]) -> TagInStory:
    """The same tag, with addresses only of words that the page marks."""
    anchors = (anchor_of(item.first_mark + number) for number in range(item.count))
    quotes = tuple(
        quote if quote.anchor in drawn else dataclasses.replace(quote, anchor="")
        for quote in item.quotes
    )
    anchor = next((anchor for anchor in anchors if anchor in drawn), "")
    return dataclasses.replace(item, quotes=quotes, anchor=anchor)


def _tag_in_story(
    tagging: Tagging, marks: list[Mark], others: dict[int, int], public: bool
) -> TagInStory:
    """One tag with its quotations; adds the marks for the text to *marks*."""
    tag = tagging.tag
    suggested = tagging.state == Tagging.State.SUGGESTED
    subject = tagging.role == Tagging.Role.SUBJECT
    # What only drafts name has no page yet: its marks lead to themselves.
    has_page = public or bool(others.get(tag.pk))
    url, name = tag.get_absolute_url() if has_page else "", str(tag)
    mentions = [mention for mention in tagging.mentions.all() if not mention.lost]
    first_mark = len(marks) + 1
    quotes = tuple(
        _quote(mention, anchor_of(first_mark + number))
        for number, mention in enumerate(mentions[:QUOTES_LISTED])
    )
    for mention in mentions:
        place = anchor_of(len(marks) + 1)
        marks.append(
            Mark(
                start=mention.start,
                end=mention.end,
                # A story that underlined its own hero in every line would be tiring to read.
                kind="subject" if subject else tag.kind,
                url=url or f"#{place}",
                name=name,
                suggested=suggested,
                anchor=place,
            )
        )
    own = {tag.name.casefold()}
    spoken = (" ".join(mention.quote.split()) for mention in mentions if tag.kind == "place")
    names = dict.fromkeys(words for words in spoken if words.casefold() not in own)
    return TagInStory(
        tag=tag,
        url=url,
        subject=subject,
        suggested=suggested,
        origin=tagging.get_origin_display(),
        quotes=quotes,
        count=len(mentions),
        names=tuple(names)[:NAMES_ON_CARD],
        other_names=tuple(other.name for other in list(tag.other_names.all())[:NAMES_ON_CARD]),
        others=others.get(tag.pk, 0),
        first_mark=first_mark,
    )


def _quote(mention: Mention, anchor: str) -> Quote:
    """The quotation with whole words of context around it, on one line."""
    near = in_context(mention, QUOTE_CONTEXT)
    before = f"…{near.before}" if near.cut_before else near.before
    ended = near.after.endswith((".", "!", "?", "…"))
    after = f"{near.after}…" if near.cut_after and not ended else near.after
    return Quote(before, near.words, after, anchor, mention.rule)
