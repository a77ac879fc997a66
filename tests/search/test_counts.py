"""A count is what one gets by following its link: random archives, random questions."""

from __future__ import annotations

import dataclasses
import datetime
import random

import pytest
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.models import KINDS, Collection, Story, Tag, Tagging
from archive.search import facets, matching, orders, sets
from archive.search.index import index
from archive.search.results import ResultPage
from archive.search.values import values
from tests.search.conftest import START, ask, total

WORDS = ["opera", "steppe", "winter", "school", "mother", "train", "bread", "letters"]


@dataclasses.dataclass(frozen=True)
class Question:
    """A question, as an address and as its parts."""

    wanted: dict[str, list[str]]
    unwanted: dict[str, list[str]]
    any_of: dict[str, bool]
    exact: dict[str, bool]
    collections: list[str]
    languages: list[str]
    word: str
    sort: str

    @property
    def query(self) -> str:
        pairs = [f"{kind}={slug}" for kind, slugs in self.wanted.items() for slug in slugs]
        pairs += [f"not_{kind}={slug}" for kind, slugs in self.unwanted.items() for slug in slugs]
        pairs += [f"{kind}_any=1" for kind, on in self.any_of.items() if on]
        pairs += [f"{kind}_exact=1" for kind, on in self.exact.items() if on]
        pairs += [f"collection={slug}" for slug in self.collections]
        pairs += [f"language={code}" for code in self.languages]
        pairs += [f"q={self.word}"] * bool(self.word) + [f"sort={self.sort}"]
        return "&".join(pairs)


def make_archive(rng: random.Random) -> None:
    """Tags in random trees, with stories of all states."""
    tags: list[Tag] = []
    for kind, info in KINDS.items():
        own: list[Tag] = []
        for number in range(rng.randint(3, 20)):
            broader = rng.choice(own) if info.tree and own and rng.random() < 0.6 else None
            own.append(Tag.objects.create(kind=kind, name=f"{kind} {number}", broader=broader))
        tags += own
    groups = [None, *(Collection.objects.create(name=name) for name in ("First", "Second"))]
    for number in range(rng.randint(0, 40)):
        moment = START + datetime.timedelta(days=rng.randint(0, 20))
        if rng.random() < 0.1:
            moment = timezone.now() + datetime.timedelta(days=1)
        story = Story.objects.create(
            title=rng.choice(["Éclat", "eclat", "Zoë", "“Anna”", "Борис", "anna"]),
            body=" ".join(rng.sample(WORDS, 3)),
            status=rng.choice(["published", "published", "published", "draft"]),
            published_at=moment,
            word_count=rng.randint(1, 5),
            collection=rng.choice(groups),
            language=rng.choice(["en", "en", "ru", "kk"]),
            slug=f"story-{number}",
        )
        Tagging.objects.bulk_create(
            Tagging(story=story, tag=tag, state=rng.choice(["suggested", "confirmed", "rejected"]))
            for tag in rng.sample(tags, rng.randint(0, min(6, len(tags))))
        )


def make_question(rng: random.Random) -> Question:
    slugs = {
        kind: [*Tag.objects.filter(kind=kind).values_list("slug", flat=True), "atlantis"]
        for kind in KINDS
    }

    def some(kind: str) -> list[str]:
        return rng.sample(slugs[kind], min(len(slugs[kind]), rng.choice([0, 0, 1, 1, 2, 3])))

    return Question(
        wanted={kind: some(kind) for kind in KINDS},
        unwanted={kind: some(kind) if rng.random() < 0.2 else [] for kind in KINDS},
        any_of={kind: rng.random() < 0.4 for kind in KINDS},
        exact={kind: info.tree and rng.random() < 0.3 for kind, info in KINDS.items()},
        collections=rng.choice([[], [], ["first"], ["first", "second"], ["none"]]),
        languages=rng.choice([[], [], ["ru"], ["ru", "kk"]]),
        word=rng.choice(["", "", *WORDS]),
        sort=rng.choice(["newest", "oldest", "longest", "shortest"]),
    )


ORDER = {
    "newest": ("-published_at", "id"),
    "oldest": ("published_at", "id"),
    "longest": ("-word_count", "id"),
    "shortest": ("word_count", "id"),
}


def below(tag: Tag) -> set[int]:
    """Ids of *tag* and all that is narrower, row by row."""
    found = {tag.pk}
    for child in Tag.objects.filter(broader=tag):
        found |= below(child)
    return found


def answer_by_rows(question: Question) -> list[int]:
    """The same answer from the rows, in the plainest way."""
    stories = Story.objects.published()

    def with_tag(kind: str, slug: str) -> Q:
        tag = Tag.objects.filter(kind=kind, slug=slug).first()
        if tag is None:
            return Q(pk__in=[])
        family = {tag.pk} if question.exact[kind] else below(tag)
        return Q(pk__in=Tagging.objects.shown().filter(tag__in=family).values("story"))

    for kind in KINDS:
        conditions = [with_tag(kind, slug) for slug in question.wanted[kind]]
        if question.any_of[kind] and conditions:
            either = conditions[0]
            for condition in conditions[1:]:
                either |= condition
            conditions = [either]
        for condition in conditions:
            stories = stories.filter(condition)
        for slug in question.unwanted[kind]:
            stories = stories.exclude(with_tag(kind, slug))
    if question.collections:
        stories = stories.filter(collection__slug__in=question.collections)
    if question.languages:
        stories = stories.filter(language__in=question.languages)
    if question.word:
        stories = stories.filter(body__contains=question.word)
    return list(stories.order_by(*ORDER[question.sort]).values_list("pk", flat=True))


def check_links(page: ResultPage) -> None:
    """The links beside the counts keep what they promise, and all values are those of the list."""
    for facet in page.facets:
        for value in facet.values[:3]:
            if not value.selected:
                without = total(value.exclude_url)
                assert without <= page.total
                if f"{facet.kind}_any=1" not in value.url:
                    assert without + value.count == page.total
        for mode in facet.modes:
            assert (total(mode.url) == page.total) or not mode.selected
        path, _, query = facet.all_url.partition("?")
        every = values(facet.kind, QueryDict(query), path, "/stories/").values
        assert set(facet.values) <= set(every)
        assert len(every) == len(facet.values) + facet.more


@pytest.mark.django_db
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_counts_are_true_and_results_are_those_of_the_rows(seed):
    rng = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        if rng.random() < 0.5:
            # Small archives take the way of large ones.
            patch.setattr(matching, "FEW", rng.choice([-1, 3, 1_000]))
            patch.setattr(matching, "FEW_SHARE", 0)
            patch.setattr(sets, "RARE", rng.choice([0, 1, 3, 64]))
            patch.setattr(sets, "_CHUNK", rng.choice([1, 100_000]))
            patch.setattr(orders, "_FEW_SHARE", rng.choice([0, 1]))
            patch.setattr(orders, "_STEP", rng.choice([1, 1_000]))
            patch.setattr(orders, "_NEAR", rng.choice([0, 2, 1_000]))
        patch.setattr(facets, "SHOWN", rng.choice([2, 12]))
        index.reset()
        make_archive(rng)
        for _ in range(12):
            check(make_question(rng))
            if rng.random() < 0.5:
                # An edit between two questions.
                Tagging.objects.filter(pk__in=Tagging.objects.values("pk")[:2]).delete()
        transaction.set_rollback(True)
    index.reset()


def check(question: Question) -> None:
    """What is listed are the rows that answer; each count is what its link leads to."""
    page = ask(question.query)
    expected = answer_by_rows(question)
    assert page.total == len(expected), question.query
    assert [entry.story.pk for entry in page.entries] == expected[: page.per_page]
    for facet in (*page.facets, *page.groupings):
        for value in facet.values:
            assert value.count == total(value.url), (question.query, value)
    check_links(page)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(20, 26))
def test_the_best_values_are_shown(seed, monkeypatch):
    """The values shown are the first of all, by count, then name; the others are numbered."""
    rng = random.Random(seed)
    make_archive(rng)
    for _ in range(6):
        question = make_question(rng)
        with monkeypatch.context() as everything:
            everything.setattr(facets, "SHOWN", 1_000)
            whole = ask(question.query).facets
        for few, rare in ((1_000, 64), (1_000, 2), (-1, 64), (-1, 0), (-1, 2)):
            with monkeypatch.context() as some:
                some.setattr(sets, "RARE", rare)
                some.setattr(sets, "_CHUNK", 1 + rare // 2)
                index.reset()
                some.setattr(matching, "FEW", few)
                some.setattr(matching, "FEW_SHARE", 0)
                some.setattr(facets, "SHOWN", 3)
                for facet, full in zip(ask(question.query).facets, whole, strict=True):
                    free = [value for value in full.values if not value.selected]
                    counts = [value.count for value in free]
                    assert counts == sorted(counts, reverse=True)
                    assert [v for v in facet.values if not v.selected] == free[:3]
                    assert facet.more == max(0, len(free) - 3)
                    assert [v for v in facet.values if v.selected] == [
                        v for v in full.values if v.selected
                    ]
