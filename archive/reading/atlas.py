"""Small maps: the path of one life or of several, a place with what lies in it, all places."""

from __future__ import annotations

import collections
import itertools
import math
from collections.abc import Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive.models import Tag
from archive.reading.asking import ask
from archive.reading.drawing import Spot, SvgMap, compose, fit
from archive.reading.located import point_of
from archive.reading.path import LifePath, Stop
from archive.reading.projection import KM_PER_UNIT
from archive.reading.regions import world
from archive.reading.world_map import world_map
from archive.search.index import index

#: Width and height of the small maps in pixels; the page scales them.
SMALL = (280, 184)
WIDE = (620, 300)
SEVERAL = (700, 340)
INDEX = (520, 242)
#: Circles of the index are smaller than those of the map, whose page they lead to.
_INDEX_SCALE = 0.5
#: A map shows at least so many kilometres from side to side: less says nothing of where it is.
_LEAST_KM = 2600
_LEAST = _LEAST_KM / KM_PER_UNIT
#: Places drawn within another one; those that most stories name.
MAX_WITHIN = 60


def path_map(paths: Sequence[LifePath]) -> SvgMap | None:
    """The map of one or several lives; None if none of their places has a point."""
    drawn = [path.drawn for path in paths]
    stops_at: dict[int, list[Stop]] = {}
    for stops in drawn:
        for stop in stops:
            stops_at.setdefault(stop.tag.pk, []).append(stop)
    if not stops_at:
        return None
    alone = len(paths) == 1
    places = {pk: number for number, pk in enumerate(stops_at)}
    named = collections.Counter(stops[0].tag.name for stops in stops_at.values())
    spots = [
        _stop_spot(stops, alone, twice=named[stops[0].tag.name] > 1) for stops in stops_at.values()
    ]
    legs = [
        (places[here.tag.pk], places[there.tag.pk], life)
        for life, stops in enumerate(drawn, 1)
        for here, there in itertools.pairwise(stops)
        if here.tag.pk != there.tag.pk
    ]
    size, padding = (SMALL, (46, 30)) if alone else (SEVERAL, (80, 44))
    view = fit([spot.point for spot in spots], size, padding, _LEAST)
    return compose(
        view,
        spots,
        legs,
        _("Map of the places in the order of the telling"),
        lives=() if alone else tuple(path.story.title for path in paths),
    )


def _stop_spot(stops: Sequence[Stop], alone: bool, twice: bool) -> Spot:
    first = stops[0]
    assert first.point is not None  # noqa: S101 - only drawn stops come here
    numbers = [str(stop.number) for stop in stops]
    shown = "·".join(numbers if len(numbers) <= 3 else [*numbers[:2], "…"])
    name = str(first.tag)
    return Spot(
        point=first.point,
        radius=8.5 if alone else 5,
        number=shown if alone else "",
        name=name if twice else first.tag.name,
        url=f"#{first.anchor}" if alone else first.tag.get_absolute_url(),
        title=f"{', '.join(numbers)}: {name}" if alone else name,
    )


def place_map(tag: Tag) -> SvgMap | None:
    """The place *tag* with what lies in it; None if nothing of it has a point.

    Two queries at most; of what lies in it, the places that most visible stories name are drawn.
    """
    with index.reading() as state:
        family = [pk for pk in state.family(tag.pk) if pk != tag.pk and state.direct.get(pk)]
        counts = {pk: len(state.below[pk]) for pk in (*family, tag.pk) if state.below.get(pk)}
    inside = sorted(family, key=lambda pk: (-counts[pk], pk))[:MAX_WITHIN]
    tags = [tag, *_in_order(inside)]
    spots = [_place_spot(place, counts.get(place.pk, 0)) for place in tags]
    located = [spot for spot in spots if spot is not None]
    if not located:
        return None
    view = fit([spot.point for spot in located], WIDE, (60, 36), _LEAST)
    title = _("Map of %(place)s") % {"place": tag}
    return compose(view, located, (), title, every_name=False)


def places_map() -> SvgMap | None:
    """The places of all visible stories, for the index of places; None if none has a point."""
    view = world(INDEX)
    found = world_map(ask(QueryDict()), view)
    spots = [
        Spot(
            point=row.circle.place.point,
            radius=row.circle.radius * _INDEX_SCALE,
            number="",
            name=row.tag.name,
            url=row.tag.get_absolute_url(),
            title=row.title,
        )
        for row in found.rows
        if row.circle is not None
    ]
    if not spots:
        return None
    title = _("Map of all places")
    return compose(view, spots, (), title, every_name=False, true_places=True)


def _in_order(ids: Sequence[int]) -> list[Tag]:
    found = Tag.objects.only(
        "kind", "name", "disambiguation", "slug", "notation", "latitude", "longitude"
    ).in_bulk(list(ids))
    return [found[pk] for pk in ids if pk in found]


def _place_spot(tag: Tag, count: int) -> Spot | None:
    point = point_of(tag)
    if point is None:
        return None
    told = ngettext("%(count)s story", "%(count)s stories", count) % {"count": count}
    return Spot(
        point=point,
        radius=min(14.0, 4 + math.sqrt(count)),
        number="",
        name=tag.name,
        url=tag.get_absolute_url(),
        title=f"{tag}: {told}",
    )
