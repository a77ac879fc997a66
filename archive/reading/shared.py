"""A draft that somebody shared by a link."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.models import ShareLink, Story
from archive.reading.story_views import story_context

#: Longest token that is looked at, in characters; ours have 43.
TOKEN_CHARS = 100


@require_safe
def shared_story(request: HttpRequest, token: str) -> HttpResponse:
    """The story that *token* opens, to be read and nothing else.

    The address is a secret: it is told to no other site, kept by no cache and found by no search.
    """
    link = None
    if len(token) <= TOKEN_CHARS:
        link = ShareLink.objects.open().by_token(token).first()  # type: ignore[attr-defined]
    if link is None:
        raise Http404("This link is not valid any more.")
    story = Story.objects.select_related("collection", "source").get(pk=link.story_id)
    context = {**story_context(request, story), "way": None, "shared": link}
    response = render(request, "story.html", context)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response
