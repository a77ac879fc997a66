"""The way in: home, the list of stories, about, and the page that shows the components."""

from __future__ import annotations

import dataclasses
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from archive.models import KINDS
from archive.reading.remembering import remembered
from archive.reading.tag_indexes import doors
from archive.search.filters import Criteria
from archive.search.index import index
from archive.search.loosening import loosen
from archive.search.renames import follows_renames
from archive.search.results import Facet, ResultPage, search
from archive.tagging.spans import RULES

#: Stories named on the home page beside the one to begin with.
MORE_LIVES = 4
#: The order of the rail.
RAIL_ORDER = ("place", "theme", "person")
#: With more of a question than this, a list is for the person who asked, not for search engines.
INDEXED_VALUES = 1
#: The tokens of colour, in the order in which the design page shows them.
COLOURS = ("paper", "raised", "ink", "muted", "rule", "person", "place", "theme", "lit")


@dataclasses.dataclass(frozen=True, slots=True)
class Door:
    """A way in by one kind of tag."""

    facet: Facet
    in_use: int  # tags of the kind that visible stories have
    all: str


@require_safe
@remembered
def home(request: HttpRequest) -> HttpResponse:
    """What this archive is, one search field, a life to begin with, doors to the tags."""
    results = search(QueryDict(), most=1 + MORE_LIVES)
    context = {
        "total": results.archive_total,
        "first": results.entries[0] if results.entries else None,
        "others": results.entries[1:],
        "doors": _doors(results),
    }
    return render(request, "home.html", context)


def _doors(results: ResultPage) -> list[Door]:
    with index.reading() as state:
        in_use = {kind: state.in_use(kind) for kind in KINDS}
    names = {"person": _("All people"), "place": _("All places"), "theme": _("All themes")}
    return [
        Door(facet, in_use[facet.kind], names.get(facet.kind, _("All")))
        for facet in doors(results.facets)
    ]


@require_safe
@remembered
@follows_renames
def stories(request: HttpRequest) -> HttpResponse:
    """The list of stories under the filters of the address."""
    results = search(request.GET, request.path)
    criteria = results.criteria
    context = {
        "results": results,
        "rail": rail(results) if results.archive_total else (),
        "loosened": loosen(results),
        "within": _within(criteria),
        "within_fields": _without_words(criteria),
        "canonical": criteria.url(request.path),
        "crowded": _crowded(criteria, results),
    }
    return render(request, "stories.html", context)


def rail(results: ResultPage) -> tuple[Facet, ...]:
    """The facets that have values, where a life was before who was in it, groupings last."""

    def place(facet: Facet) -> int:
        return RAIL_ORDER.index(facet.kind) if facet.kind in RAIL_ORDER else len(RAIL_ORDER)

    shown = sorted((facet for facet in results.facets if facet.values), key=place)
    return (*shown, *results.groupings)


def _within(criteria: Criteria) -> str:
    """What a link to a story carries, so that its page knows the list it was opened from."""
    asked = criteria.url("").removeprefix("?")
    return f"?{urlencode({'in': asked})}" if asked else ""


def _without_words(criteria: Criteria) -> list[tuple[str, str]]:
    """The question but for its words, as fields of a form; empty if there is nothing to keep."""
    return parse_qsl(criteria.replace(query="", sort="").url("").removeprefix("?"))


def _crowded(criteria: Criteria, results: ResultPage) -> bool:
    """Whether the page is one of the countless combinations that no search engine needs."""
    plain = not criteria.query and not criteria.sort and results.total > 0
    return not (plain and len(results.chips) <= INDEXED_VALUES)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the archive is, how its tags come about, whose data it uses."""
    context = {"rules": RULES.items(), "suggestions": settings.SHOW_SUGGESTIONS}
    return render(request, "about.html", context)


@require_safe
@staff_member_required
def design(request: HttpRequest) -> HttpResponse:
    """Every component in every theme, for those who build pages."""
    results = search(QueryDict("per_page=25"))
    context = {
        "results": results,
        "entries": results.entries[:2],
        "rail": rail(results),
        "themes": (("light", _("Light")), ("dark", _("Dark")), ("sepia", _("Sepia"))),
        "colours": COLOURS,
    }
    return render(request, "design.html", context)
