"""Writing a story: buttons, preview, tags by typing, from a draft to its publication."""

from __future__ import annotations

import datetime
import json

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from archive.models import AuditEntry, Collection, Place, StopName, Story, Tag, Tagging
from tests.test_desk import edit, form_of

ADD = "/admin/archive/story/add/"
PREVIEW = "/admin/archive/story/preview/"
STATE = Tagging.State


def change(story: Story) -> str:
    return f"/admin/archive/story/{story.pk}/change/"


def browser_of(role: str) -> Client:
    user = User.objects.create_user(f"a-{role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def contributor(db) -> Client:
    return browser_of("contributor")


@pytest.fixture
def draft(lives, contributor) -> Story:
    """A contributor's own draft."""
    form = {**form_of(contributor, ADD), "title": "My aunt", "body": "She lived in Osh."}
    assert contributor.post(ADD, {**form, "_continue": ""}).status_code == 302
    return Story.objects.get(title="My aunt")


def test_a_contributor_learns_of_no_tags_or_collections_by_number(
    lives, draft, contributor
) -> None:
    secret = lives["giulia"]
    secret.collection = Collection.objects.create(name="Under seal", slug="under-seal")
    secret.status = Story.Status.DRAFT
    secret.save()
    tags = [
        Tag.objects.create(kind="person", name="Olga Secret", disambiguation=word)
        for word in ("witness", "spy")
    ]
    Tagging.objects.bulk_create(Tagging(story=secret, tag=tag, state="confirmed") for tag in tags)
    last = int(form_of(contributor, change(draft))["taggings-TOTAL_FORMS"]) - 1
    row = f"taggings-{last}"
    for sent in (
        {f"{row}-tag": str(tags[0].pk)},
        {f"{row}-kind": "person", f"{row}-typed": "Olga Secret"},
        {"collection": str(secret.collection.pk)},
    ):
        answer = edit(contributor, draft, **sent)
        assert answer.status_code == 200
        for word in ("witness", "spy", "Under seal"):
            assert word not in answer.text
    draft.refresh_from_db()
    assert draft.collection is None
    assert not draft.taggings.filter(tag__in=tags).exists()


# Buttons


def test_publish_take_back_and_schedule(lives, desk) -> None:
    story = lives["romy"]
    visitor = Client()
    assert edit(desk, story, _unpublish="").url == change(story)
    assert visitor.get("/stories/romy-baktybekova/").status_code == 404
    edit(desk, story, _publish="")
    assert visitor.get("/stories/romy-baktybekova/").status_code == 200
    edit(desk, story, _unpublish="")
    past = edit(desk, story, _schedule="", published_at_0="2020-01-01", published_at_1="10:00")
    assert "yet to come" in past.text
    later = (timezone.now() + datetime.timedelta(days=2)).strftime("%Y-%m-%d")
    edit(desk, story, _schedule="", published_at_0=later, published_at_1="10:00")
    story.refresh_from_db()
    assert (story.status, story.is_public) == ("published", False)
    assert visitor.get("/stories/romy-baktybekova/").status_code == 404
    # Publishing what was scheduled does not wait.
    edit(desk, story, _publish="")
    assert visitor.get("/stories/romy-baktybekova/").status_code == 200
    log = AuditEntry.objects.filter(action__startswith="story.").order_by("id")
    said = [entry.action.partition(".")[2] for entry in log]
    assert said == ["unpublished", "published", "unpublished", "scheduled", "published"]


def test_lines_end_in_one_way(lives, desk) -> None:
    story = lives["romy"]
    edit(desk, story, body="One.\r\n\r\nTwo.")
    story.refresh_from_db()
    assert story.body == "One.\n\nTwo."


# Workflow


def test_a_contributor_hands_in_and_a_curator_returns_and_publishes(draft, contributor) -> None:
    curator = browser_of("curator")
    assert (draft.owner.get_username(), draft.status) == ("a-contributor", "draft")
    edit(contributor, draft, _submit="", note="Is this enough?")
    draft.refresh_from_db()
    assert draft.submitted_at is not None
    waiting = curator.get("/admin/archive/story/?review=submitted").context["cl"].result_list
    assert list(waiting) == [draft]
    assert "Is this enough?" in curator.get(change(draft)).text
    assert "Say in a sentence" in edit(curator, draft, _return="").text
    edit(curator, draft, _return="", note="Tell us <b>when</b>.")
    draft.refresh_from_db()
    assert draft.submitted_at is None
    assert "Tell us &lt;b&gt;when" in contributor.get(change(draft)).text
    edit(contributor, draft, _submit="", body="She lived in Osh in 1950.")
    edit(curator, draft, _publish="")
    assert "in 1950" in Client().get("/stories/my-aunt/").text
    # It is out of the writer's hands now, and still to be seen.
    page = contributor.get(change(draft))
    assert page.status_code == 200
    assert 'name="_continue"' not in page.text
    assert contributor.post(change(draft), {"title": "Mine"}).status_code == 403


@pytest.mark.parametrize("step", ["_publish", "_schedule", "_unpublish", "_return"])
def test_a_contributor_publishes_nothing(draft, contributor, step) -> None:
    data = form_of(contributor, change(draft))
    later = {"published_at_0": "2020-01-01", "published_at_1": "10:00", "note": "x"}
    assert contributor.post(change(draft), {**data, **later, step: ""}).status_code == 403
    contributor.post(change(draft), {**data, **later, "status": "published"})
    draft.refresh_from_db()
    assert (draft.status, draft.published_at) == ("draft", None)


def test_a_contributor_reaches_no_other_draft(lives, draft, contributor, desk) -> None:
    other = lives["lily"]
    edit(desk, other, _unpublish="")
    theirs = {"title": "Mine now", "body": "x", "opened_version": "2"}
    assert contributor.get(change(other)).status_code == 302
    assert contributor.post(change(other), theirs).status_code == 302
    assert contributor.post(PREVIEW, {"body": "x", "story": str(other.pk)}).status_code == 404
    other.refresh_from_db()
    assert other.title != "Mine now"
    assert contributor.get(other.get_absolute_url()).status_code == 404
    assert contributor.get(draft.get_absolute_url()).status_code == 200
    assert Client().get(draft.get_absolute_url()).status_code == 404
    listed = contributor.get("/admin/archive/story/").context["cl"].result_list
    assert list(listed) == [draft]
    # Names that only drafts of others bear are not offered either.
    secret = Tag.objects.create(kind="person", name="Zuhra Secret")
    Tagging.objects.create(story=other, tag=secret, state=STATE.CONFIRMED)
    found = contributor.get("/admin/archive/story/tags/?q=zuhra").json()["tags"]
    assert found == []
    assert desk.get("/admin/archive/story/tags/?q=zuhra").json()["tags"] != []
    for action in ("delete", "history"):
        answer = contributor.get(f"/admin/archive/story/{other.pk}/{action}/")
        assert answer.status_code in (302, 403, 404)


# Preview


def test_the_preview_is_what_readers_get_and_safe(lives, desk) -> None:
    story = lives["giulia"]
    accept = {"Accept": "application/json"}
    hostile = "<script>alert(1)</script>\n\n[x](javascript:alert(1))\n\n" + story.body
    answer = desk.post(PREVIEW, {"body": hostile, "story": str(story.pk)}, headers=accept).json()
    assert "<script" not in answer["html"]
    assert "javascript:" not in answer["html"]
    # The words of its tags are marked where they stand in the text as it is typed.
    tagging = story.taggings.get(tag__name="Moscow")
    assert f'id="t{tagging.pk}-' in answer["html"]
    assert "words, about" in answer["words"]
    page = desk.post(PREVIEW, {"body": "**bold**", "title": "<i>", "story": ""})
    assert "<strong>bold</strong>" in page.text
    assert "&lt;i&gt;" in page.text
    assert desk.get(PREVIEW).status_code == 405
    for story_id in ("x", "99999999999999999999", "٣", "0"):
        assert desk.post(PREVIEW, {"body": "x", "story": story_id}).status_code == 404
    assert browser_of("reader").post(PREVIEW, {"body": "x"}).status_code == 403


# Tags by typing


def last_row(data: dict[str, str]) -> str:
    return f"taggings-{int(data['taggings-TOTAL_FORMS']) - 1}"


def test_typed_names_find_tags_and_make_new_ones(lives, desk) -> None:
    story = lives["romy"]
    moscow = Place.objects.get(name="Moscow")
    moscow.other_names.create(name="Moskva")
    (found,) = desk.get("/admin/archive/story/tags/?q=mosKv").json()["tags"]
    assert (found["name"], found["kind"]) == ("Moscow", "place")
    assert "also called Moskva" in found["detail"]
    for kind, typed in (("place", "moskva"), ("theme", "Lost letters")):
        data = form_of(desk, change(story))
        row = last_row(data)
        typing = {f"{row}-kind": kind, f"{row}-typed": typed}
        assert desk.post(change(story), {**data, **typing}).status_code == 302
    assert story.taggings.get(tag=moscow).state == STATE.CONFIRMED
    made = story.taggings.get(tag__name="Lost letters")
    assert (made.state, made.origin, made.tag.kind) == ("confirmed", "curator", "theme")


def test_an_ambiguous_name_asks_and_brackets_answer(lives, desk) -> None:
    story = lives["romy"]
    for word in ("doctor", "painter"):
        Tag.objects.create(kind="person", name="Anna Petrova", disambiguation=word)
    data = form_of(desk, change(story))
    row = last_row(data)
    refused = desk.post(
        change(story), {**data, f"{row}-kind": "person", f"{row}-typed": "anna petrova"}
    )
    assert "Anna Petrova (doctor)" in refused.text
    typed = {f"{row}-kind": "person", f"{row}-typed": "anna petrova (painter)"}
    assert desk.post(change(story), {**data, **typed}).status_code == 302
    assert story.tags.get(name="Anna Petrova").disambiguation == "painter"


def test_the_same_new_name_twice_is_refused(lives, desk) -> None:
    story = lives["romy"]
    data = form_of(desk, change(story))
    number = int(data["taggings-TOTAL_FORMS"])
    twice = {"taggings-TOTAL_FORMS": str(number + 1)}
    for row in (number - 1, number):
        twice |= {f"taggings-{row}-kind": "theme", f"taggings-{row}-typed": "Twice"}
    assert "is there twice" in desk.post(change(story), {**data, **twice}).text
    assert not Tag.objects.filter(name="Twice").exists()


def test_a_suggestion_that_went_meanwhile_is_no_obstacle(lives, desk) -> None:
    story = lives["giulia"]
    data = form_of(desk, change(story))
    row = {tagging.tag.name: tagging for tagging in story.taggings.select_related("tag")}

    def field(name: str) -> str:
        return next(
            k.removesuffix("-id")
            for k, v in data.items()
            if k.endswith("-id") and v == str(row[name].pk)
        )

    decided = {f"{field('Moscow')}-state": "rejected"}
    # Somebody confirms one, and two others go, while the form is open.
    Tagging.objects.filter(pk=row["Kokand"].pk).update(state=STATE.CONFIRMED)
    for name in ("Moscow", "Soviet Union"):
        row[name].delete()
    assert desk.post(change(story), {**data, **decided, "body": "In Kokand."}).status_code == 302
    states = dict(story.taggings.values_list("tag__name", "state"))
    assert states["Kokand"] == "confirmed"
    assert states["Moscow"] == "rejected"
    assert "Soviet Union" not in states


def test_a_contributor_stops_no_names(draft, contributor) -> None:
    data = form_of(contributor, change(draft))
    row = next(k.removesuffix("-id") for k in data if k.endswith("-id") and data[k])
    contributor.post(change(draft), {**data, f"{row}-never_again": "on"})
    assert not StopName.objects.exists()


@pytest.mark.parametrize("query", ["", "q=", "q=%00", "q=%25_", "kind=x&q=a", "q=" + "x" * 5000])
def test_finding_tags_answers_any_query(lives, desk, query) -> None:
    answer = desk.get(f"/admin/archive/story/tags/?{query}")
    assert answer.status_code == 200
    assert isinstance(json.loads(answer.content)["tags"], list)


def test_writing_costs_the_same_for_many_tags(lives, desk, django_assert_max_num_queries) -> None:
    story = lives["giulia"]
    tags = [Tag(kind="theme", name=f"Theme {n}", slug=f"t-{n}") for n in range(30)]
    for tag in tags:
        tag.set_keys()
    Tag.objects.bulk_create(tags)
    Tagging.objects.bulk_create(Tagging(story=story, tag=tag) for tag in tags)
    with django_assert_max_num_queries(20):
        assert desk.get(change(story)).status_code == 200
