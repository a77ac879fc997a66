"""Atom feeds of the archive, of any list of stories and of any tag: what visitors may see."""

from __future__ import annotations

import datetime
import re
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from archive.models import KINDS, OldTagSlug, Tag
from archive.search import evidence
from archive.search.index import index
from archive.search.renames import follows_renames
from archive.search.results import Entry, ResultPage, search

#: Stories in a feed, the newest first; one of the sizes of a page of the list.
ENTRIES = 50
#: What XML cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class StoriesFeed(Feed):
    """The newest stories of a list; the address says which, in the words of the list."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ResultPage:
        """The page of results that the feed carries."""
        return results_for(request.GET)

    def title(self, results: ResultPage) -> str:
        """What was asked for, in words, and of which archive."""
        return xml(f"{results.description} · {settings.SITE_NAME}")

    def link(self, results: ResultPage) -> str:
        """Address of the same list as a page."""
        return _list_address(results)

    def subtitle(self, results: ResultPage) -> str:
        """What the feed carries."""
        return _("The newest stories first, up to %(number)s.") % {"number": ENTRIES}

    def items(self, results: ResultPage) -> list[Entry]:
        """The entries of the list."""
        return list(results.entries)

    def item_title(self, item: Entry) -> str:
        """The story's title."""
        return xml(item.story.title)

    def item_description(self, item: Entry) -> str:
        """The story's summary, or the sentence that answers the question; as HTML."""
        summary = evidence.plain(item.story.summary).strip()
        # Django declares it to be HTML, and readers of feeds take it for that.
        return escape(xml(summary or "".join(words for words, _marked in item.evidence)))

    def item_link(self, item: Entry) -> str:
        """Address of the story."""
        return item.story.get_absolute_url()

    def item_author_name(self, item: Entry) -> str | None:
        """Who told it, if that is known."""
        return xml(item.story.creator) or None

    def item_pubdate(self, item: Entry) -> datetime.datetime | None:
        """When it was published."""
        return item.story.published_at

    def item_updateddate(self, item: Entry) -> datetime.datetime:
        """When it was last changed."""
        return item.story.modified

    def item_categories(self, item: Entry) -> list[str]:
        """The names of its tags."""
        return [xml(str(tag)) for tag in item.tags]


class TagFeed(StoriesFeed):
    """The newest stories with one tag or with what lies below it."""

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ResultPage:
        """The page of results for the tag of the address."""
        tag = kwargs["tag"]
        question = QueryDict(mutable=True)
        question[tag.info.parameter] = tag.slug
        return results_for(question)


def results_for(params: QueryDict) -> ResultPage:
    """The newest stories of the list that *params* ask for, never a draft."""
    question = params.copy()
    question["sort"] = "newest"
    question["per_page"] = str(ENTRIES)
    question.pop("page", None)
    return search(question, reverse("stories"))


def _list_address(results: ResultPage) -> str:
    question = results.form.data.copy()
    for name in ("sort", "per_page"):
        question.pop(name, None)
    query = question.urlencode()
    return f"{results.clear_url}?{query}" if query else results.clear_url


def xml(text: str) -> str:
    """*text* without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


@require_safe
@follows_renames
def feed(request: HttpRequest) -> HttpResponseBase:
    """The feed of a list, or of the whole archive."""
    return StoriesFeed()(request)


@require_safe
def tag_feed(request: HttpRequest, kind: str, slug: str) -> HttpResponseBase:
    """The feed of a tag; an old address leads to the new one."""
    tag = Tag.objects.filter(kind=kind, slug=slug).first()
    if tag is None:
        old = OldTagSlug.objects.select_related("tag").filter(kind=kind, slug=slug).first()
        if old is None or not _in_use(old.tag):
            _not_here()
        return redirect(f"{KINDS[old.tag.kind].parameter}_feed", slug=old.tag.slug, permanent=True)
    if not _in_use(tag):
        _not_here()
    return TagFeed()(request, tag=tag)


def _in_use(tag: Tag) -> bool:
    return bool(index.stories_of(tag.pk))


def _not_here() -> NoReturn:
    raise Http404("No story that you may read names this.")
