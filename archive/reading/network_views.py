"""The page of the network."""

from __future__ import annotations

import dataclasses
import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.models import KINDS, Kind
from archive.reading.asking import ask
from archive.reading.layout import NAME, lay_out, picture_size
from archive.reading.network import (
    MAX_OF_A_KIND,
    TIES_OF_A_TAG,
    Network,
    Node,
    Tie,
    network,
    shapes,
)
from archive.search.filters import PER_PAGE
from archive.search.renames import follows_renames
from archive.search.results import search

#: Lines of each table that are seen at once; the others open on demand.
ROWS_SHOWN = 12
#: Radii in pixels of nodes with few stories and with the most.
_SMALL, _LARGE = 5.0, 15.0


@dataclasses.dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node in the picture."""

    node: Node
    x: float
    y: float
    radius: float

    @property
    def shape(self) -> str:
        """The outline around the node's centre: a circle, a drop, a diamond; equal in area."""
        return _outline(self.node.tag.kind, self.radius)

    @property
    def name_y(self) -> float:
        """How far below the centre the baseline of the name is."""
        return round(self.radius + NAME, 1)


@dataclasses.dataclass(frozen=True, slots=True)
class DrawnTie:
    """A tie in the picture."""

    tie: Tie
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def weight(self) -> int:
        """How strong it is drawn, from 1 to 4."""
        return 1 + min(3, int(self.tie.strength * 4))


def _outline(kind: str, radius: float) -> str:
    """An SVG path for *kind* around the origin; a circle for what has no shape of its own."""
    if kind == Kind.THEME:
        half = round(radius * math.sqrt(math.pi / 2), 1)
        return f"M0-{half}L{half} 0L0 {half}L-{half} 0z"
    if kind == Kind.PLACE:
        # A drop: three quarters of a circle and a point below.
        size = round(radius * 0.94, 1)
        tip = round(size * 1.45, 1)
        side = round(size * 0.72, 1)
        return f"M0 {tip}L-{side} {side}A{size} {size} 0 1 1 {side} {side}z"
    size = round(radius, 1)
    return f"M-{size} 0A{size} {size} 0 1 1 {size} 0A{size} {size} 0 1 1-{size} 0z"


@require_safe
@follows_renames
def network_page(request: HttpRequest) -> HttpResponse:
    """What goes together in the stories that the address asks for."""
    question = ask(request.GET)
    found = network(question)
    criteria = question.criteria.replace(sort="", per_page=PER_PAGE[0])
    width, height = picture_size(len(found.nodes))
    nodes, ties = _drawn(found)
    listed = sorted((*found.nodes, *found.untied), key=lambda node: (-node.count, node.tag.pk))
    told = sorted(found.ties, key=lambda tie: -tie.count)
    context = {
        "results": search(request.GET, request.path),
        "network": found,
        "any_of": question.any_of(*KINDS),
        "width": width,
        "height": height,
        "nodes": nodes,
        "ties": ties,
        "shapes": [(kind, name, _outline(kind, 5.5)) for kind, name in shapes()],
        "of_a_kind": MAX_OF_A_KIND,
        "ties_of_a_tag": TIES_OF_A_TAG,
        "tie_rows": told[:ROWS_SHOWN],
        "more_ties": told[ROWS_SHOWN:],
        "node_rows": listed[:ROWS_SHOWN],
        "more_nodes": listed[ROWS_SHOWN:],
        "list_url": criteria.url(reverse("stories")),
        "map_url": criteria.url(reverse("map")),
    }
    return render(request, "network.html", context)


def _drawn(found: Network) -> tuple[list[DrawnNode], list[DrawnTie]]:
    most = max((node.count for node in found.nodes), default=1)
    # The size of most nodes stays when one story comes; the layout then stays too.
    radii = {
        node.tag.pk: round(_SMALL + (_LARGE - _SMALL) * math.sqrt(node.count / most), 1)
        for node in found.nodes
    }
    at = lay_out(
        tuple((node.tag.pk, node.tag.name, radii[node.tag.pk]) for node in found.nodes),
        tuple((tie.one.tag.pk, tie.other.tag.pk, round(tie.strength, 2)) for tie in found.ties),
    )
    nodes = [DrawnNode(node, *at[node.tag.pk], radii[node.tag.pk]) for node in found.nodes]
    ties = [DrawnTie(tie, *at[tie.one.tag.pk], *at[tie.other.tag.pk]) for tie in found.ties]
    return nodes, ties[::-1]  # the strongest above the others
