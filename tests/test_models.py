"""What the database itself refuses, and who may see what."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from archive.models import Mention, OldSlug, OtherName, Person, Source, Story, Tag, Tagging

pytestmark = pytest.mark.django_db


def a_story(**fields) -> Story:
    return Story.objects.create(**{"title": "A life", "body": "Once.", **fields})


def a_tagging() -> Tagging:
    return Tagging.objects.create(
        story=a_story(), tag=Tag.objects.create(kind="place", name="Paris")
    )


# Each row is written past every form and ``save()``, straight into the database.
REFUSED = {
    "a story without a title": lambda: Story.objects.filter(pk=a_story().pk).update(title=""),
    "an unknown status": lambda: Story.objects.filter(pk=a_story().pk).update(status="secret"),
    "published without a time": lambda: Story.objects.filter(pk=a_story().pk).update(
        status="published", published_at=None
    ),
    "dates in the wrong order": lambda: a_story(
        date_earliest=datetime.date(1990, 1, 1), date_latest=datetime.date(1980, 1, 1)
    ),
    "two stories at one address": lambda: [a_story(slug="one"), a_story(slug="one")],
    "a tag of no known kind": lambda: Tag.objects.create(kind="mood", name="Joy", slug="joy"),
    "a tag without a name": lambda: Tag.objects.create(kind="place", name=" ", slug="x"),
    "twins but for case and accents": lambda: [
        Tag.objects.create(kind="place", name=name) for name in ("Orléans", "  ORLEANS")
    ],
    "a tag below itself": lambda: Tag.objects.filter(pk=a_tagging().tag_id).update(
        broader=Tag.objects.get().pk
    ),
    "a person with coordinates": lambda: Tag.objects.create(
        kind="person", name="Anna", latitude=1, longitude=1
    ),
    "latitude alone": lambda: Tag.objects.create(kind="place", name="Anna", latitude=1),
    "a latitude beyond the pole": lambda: Tag.objects.create(
        kind="place", name="Nowhere", latitude=91, longitude=0
    ),
    "an other name twice": lambda: [
        OtherName.objects.create(
            tag=Tag.objects.get_or_create(kind="place", name="Paris")[0], name=n
        )
        for n in ("Lutetia", "LUTETIA")
    ],
    "the same tag on a story twice": lambda: Tagging.objects.create(
        story=a_tagging().story, tag=Tag.objects.get()
    ),
    "an unknown state": lambda: Tagging.objects.filter(pk=a_tagging().pk).update(state="perhaps"),
    "an unknown origin": lambda: Tagging.objects.filter(pk=a_tagging().pk).update(origin="oracle"),
    "an unknown role": lambda: Tagging.objects.filter(pk=a_tagging().pk).update(role="villain"),
    "a confidence over one": lambda: Tagging.objects.filter(pk=a_tagging().pk).update(confidence=2),
    "a mention of nothing": lambda: Mention.objects.create(
        tagging=a_tagging(), start=3, end=3, quote="x", rule="x"
    ),
    "a file kept twice": lambda: [
        Source.objects.create(sha256="a", name=n, size=1, compressed=b"") for n in "ab"
    ],
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_the_database_refuses(wrong) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        REFUSED[wrong]()


def test_namesakes_are_told_apart() -> None:
    first = Person.objects.create(name="Anna Petrova")
    second = Person.objects.create(name="Anna Petrova", disambiguation="the painter")
    assert (first.slug, second.slug) == ("anna-petrova", "anna-petrova-the-painter")
    assert second.kind == "person"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Мәриям Жагорқызы", "mari"),
        ("Łódź", "lodz"),
        ("李白", "libai"),
        ("🎈", "balloon"),
        ("﷽﷽", ""),
    ],
)
def test_addresses_are_romanised(name, slug) -> None:
    made = Person.objects.create(name=name).slug
    assert made.isascii()
    assert made.startswith(slug)


def test_a_circle_of_tags_is_refused() -> None:
    asia = Tag.objects.create(kind="place", name="Asia")
    kazakhstan = Tag.objects.create(kind="place", name="Kazakhstan", broader=asia)
    asia.broader = kazakhstan
    with pytest.raises(ValidationError, match="circle"):
        asia.full_clean()
    fame = Tag.objects.create(kind="theme", name="Fame")
    fame.broader = kazakhstan
    with pytest.raises(ValidationError, match="not a theme"):
        fame.full_clean()


def test_old_addresses_lead_to_the_story() -> None:
    a_story(slug="first", status="published")
    story = Story.objects.get()
    story.slug = "second"
    story.save()
    response = Client().get("/stories/first/")
    assert (response.status_code, response.url) == (301, "/stories/second/")
    # Back again: the address is the story's own, and no circle of redirects is left.
    story.slug = "first"
    story.save()
    assert Client().get("/stories/first/").status_code == 200
    assert set(OldSlug.objects.values_list("slug", flat=True)) == {"second"}


def test_a_new_story_does_not_take_an_old_address() -> None:
    story = a_story(title="Anna")
    story = Story.objects.get(pk=story.pk)
    story.slug = "anna-serova"
    story.save()
    assert a_story(title="Anna").slug == "anna-2"


def test_who_sees_what() -> None:
    soon = timezone.now() + datetime.timedelta(hours=1)
    a_story(title="Open", status="published")
    a_story(title="Draft")
    a_story(title="Soon", status="published", published_at=soon)
    assert [s.title for s in Story.objects.visible_to(AnonymousUser())] == ["Open"]
    reader = User.objects.create_user("reader")
    assert [s.title for s in Story.objects.visible_to(reader)] == ["Open"]
    boss = User.objects.create_superuser("boss")
    assert Story.objects.visible_to(boss).count() == 3
