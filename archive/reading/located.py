"""Which places are points on a map, and which are too wide or too past to be one."""

from __future__ import annotations

from archive.models import Tag
from archive.reading.projection import Point, project
from archive.tagging import gazetteer

#: Sorts of the gazetteer that no single point stands for.
APART = ("continent", "macro-region", "historical state")


def sort_of(tag: Tag) -> str:
    """The gazetteer's word for the sort of place that *tag* is; empty if it does not know it."""
    if not tag.notation or not gazetteer.knows(tag.notation):
        return ""
    return gazetteer.place(tag.notation).sort


def point_of(tag: Tag) -> Point | None:
    """Where *tag* is in the plane of the map; None for what has no point."""
    if tag.latitude is None or tag.longitude is None or sort_of(tag) in APART:
        return None
    return project(tag.latitude, tag.longitude)
