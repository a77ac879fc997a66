"""The text as readers will get it, while it is being written."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render as draw
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from archive.curation.roles import OWN
from archive.models import Mention, Story, Tagging
from archive.models.story import MAX_BODY_CHARS, WORDS_PER_MINUTE
from archive.rendering import Mark, render, word_count
from archive.tagging.anchoring import reanchor

#: Marks that a preview draws, and the longest text (in characters) in which they are looked for
#: while it is typed; the page itself draws all.
MAX_MARKS, MAX_SEARCHED = 500, 300_000


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The posted text rendered by the very renderer of the pages, with the marks of its tags.

    Answers JSON to a script and a page to a form (``title``, ``body``, ``story``: its id).
    """
    body = request.POST.get("body", "").replace("\r\n", "\n")[:MAX_BODY_CHARS]
    marks = _marks(_story(request), body)
    language = request.POST.get("language", "")[:35]
    html = render(body, marks, language).html
    words = word_count(body)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"html": html, "words": length(words)})
    context = {
        "title": request.POST.get("title", "")[:300],
        "language": language,
        "html": html,
        "words": length(words),
    }
    return draw(request, "admin/archive/story/preview.html", context)


def length(words: int) -> str:
    """So many words, and the minutes they take to read."""
    minutes = max(1, round(words / WORDS_PER_MINUTE))
    counted = ngettext("%(n)s word", "%(n)s words", words) % {"n": f"{words:,}"}
    return _("%(words)s, about %(minutes)s min to read") % {"words": counted, "minutes": minutes}


def _story(request: HttpRequest) -> Story | None:
    """The story that is being edited; None for one that is new.

    Raises:
        Http404: it is not there, or not for this account.
        PermissionDenied: the account writes no stories.
    """
    user = request.user
    if not any(map(user.has_perm, (OWN, "archive.add_story", "archive.change_story"))):
        raise PermissionDenied
    key = request.POST.get("story", "")
    if not key:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Http404
    story = Story.objects.editable_by(user).filter(pk=key).first()
    if story is None:
        raise Http404
    return story


def _marks(story: Story | None, body: str) -> list[Mark]:
    """Where the words of the story's tags stand in *body*; each mark names its tagging."""
    if story is None:
        return []
    mentions = (
        Mention.objects.filter(tagging__story=story, lost=False)
        .exclude(tagging__state=Tagging.State.REJECTED)
        .select_related("tagging__tag")
        .order_by("start", "pk")[:MAX_MARKS]
    )
    same = body == story.body
    if not same and len(body) > MAX_SEARCHED:
        return []
    marks = []
    for number, mention in enumerate(mentions):
        place: tuple[int, int] | None = (mention.start, mention.end)
        if not same:
            place = reanchor(body, mention.quote, mention.before, mention.after, mention.start)
        if place is None:
            continue
        tagging = mention.tagging
        marks.append(
            Mark(
                start=place[0],
                end=place[1],
                kind=tagging.tag.kind,
                url="",
                name=str(tagging.tag),
                suggested=tagging.state == Tagging.State.SUGGESTED,
                anchor=f"t{tagging.pk}-{number}",
            )
        )
    return marks
