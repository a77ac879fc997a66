"""Many stories at once: asked first, done once, one revision, one record; who may."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from reversion.models import Revision, Version

from archive.curation import bulk
from archive.models import AuditEntry, Collection, Story, Tag, Tagging
from archive.pipeline import retag
from archive.search.index import index

STORIES = "/admin/archive/story/"
STATE = Tagging.State


def ask(desk: Client, deed: str, query: str = "", **more):
    data = {"action": deed, "select_across": "1", "index": "0", "_selected_action": ["1"], **more}
    return desk.post(f"{STORIES}?{query}", data)


def do(desk: Client, deed: str, query: str = "", **more):
    seal = ask(desk, deed, query).context["seal"]
    return desk.post(
        f"{STORIES}?{query}",
        {
            "action": deed, "select_across": "1", "index": "0", "_selected_action": ["1"],
            "seal": seal, **more,
        },
        follow=True,
    )  # fmt: skip


def test_asked_first_then_published_in_one_revision(lives, desk, curator) -> None:
    Story.objects.update(status="draft", published_at=None)
    page = ask(desk, "publish", "q=dance")
    assert page.context["count"] == Story.objects.count() == 4
    assert not Story.objects.filter(status="published").exists()
    revisions = Revision.objects.count()
    done = do(desk, "publish", "q=dance")
    assert "Published (4 stories)" in done.text
    assert Story.objects.published().count() == 4
    made = Revision.objects.order_by("pk").last()
    assert (made.user, made.comment) == (curator, "Published")
    assert Revision.objects.count() == revisions + 2, "as it was, and what was done"
    story = Story.objects.get(pk=lives["romy"].pk)
    versions = Version.objects.get_for_object(story)
    assert [version.field_dict["status"] for version in versions] == ["published", "draft"]
    entry = AuditEntry.objects.get(action="story.published")
    assert (entry.user, entry.details["stories"]) == (curator, 4)
    assert len(index.stories_of(lives["romy"].taggings.first().tag_id)) > 0
    do(desk, "unpublish")
    assert Story.objects.published().count() == 0


def test_only_the_filtered_stories(lives, desk) -> None:
    do(desk, "unpublish", "q=Aktau")
    assert [story.pk for story in Story.objects.filter(status="draft")] == [lives["lily"].pk]


def test_a_tag_is_added_with_its_words_and_removed_for_good(lives, desk) -> None:
    tag = Tag.objects.create(kind="theme", name="the world")
    lives["romy"].taggings.create(tag=tag, state=STATE.REJECTED)
    unknown = do(desk, "add_tag", name="nothing so called", kind="theme")
    assert "No tag is called" in unknown.text
    done = do(desk, "add_tag", name="The World", kind="theme")
    assert "Tag added: the world (4 stories)" in done.text
    assert tag.taggings.filter(state=STATE.CONFIRMED, origin="curator").count() == 4
    for tagging in tag.taggings.exclude(story=lives["romy"]):
        body = tagging.story.body
        quotes = [body[m.start : m.end] for m in tagging.mentions.all()]
        assert quotes == ["the world"] * body.count("the world")
    assert "(0 stories)" in do(desk, "add_tag", name="the world", kind="theme").text
    do(desk, "remove_tag", name="Dance", kind="theme")
    dance = Tag.objects.get(name="Dance", kind="theme")
    assert set(dance.taggings.values_list("state", "origin")) == {("rejected", "curator")}
    retag(Story.objects.get(pk=lives["romy"].pk))
    assert lives["romy"].taggings.get(tag=dance).state == STATE.REJECTED


def test_stories_move_to_a_collection(lives, desk) -> None:
    letters = Collection.objects.create(name="Letters")
    do(desk, "move", collection=letters.slug)
    assert letters.stories.count() == 4
    do(desk, "move", "q=Aktau", collection="")
    assert letters.stories.count() == 3
    assert "not there any more" in do(desk, "move", collection="nothing").text


def test_the_export_is_what_importing_reads(lives, desk) -> None:
    lives["lily"].taggings.filter(tag__name="Aktau").update(state=STATE.CONFIRMED)
    answer = do(desk, "export", "q=Aktau")
    content = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["lily-baktybekova.md"]
        text = archive.read("lily-baktybekova.md").decode()
    assert 'places: ["Aktau"]' in text
    assert lives["lily"].body in text
    assert AuditEntry.objects.filter(action="export").exists()


def test_deleted_stories_can_come_back(lives, desk) -> None:
    page = ask(desk, "delete")
    assert "You can bring each back" in page.text
    do(desk, "delete", "q=Aktau")
    assert Story.objects.count() == 3
    assert AuditEntry.objects.get(action="story.deleted").details["stories"] == 1
    assert "Lily Baktybekova" in desk.get(f"{STORIES}recover/").text


def test_what_was_not_seen_is_not_done(lives, desk) -> None:
    seal = ask(desk, "delete").context["seal"]
    Story.objects.create(title="New", body="New.")
    data = {"action": "delete", "select_across": "1", "_selected_action": ["1"], "seal": seal}
    page = desk.post(STORIES, data)
    assert "changed meanwhile" in page.text
    assert Story.objects.count() == 5


def test_too_many_are_refused(lives, desk, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "MOST_STORIES", 3)
    answer = desk.post(
        STORIES,
        {"action": "delete", "select_across": "1", "_selected_action": ["1"]},
        follow=True,
    )
    assert "too many at once" in answer.text


@pytest.mark.parametrize(
    ("role", "deeds"),
    [
        ("curator", set(bulk.DEEDS)),
        ("contributor", set()),
        ("reader", set()),
    ],
)
def test_who_may(lives, role, deeds) -> None:
    user = User.objects.create_user(role, password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    Story.objects.create(title="Own", body="Own.", owner=user)
    form = client.get(STORIES).context["action_form"]
    offered = {name for name, _label in form.fields["action"].choices if name} if form else set()
    assert offered == deeds
    if not deeds:
        for deed in bulk.DEEDS:
            client.post(STORIES, {"action": deed, "select_across": "1", "_selected_action": ["1"]})
        assert Story.objects.filter(status="published").count() == 4


def test_as_many_statements_for_many_stories(db, curator) -> None:
    tag = Tag.objects.create(kind="theme", name="Steppe")

    def statements(first: int, number: int) -> int:
        made = Story.objects.bulk_create(
            Story(title=f"Life {n}", slug=f"life-{n}", body="On the Steppe.")
            for n in range(first, first + number)
        )
        chosen = bulk.Chosen(tuple(story.pk for story in made))
        with CaptureQueriesContext(connection) as captured:
            bulk.perform(curator, bulk.DEEDS["add_tag"], chosen, tag)
        return len(captured)

    statements(0, 1)
    # Inserts of many rows go in several statements; none goes for a story alone.
    assert statements(20, 200) <= statements(10, 5) + 10


def test_a_long_deed_goes_on_in_the_same_revision(lives, desk, curator, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 1)
    monkeypatch.setattr(bulk, "PATIENCE", -1)
    steppe = Tag.objects.create(kind="theme", name="Steppe")
    page = do(desk, "add_tag", name="Steppe", kind="theme")
    for behind in (1, 2, 3):
        assert page.context["behind"] == steppe.taggings.count() == behind
        page = desk.post(
            STORIES,
            {
                "action": "add_tag", "select_across": "1", "_selected_action": ["1"],
                "seal": page.context["seal"], "so_far": page.context["so_far"],
                "name": "Steppe", "kind": "theme",
            },
            follow=True,
        )  # fmt: skip
    assert "Tag added: Steppe (4 stories)" in page.text
    made = Revision.objects.get(comment="Tag added: Steppe")
    held = {v.object_id for v in made.version_set.filter(content_type__model="story")}
    assert held == {str(story.pk) for story in lives.values()}
    assert AuditEntry.objects.get(action="stories.tagged").details == {"stories": 4}


def test_what_filters_itself_away_goes_on_too(lives, desk, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)
    monkeypatch.setattr(bulk, "PATIENCE", -1)
    page = do(desk, "delete")
    assert (page.context["behind"], page.context["count"]) == (3, 1)
    data = {"action": "delete", "select_across": "1", "_selected_action": ["1"]}
    token = page.context["so_far"]
    desk.post(STORIES, {**data, "seal": page.context["seal"], "so_far": token})
    assert not Story.objects.exists()
    assert AuditEntry.objects.get(action="story.deleted").details == {"stories": 4}


@pytest.mark.parametrize("token", ["x", "eyJhIjoxfQ:1:2", "\x00", "a" * 9000])
def test_a_forged_token_is_no_progress(lives, desk, token) -> None:
    assert "Taken back (4 stories)" in do(desk, "unpublish", so_far=token).text


def test_stories_that_are_so_already_keep_their_history(lives, desk) -> None:
    assert "(0 stories)" in do(desk, "publish").text
    assert not Version.objects.exists()
