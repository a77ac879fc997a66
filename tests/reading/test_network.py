"""The network: what goes together, the same every time, with true numbers."""

from __future__ import annotations

import itertools
import re
import threading

import pytest
from django.http import QueryDict
from django.test import Client

from archive.models import Story, Tag, Tagging
from archive.reading import network as network_module
from archive.reading.asking import ask
from archive.reading.labels import overlap, text_width
from archive.reading.layout import NAME, lay_out, picture_size
from archive.reading.network import MAX_OF_A_KIND, MAX_TIES, network
from archive.search.index import index

pytestmark = pytest.mark.django_db


def drawn(query: str = ""):
    return network(ask(QueryDict(query)))


def page(address: str) -> str:
    response = Client().get(address)
    assert response.status_code == 200
    return response.content.decode()


def names(found) -> set[str]:
    return {node.tag.name for node in found.nodes}


def test_giulia_is_tied_to_what_her_story_tells(lives) -> None:
    found = drawn("person=giulia-baktybekova")
    assert {"Kokand", "Moscow", "Anatoly Pokrovsky", "Dance"} <= names(found)
    assert not {"Paris", "Kazakhstan", "Romy Baktybekova"} & names(found)
    assert [node.tag.name for node in found.nodes if node.asked] == ["Giulia Baktybekova"]


QUERIES = (
    "", "person=giulia-baktybekova", "q=Moscow", "theme=dance&theme=family&theme_any=1",
    "theme=dance&theme_exact=1", "not_place=france", "place=moscow&place=paris&place_any=1",
)  # fmt: skip


def test_each_number_is_that_of_the_list_behind_it(lives) -> None:
    for query in QUERIES:
        found = drawn(query)
        for item in (*found.nodes[::9], *found.ties[::23]):
            assert Client().get(item.url).context["results"].total == item.count, item.url


def test_what_lies_in_one_another_is_not_tied(lives) -> None:
    ties = {frozenset((tie.one.tag.name, tie.other.tag.name)) for tie in drawn().ties}
    assert frozenset(("Paris", "France")) not in ties
    assert frozenset(("Aktau", "Kazakhstan")) not in ties
    assert frozenset(("Dance", "Family")) in ties


def test_the_picture_does_not_jump(lives) -> None:
    first = re.findall(r"transform=\"[^\"]+\"", page("/network/"))
    lay_out.cache_clear()
    assert re.findall(r"transform=\"[^\"]+\"", page("/network/")) == first
    assert len(first) > 20


def test_names_do_not_cover_one_another() -> None:
    nodes = tuple((n, f"Name of {n * 37 % 1000}", 5.0 + n % 7) for n in range(120))
    ties = tuple((n, n * 7 % 120, 0.5) for n in range(1, 120) if n * 7 % 120 != n)
    at = lay_out(nodes, ties)
    width, height = picture_size(len(nodes))
    boxes = []
    for node, name, radius in nodes:
        x, y = at[node]
        half = text_width(name, NAME) / 2
        assert half <= x <= width - half and radius <= y <= height - radius - NAME
        boxes.append((x - half, y + radius, x + half, y + radius + NAME))
    assert sum(overlap(one, other) > 1 for one, other in itertools.combinations(boxes, 2)) < 3


def test_one_node_and_none_have_a_place() -> None:
    assert lay_out((), ()) == {}
    assert lay_out(((1, "Alone", 5.0),), ())


def test_the_page_says_the_same_in_picture_and_tables(lives) -> None:
    text = page("/network/?person=giulia-baktybekova")
    assert 'aria-label="Giulia Baktybekova and Moscow: 1 story"' in text
    assert "/stories/?person=giulia-baktybekova&amp;place=moscow" in text
    assert "/network/?person=giulia-baktybekova&amp;place=moscow" in text
    assert "style=" not in text


def test_drafts_tie_nothing(lives) -> None:
    Story.objects.filter(pk=lives["giulia"].pk).update(status=Story.Status.DRAFT)
    assert not {"Giulia Baktybekova", "Anatoly Pokrovsky", "Kokand"} & names(drawn())
    assert "Pokrovsky" not in page("/network/")


def test_empty_answers_are_said(db) -> None:
    assert "This archive has no stories yet." in page("/network/")
    Story.objects.create(title="A life", body="By the sea.", status=Story.Status.PUBLISHED)
    assert "they name too little" in page("/network/")
    assert "No story answers all of this." in page("/network/?person=nobody")


def test_many_tags_stay_bounded(db, django_assert_num_queries) -> None:
    def add(start: int, stop: int) -> None:
        for n in range(start, stop):
            story = Story.objects.create(
                title=f"Life {n}", body="A life.", status=Story.Status.PUBLISHED
            )
            tags = [
                Tag.objects.get_or_create(kind=kind, name=f"{kind} {n * step % size}")[0]
                for kind, size in (("person", 90), ("place", 70), ("theme", 50))
                for step in (1, 3, 7)
            ]
            Tagging.objects.bulk_create(
                Tagging(story=story, tag=tag, state=Tagging.State.CONFIRMED)
                for tag in dict.fromkeys(tags)
            )

    add(0, 5)
    drawn()
    with django_assert_num_queries(2):
        drawn()
    add(5, 60)
    found = drawn()
    assert len(found.nodes) <= 3 * MAX_OF_A_KIND
    assert len(found.ties) <= MAX_TIES
    assert found.left_out > 0
    with django_assert_num_queries(2):
        drawn()


def test_pairs_are_counted_while_others_read_the_index(lives, monkeypatch) -> None:
    free: list[bool] = []
    counted = network_module._pairs

    def look() -> None:
        free.append(index._lock.acquire(blocking=False))
        if free[-1]:
            index._lock.release()

    def pairs(*args):
        other = threading.Thread(target=look)
        other.start()
        other.join()
        return counted(*args)

    monkeypatch.setattr(network_module, "_pairs", pairs)
    assert network(ask(QueryDict("theme=music"))).ties
    assert free == [True]
