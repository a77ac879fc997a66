"""The index is exact after every write, whoever writes, and never shows what is not committed."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import threading

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from archive.models import Change, Story, Tag, Tagging
from archive.search import state as state_module
from archive.search.index import index
from archive.search.triggers import install_after_migrate
from tests.search.conftest import add_story, ask, titles, total


def counts_by_rows() -> dict[int, int]:
    """The number of visible stories of each tag and what is below it, from the rows."""
    children: dict[int, set[int]] = {}
    for tag in Tag.objects.exclude(broader=None):
        children.setdefault(tag.broader_id, set()).add(tag.pk)
    counts = {}
    for tag in Tag.objects.all():
        family, waiting = {tag.pk}, [tag.pk]
        while waiting:
            new = children.get(waiting.pop(), set()) - family
            family |= new
            waiting += new
        counts[tag.pk] = (
            Story.objects.published()
            .filter(pk__in=Tagging.objects.shown().filter(tag__in=family).values("story"))
            .count()
        )
    return {tag: count for tag, count in counts.items() if count}


def test_counts_of_tags(cast):
    assert index.tag_counts() == counts_by_rows()
    assert index.tag_counts()[cast.tags["Central Asia"].pk] == 4
    assert cast.tags["Poverty"].pk not in index.tag_counts()
    paris = index.stories_of(cast.tags["Paris"].pk)
    assert set(paris) == {cast.stories["Lily"].pk, cast.stories["Thierry"].pk}
    paris.clear()  # a copy
    assert len(index.stories_of(cast.tags["Paris"].pk)) == 2
    assert not index.stories_of(10**12)


def save(story: Story, **fields) -> None:
    for name, value in fields.items():
        setattr(story, name, value)
    story.save()


def retire(story: Story) -> None:
    save(story, status="draft")


#: Each way of writing that the index must notice, by what it does.
WRITES = {
    "a new story": lambda s, t: add_story("New", tags=[t["Paris"], t["Dance"]]),
    "a story withdrawn": lambda s, t: retire(s["Lily"]),
    "a draft published": lambda s, t: save(s["Draft"], status="published"),
    "a bulk update": lambda s, t: Story.objects.update(status="draft"),
    "a story deleted": lambda s, t: s["Lily"].delete(),
    "stories deleted": lambda s, t: Story.objects.filter(title__in=["Lily", "Romy"]).delete(),
    "a tagging": lambda s, t: Tagging.objects.create(story=s["Romy"], tag=t["Paris"]),
    "taggings in bulk": lambda s, t: Tagging.objects.bulk_create(
        [Tagging(story=s["Giulia"], tag=t["Fame"]), Tagging(story=s["Romy"], tag=t["Poverty"])]
    ),
    "a tagging rejected": lambda s, t: Tagging.objects.filter(
        story=s["Lily"], tag=t["Paris"]
    ).update(state="rejected"),
    "taggings deleted": lambda s, t: Tagging.objects.filter(tag=t["Paris"]).delete(),
    "a tag merged": lambda s, t: Tagging.objects.filter(tag=t["Fame"], story=s["Lily"]).update(
        tag=t["Poverty"]
    ),
    "taggings moved to another story": lambda s, t: Tagging.objects.filter(
        story=s["Lily"], tag=t["Fame"]
    ).update(story=s["Romy"]),
    "a tag deleted": lambda s, t: t["Paris"].delete(),
    "a tag in the middle deleted": lambda s, t: t["Kazakhstan"].delete(),
    "a tag moved": lambda s, t: save(t["Central Asia"], broader=t["Russia"]),
    "a tag moved in bulk": lambda s, t: Tag.objects.filter(name="Moscow").update(
        broader=t["France"]
    ),
    "a tag cut off": lambda s, t: save(t["Kazakhstan"], broader=None),
    "a circle": lambda s, t: Tag.objects.filter(name="Asia").update(broader=t["Kokand"]),
    "a tag of another kind": lambda s, t: Tag.objects.filter(name="Fame").update(kind="person"),
    "a new place between": lambda s, t: save(
        t["Paris"],
        broader=Tag.objects.create(kind="place", name="Île-de-France", broader=t["France"]),
    ),
    "a new slug": lambda s, t: save(t["Paris"], slug="paname"),
    "a hidden time": lambda s, t: save(
        s["Romy"], published_at=timezone.now() + datetime.timedelta(days=3)
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_write_is_seen_at_once(lasting_cast, write):
    index.warm()
    before = index._shared._state
    write(lasting_cast.stories, lasting_cast.tags)
    assert index.tag_counts() == counts_by_rows()
    assert set(titles()) == set(Story.objects.published().values_list("title", flat=True))
    assert index._shared._state is before, "it was rebuilt, not replayed"


def test_slugs_follow(lasting_cast):
    assert total("?place=paris") == 2
    save(lasting_cast.tags["Paris"], slug="paname")
    assert total("?place=paris") == 0
    assert total("?place=paname") == 2
    # Two tags that change places.
    Tag.objects.filter(slug="paname").update(slug="x")
    Tag.objects.filter(slug="moscow").update(slug="paname")
    Tag.objects.filter(slug="x").update(slug="moscow")
    assert (total("?place=paname"), total("?place=moscow")) == (1, 2)


def test_a_scheduled_story_appears_when_its_time_comes(lasting_cast, monkeypatch):
    assert "Later" not in titles("place=paris")
    later = state_module.now() + datetime.timedelta(days=2)
    monkeypatch.setattr(state_module, "now", lambda: later)
    # The rows are still judged by the database's clock, which did not move.
    page = ask("place=paris")
    assert page.total == 3
    assert {entry.story.title for entry in page.entries} == {"Lily", "Thierry"}


def test_a_story_rescheduled_does_not_appear_at_its_old_time(lasting_cast, monkeypatch):
    total("")
    save(lasting_cast.stories["Later"], published_at=timezone.now() + datetime.timedelta(days=9))
    moment = state_module.now() + datetime.timedelta(days=2)
    monkeypatch.setattr(state_module, "now", lambda: moment)
    assert total("?place=paris") == 2
    moment += datetime.timedelta(days=8)
    assert total("?place=paris") == 3


def test_a_story_of_this_very_moment_is_there(db):
    """However its microseconds fall: nothing is rounded up to a time that has not come."""
    for number in range(40):
        story = add_story(f"Now {number}", published_at=timezone.now())
        assert story.title in titles("q=now&sort=newest&per_page=100")


class UndoError(Exception):
    pass


def test_what_is_rolled_back_was_never_there(lasting_cast):
    index.warm()
    with pytest.raises(UndoError), transaction.atomic():
        add_story("Phantom", tags=[lasting_cast.tags["Paris"]])
        lasting_cast.stories["Lily"].delete()
        # Inside, the transaction sees its own work …
        assert set(titles("place=paris")) == {"Thierry", "Phantom"}
        # … and nobody else does.
        assert in_thread(lambda: set(titles("place=paris"))) == {"Lily", "Thierry"}
        raise UndoError
    assert set(titles("place=paris")) == {"Lily", "Thierry"}
    # The numbers that were rolled back are given out again (SQLite), and must not be passed over.
    add_story("Real", tags=[lasting_cast.tags["Paris"]])
    assert set(titles("place=paris")) == {"Lily", "Thierry", "Real"}
    assert index.tag_counts() == counts_by_rows()


def test_a_savepoint_rolled_back(lasting_cast):
    index.warm()
    with transaction.atomic():
        add_story("Kept", tags=[lasting_cast.tags["Paris"]])
        with pytest.raises(UndoError), transaction.atomic():
            add_story("Phantom", tags=[lasting_cast.tags["Paris"]])
            assert total("?place=paris") == 4
            raise UndoError
        assert set(titles("place=paris")) == {"Lily", "Thierry", "Kept"}
        add_story("Second", tags=[lasting_cast.tags["Paris"]])
        assert total("?place=paris") == 4
    assert set(titles("place=paris")) == {"Lily", "Thierry", "Kept", "Second"}


def test_two_transactions_after_one_another(lasting_cast):
    for number in range(3):
        with pytest.raises(UndoError), transaction.atomic():
            add_story(f"Phantom {number}", tags=[lasting_cast.tags["Paris"]])
            assert f"Phantom {number}" in titles("place=paris")
            raise UndoError
        with transaction.atomic():
            assert set(titles("place=paris")) == {"Lily", "Thierry"}


def in_thread(work):
    """What *work* returns on a connection of its own."""
    answers = []

    def run() -> None:
        try:
            answers.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return answers[0]


def test_a_write_in_another_thread(lasting_cast):
    assert total("?place=paris") == 2
    in_thread(lambda: add_story("Elsewhere", tags=[lasting_cast.tags["Paris"]]))
    assert set(titles("place=paris")) == {"Lily", "Thierry", "Elsewhere"}


def test_a_write_by_another_process(lasting_cast):
    assert total("?place=paris") == 2
    database = connection.settings_dict
    code = (
        "import django; django.setup()\n"
        "from django.db import connections\n"
        f"connections['default'].settings_dict['NAME'] = {database['NAME']!r}\n"
        "from archive.models import Story, Tag, Tagging\n"
        "story = Story.objects.create(title='Far', body='Far away.', status='published')\n"
        "Tagging.objects.create(story=story, tag=Tag.objects.get(name='Paris'))\n"
        "Story.objects.create(title='Hidden', body='Far away.', status='draft')\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "archive.settings"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)
    assert set(titles("place=paris")) == {"Lily", "Thierry", "Far"}
    assert titles("q=away") == ["Far"]


def test_writers_and_readers_at_once(lasting_cast):
    """Readers never see half a change: two tags that are always given together count the same."""
    errors: list[object] = []
    stop = threading.Event()
    paris, moscow = lasting_cast.tags["Paris"], lasting_cast.tags["Moscow"]
    Tagging.objects.filter(tag__in=[paris, moscow]).delete()
    index.warm()

    def read() -> None:
        try:
            while not stop.is_set():
                counts = index.tag_counts()
                pair = counts.get(paris.pk, 0), counts.get(moscow.pk, 0)
                if pair[0] != pair[1]:
                    errors.append(pair)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(15):
        with transaction.atomic():
            add_story(f"Story {number}", tags=[paris, moscow])
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert total("?place=paris") == 15


if connection.vendor == "postgresql":  # SQLite commits in order

    def test_transactions_that_commit_out_of_order(lasting_cast):
        """A change numbered early but committed late is not passed over."""
        paris = lasting_cast.tags["Paris"]
        assert total("?place=paris") == 2
        written, go_on = threading.Event(), threading.Event()

        def slow() -> None:
            try:
                with transaction.atomic():
                    add_story("Slow", tags=[paris])
                    written.set()
                    go_on.wait(10)
            finally:
                connections.close_all()

        thread = threading.Thread(target=slow)
        thread.start()
        assert written.wait(10)
        add_story("Quick", tags=[paris])
        assert set(titles("place=paris")) == {"Lily", "Thierry", "Quick"}
        assert set(titles("place=paris")) == {"Lily", "Thierry", "Quick"}
        go_on.set()
        thread.join()
        assert set(titles("place=paris")) == {"Lily", "Thierry", "Quick", "Slow"}
        assert index.tag_counts() == counts_by_rows()


def test_a_log_that_was_cut_short_means_reading_everything(lasting_cast):
    index.warm()
    add_story("New", tags=[lasting_cast.tags["Paris"]])
    add_story("Newer", tags=[lasting_cast.tags["Paris"]])
    newest = Change.objects.order_by("-id").first()
    Change.objects.exclude(pk=newest.pk).delete()
    assert total("?place=paris") == 4


def test_an_emptied_log_means_reading_everything(lasting_cast):
    index.warm()
    add_story("New", tags=[lasting_cast.tags["Paris"]])
    Change.objects.all().delete()
    assert total("?place=paris") == 3


def test_an_emptied_archive(lasting_cast):
    from django.core.management import call_command

    assert total("") == 4
    call_command("flush", interactive=False, verbosity=0)
    assert total("") == 0
    add_story("Again")
    assert titles("q=text") == ["Again"]


def test_the_log_prunes_itself(lasting_cast, monkeypatch):
    from archive.search import triggers

    monkeypatch.setattr(triggers, "LOG_LENGTH", 20)
    monkeypatch.setattr(triggers, "PRUNE_EVERY", 5)
    install_after_migrate()
    try:
        for number in range(40):
            add_story(f"Story {number}")
            assert total("") == number + 5
        assert Change.objects.count() <= 30
    finally:
        monkeypatch.undo()
        install_after_migrate()


def test_installing_twice_changes_nothing(lasting_cast):
    install_after_migrate()
    install_after_migrate()
    before = Change.objects.count()
    Tagging.objects.create(story=lasting_cast.stories["Romy"], tag=lasting_cast.tags["Paris"])
    assert Change.objects.count() == before + 1
    assert total("?q=opera") == 1


def test_ids_far_apart(lasting_cast):
    """Ids of an archive that was merged from others: no table of four billion places."""
    add_story("Far", pk=4_000_000_000, tags=[lasting_cast.tags["Paris"]])
    add_story("Too far", pk=2**40, tags=[lasting_cast.tags["Paris"]])
    assert set(titles("place=paris")) == {"Lily", "Thierry", "Far"}
    index.reset()
    assert titles("place=paris&sort=title") == ["Far", "Lily", "Thierry"]
    Story.objects.all().delete()
    if connection.vendor == "sqlite":  # which goes on counting from the highest id
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = 'archive_story'")


def test_a_failed_replay_is_made_good(lasting_cast, monkeypatch):
    index.warm()
    add_story("New", tags=[lasting_cast.tags["Paris"]])
    with monkeypatch.context() as broken:
        broken.setattr(state_module.State, "replay_stories", None)
        with pytest.raises(TypeError):
            index.warm()
    assert total("?place=paris") == 3
