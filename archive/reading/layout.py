"""Where the nodes of a network go: near what they are tied to, names apart; the same every time."""

from __future__ import annotations

import functools
import math

import numpy as np

from archive.reading.labels import text_width

#: Size of the names, and what is kept free around a node with its name, in pixels.
NAME = 12.0
_GAP = 7.0
_SEED = 20
_ROUNDS = 150
_PUSHES = 300
#: Ties without which parts that nothing ties would fly apart.
_LOOSE = 0.05

#: Id, name, radius.
NodeShape = tuple[int, str, float]
#: Two ids and the strength of their tie.
TieShape = tuple[int, int, float]


def picture_size(nodes: int) -> tuple[int, int]:
    """Width and height in pixels for so many nodes."""
    return 1120, round(min(1000, max(420, 240 + 62 * math.sqrt(nodes))))


@functools.lru_cache(maxsize=64)
def lay_out(
    nodes: tuple[NodeShape, ...], ties: tuple[TieShape, ...]
) -> dict[int, tuple[float, float]]:
    """The centre of each node in the picture, in pixels."""
    if not nodes:
        return {}
    width, height = picture_size(len(nodes))
    near = _attracted(nodes, ties)
    points = np.array([near[node] for node, _name, _radius in nodes])
    boxes = np.array(
        [
            (max(text_width(name, NAME), 2 * radius) + _GAP, 2 * radius + NAME * 1.3 + _GAP)
            for _node, name, radius in nodes
        ]
    )
    frame = np.array([width, height])
    points = _filled(points, boxes, frame)
    points = _pushed_apart(points, boxes, frame)
    # A name stands below its node: the middle of both is not the middle of the node.
    points[:, 1] -= NAME * 0.65
    return {
        node: (round(float(x), 1), round(float(y), 1))
        for (node, _name, _radius), (x, y) in zip(nodes, points, strict=True)
    }


def _attracted(
    nodes: tuple[NodeShape, ...], ties: tuple[TieShape, ...]
) -> dict[int, tuple[float, float]]:
    """The layout of Fruchterman and Reingold (1991), from a fixed seed."""
    import networkx  # heavy, and only this page needs it

    graph = networkx.Graph()
    graph.add_nodes_from(node for node, _name, _radius in nodes)
    graph.add_weighted_edges_from(ties)
    parts = sorted(networkx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    for part in parts[1:]:
        graph.add_edge(min(parts[0]), min(part), weight=_LOOSE)
    return dict(
        networkx.spring_layout(graph, k=2.2 / math.sqrt(len(nodes)), iterations=_ROUNDS, seed=_SEED)
    )


def _filled(points: np.ndarray, boxes: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """*points* stretched over the frame: half by place, half by rank, so that nothing is a heap."""
    low, high = boxes.max(axis=0) / 2, frame - boxes.max(axis=0) / 2
    extent = np.ptp(points, axis=0)
    shares = (points - points.min(axis=0)) / np.where(extent > 0, extent, 1)
    ranks = points.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    mixed = (shares + ranks / max(1, len(points) - 1)) / 2
    if len(points) == 1:
        return frame[None, :] / 2
    return low + mixed * (high - low)


def _pushed_apart(points: np.ndarray, boxes: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """*points* moved until the boxes around them do not overlap, or it takes too long."""
    points = points.copy()
    order = np.sign(np.arange(len(points))[:, None] - np.arange(len(points))[None, :])
    wanted = (boxes[:, None, :] + boxes[None, :, :]) / 2
    for _ in range(_PUSHES):
        apart = points[:, None, :] - points[None, :, :]
        overlap = wanted - np.abs(apart)
        clash = (overlap > 0).all(axis=2)
        np.fill_diagonal(clash, False)
        if not clash.any():
            break
        side = np.where(apart == 0, order[:, :, None], np.sign(apart))
        across = overlap[:, :, 0] < overlap[:, :, 1]
        for axis, chosen in ((0, across), (1, ~across)):
            push = np.where(clash & chosen, side[:, :, axis] * overlap[:, :, axis] / 2, 0)
            points[:, axis] += push.sum(axis=1) * 0.6
        points = np.clip(points, boxes / 2, frame - boxes / 2)
    return points
