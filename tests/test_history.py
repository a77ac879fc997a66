"""History: versions of stories and tags, compared word by word, restored, brought back."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from reversion.models import Version

from archive.curation.comparing import Piece, Row, compare
from archive.curation.decisions import Seen, confirm, reject, undo
from archive.curation.merging import merge
from archive.curation.versions import compare_versions
from archive.models import AuditEntry, Collection, Story, Tag, Tagging
from archive.models.history import baseline, keep, one_revision
from archive.pipeline import import_paths
from tests.test_desk import edit, form_of

STATE = Tagging.State


def versions(row) -> list[Version]:
    return list(Version.objects.get_for_object(row))


# Comparing


def changed(rows: tuple[Row, ...]) -> tuple[list[str], list[str]]:
    left = [piece.text.strip() for row in rows for piece in row.left if piece.changed]
    return left, [piece.text.strip() for row in rows for piece in row.right if piece.changed]


@pytest.mark.parametrize(
    ("left", "right", "gone", "new"),
    [
        ("She went home.", "She came home.", ["went"], ["came"]),
        ("a", "a b", [], ["b"]),
        ("", "new", [], ["new"]),
        ("old", "", ["old"], []),
        ("one\ntwo\nthree", "one\nthree", ["two"], []),
        ("same", "same", [], []),
        ("Café “au lait”", "Cafe “au lait”", ["Café"], ["Cafe"]),
    ],
)
def test_words_that_differ(left, right, gone, new) -> None:
    assert changed(compare(left, right)) == (gone, new)


def test_both_sides_are_whole_and_equal_lines_are_folded() -> None:
    left = "\n".join(f"line {n}" for n in range(100))
    rows = compare(left, left.replace("line 50", "line fifty"))
    assert sum(row.skipped or 1 for row in rows) == 100
    assert len(rows) == 5
    assert rows[2].left == (Piece("line ", False), Piece("50", True))


def test_long_texts_cost_little() -> None:
    left = "a b " * 50_000
    rows = compare(left, "b a a " * 50_000)
    assert "".join(piece.text for row in rows for piece in row.left) == left
    lines = "\n".join("ab"[n * n % 7 % 2] for n in range(50_000))
    assert compare(lines, lines[::-1])[0].left


# Keeping


def test_the_first_edit_keeps_what_was_imported(lives, desk, curator) -> None:
    story = lives["romy"]
    before = story.body
    edit(desk, story, body=before.replace("Romy", "Romi", 1))
    newest, first = versions(story)
    assert first.field_dict["body"] == before
    assert first.revision.user is None
    assert newest.revision.user == curator
    page = desk.get(f"/admin/archive/story/{story.pk}/history/compare/?from={first.pk}").text
    assert "<del>Romy</del>" in page.replace(" </del>", "</del>")
    assert "<ins>Romi</ins>" in page.replace(" </ins>", "</ins>")


def test_many_rows_are_one_revision(lives, curator) -> None:
    stories = Story.objects.all()
    letters = Collection.objects.create(name="Letters")
    baseline(stories)
    with one_revision(curator, "Moved"):
        stories.update(collection=letters)
        keep(Story.objects.all())
    kept = [versions(story) for story in stories]
    assert [len(found) for found in kept] == [2] * 4
    assert len({found[0].revision_id for found in kept}) == 1
    assert kept[0][0].field_dict["collection_id"] == letters.pk
    baseline(stories)
    assert [len(versions(story)) for story in stories] == [2] * 4


def test_a_file_that_changed_leaves_the_old_text_in_the_history(db, tmp_path) -> None:
    file = tmp_path / "mill.txt"
    for text in ("Nargiza baked bred in Osh.", "Nargiza baked bread in Osh."):
        file.write_text(text)
        import_paths([tmp_path])
    story = Story.objects.get()
    newest, first = versions(story)
    assert [first.field_dict["body"], newest.field_dict["body"]] == [
        "Nargiza baked bred in Osh.",
        "Nargiza baked bread in Osh.",
    ]
    assert "mill.txt" in newest.revision.comment
    assert story.version == 2


def test_a_merge_leaves_versions_and_stories_find_the_merged_tag(lives, desk, curator) -> None:
    story, kept = lives["giulia"], Tag.objects.get(kind="place", name="Moscow")
    gone = Tag.objects.create(kind="place", name="Moskva")
    story.taggings.filter(tag=kept).delete()
    Tagging.objects.create(story=story, tag=gone, state=STATE.CONFIRMED)
    edit(desk, story, title="With Moskva")
    first = versions(story)[0]
    merge(curator, kept, [kept, gone])
    assert versions(kept)[0].revision.comment.startswith("Merged")
    # An older version of a story speaks of the tag that is gone: the one that took its place.
    desk.post(f"/admin/archive/story/{story.pk}/history/{first.pk}/restore/")
    assert story.taggings.get(tag=kept).state == STATE.CONFIRMED


def test_a_merged_tag_is_not_brought_back_as_an_empty_twin(lives, desk, curator) -> None:
    kept, gone = (Tag.objects.get(kind="place", name=name) for name in ("Moscow", "Kokand"))
    number = gone.pk
    decision = merge(curator, kept, [kept, gone])
    page = desk.get("/admin/archive/place/recover/")
    assert "merged into Moscow" in page.text
    version = page.context["page"][0]
    url = f"/admin/archive/place/recover/{version.pk}/"
    shown = desk.get(url).text
    assert "Bring it back" not in shown
    assert "Undo the merge" in shown
    assert "Undo the merge" in desk.post(f"{url}restore/", follow=True).text
    assert not Tag.objects.filter(pk=number).exists()
    desk.post("/admin/review/undo/", {"decision": decision.pk})
    assert Tag.objects.filter(pk=number).exists()
    assert not desk.get("/admin/archive/place/recover/").context["page"].object_list


def test_what_review_decided_is_in_the_history_and_survives_a_restore(lives, desk, curator) -> None:
    story = lives["giulia"]
    edit(desk, story, title="Second")
    first = versions(story)[-1]
    moscow = story.taggings.get(tag__name="Moscow")
    decision = confirm(curator, [Seen(moscow.pk, moscow.tag_id)])
    url = f"/admin/archive/story/{story.pk}/history/"
    shown = desk.get(url)
    assert [row.pk for row in shown.context["decisions"]] == [decision.pk]
    assert "Confirmed: “Moscow”" in shown.text
    assert f'name="decision" value="{decision.pk}"' in shown.text
    assert desk.get(f"/admin/archive/story/{lives['lily'].pk}/history/").context["decisions"] == []
    # Going back to a version from before the review loses nothing of it.
    desk.post(f"{url}{first.pk}/restore/")
    assert story.taggings.get(tag__name="Moscow").state == STATE.SUGGESTED
    _restored, reviewed, second, _first = versions(story)
    assert "review" in reviewed.revision.comment
    tags = {row.label: row for row in compare_versions(second, reviewed)}["Tags"]
    assert changed(tags.rows) == (["suggested"], ["confirmed"])
    desk.post(f"{url}{reviewed.pk}/restore/")
    assert story.taggings.get(tag__name="Moscow").state == STATE.CONFIRMED


def test_undoing_a_batch_is_noticed_by_every_open_form(lives, curator) -> None:
    rows = Tagging.objects.filter(state=STATE.SUGGESTED, tag__kind="theme").order_by("pk")
    seen = [Seen(row.pk, row.tag_id) for row in rows]
    stories = {row.story_id for row in rows}
    assert len(stories) > 1
    decision = confirm(curator, seen)
    before = dict(Story.objects.filter(pk__in=stories).values_list("pk", "version"))
    undo(curator, decision.pk)
    after = dict(Story.objects.filter(pk__in=stories).values_list("pk", "version"))
    assert after == {pk: version + 1 for pk, version in before.items()}


# Showing


def test_history_lists_versions_in_a_fixed_number_of_queries(
    lives, desk, django_assert_max_num_queries
) -> None:
    story = lives["romy"]
    for number in range(4):
        edit(desk, story, title=f"Title {number}")
    with django_assert_max_num_queries(12):
        page = desk.get(f"/admin/archive/story/{story.pk}/history/")
    assert page.text.count('name="from"') == 5
    assert "Changed Title" in page.text


def test_looking_takes_no_lock(lives, desk) -> None:
    story = lives["romy"]
    for path in ("", f"{story.pk}/change/", f"{story.pk}/history/", "add/", "recover/"):
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(f"/admin/archive/story/{path}").status_code == 200
        assert [query for query in asked.captured_queries if "SAVEPOINT" in query["sql"]] == []


def test_comparing_answers_to_any_question(lives, desk) -> None:
    story, other = lives["romy"], lives["lily"]
    edit(desk, story, title="<b>New</b>")
    edit(desk, other, title="Other")
    base = f"/admin/archive/story/{story.pk}/history/compare/"
    newest, first = versions(story)
    assert desk.get(f"{base}?from={newest.pk}&to={first.pk}").status_code == 200
    assert "&lt;b&gt;" in desk.get(f"{base}?from={first.pk}").text
    assert desk.get(base).status_code == 200
    for value in ("x", "-1", "9" * 40, "٣", str(versions(other)[0].pk)):
        assert desk.get(base, {"from": value}).status_code == 404
        assert desk.get(base, {"from": first.pk, "to": value}).status_code == 404


# Restoring


def test_a_restore_does_not_bring_back_what_a_program_proposed_and_a_person_rejected(
    lives, desk, curator
) -> None:
    story = lives["giulia"]
    edit(desk, story, title="Second")
    first = versions(story)[-1]
    moscow = story.taggings.get(tag__name="Moscow")
    reject(curator, [Seen(moscow.pk, moscow.tag_id)])
    desk.post(f"/admin/archive/story/{story.pk}/history/{first.pk}/restore/")
    story.refresh_from_db()
    assert story.title != "Second"
    assert story.taggings.get(tag__name="Moscow").state == STATE.REJECTED


def test_a_story_is_restored_as_a_new_version_with_its_tags(lives, desk, curator) -> None:
    story = lives["giulia"]
    before = story.body
    moscow = story.taggings.get(tag__name="Moscow")
    moscow.state = STATE.CONFIRMED
    moscow.save()
    edit(desk, story, body="Nothing is left.", title="Nothing")
    first = versions(story)[-1]
    story.taggings.filter(tag__name="Moscow").delete()
    url = f"/admin/archive/story/{story.pk}/history/{first.pk}/restore/"
    assert desk.get(url).status_code == 405
    assert desk.post(url).status_code == 302
    story.refresh_from_db()
    assert (story.body, story.version) == (before, 3)
    again = story.taggings.get(tag__name="Moscow")
    assert again.state == STATE.CONFIRMED
    mentions = again.mentions.filter(lost=False)
    assert mentions
    assert all(story.body[m.start : m.end] == m.quote for m in mentions)
    assert len(versions(story)) == 3
    assert AuditEntry.objects.filter(action="story.restored", user=curator).count() == 1


def test_a_deleted_story_comes_back_as_a_draft(lives, desk) -> None:
    story = lives["lily"]
    key, body, tags = story.pk, story.body, set(story.tags.values_list("name", flat=True))
    assert desk.post(f"/admin/archive/story/{key}/delete/", {"post": "yes"}).status_code == 302
    assert AuditEntry.objects.filter(action="story.deleted").count() == 1
    page = desk.get("/admin/archive/story/recover/")
    assert "Lily" in page.text
    version = page.context["page"][0]
    assert "Lily" in desk.get(f"/admin/archive/story/recover/{version.pk}/").text
    assert not Story.objects.filter(pk=key).exists()
    assert desk.post(f"/admin/archive/story/recover/{version.pk}/restore/").status_code == 302
    story = Story.objects.get(pk=key)
    assert (story.body, story.status) == (body, "draft")
    assert set(story.tags.values_list("name", flat=True)) == tags
    assert not desk.get("/admin/archive/story/recover/").context["page"].object_list


def test_a_deleted_tag_comes_back_with_its_stories(lives, desk) -> None:
    tag = Tag.objects.get(kind="place", name="Moscow")
    tag.other_names.create(name="Moskva")
    stories = set(tag.stories.values_list("pk", flat=True))
    assert stories
    assert desk.post(f"/admin/archive/place/{tag.pk}/delete/", {"post": "yes"}).status_code == 302
    for model, there in (("place", 1), ("person", 0)):
        page = desk.get(f"/admin/archive/{model}/recover/").context["page"]
        assert len(page.object_list) == there
    version = desk.get("/admin/archive/place/recover/").context["page"][0]
    desk.post(f"/admin/archive/place/recover/{version.pk}/restore/")
    again = Tag.objects.get(pk=tag.pk)
    assert list(again.other_names.values_list("name", flat=True)) == ["Moskva"]
    assert set(again.stories.values_list("pk", flat=True)) == stories
    assert all(tagging.mentions.exists() for tagging in again.taggings.all())


def test_a_tag_is_restored_and_a_taken_name_is_said_so(lives, desk) -> None:
    tag = Tag.objects.get(kind="place", name="Kokand")
    url = f"/admin/archive/place/{tag.pk}/change/"
    desk.post(url, {**form_of(desk, url), "name": "Quqon", "other_names-0-name": "Khoqand"})
    first = versions(tag)[-1]
    restore = f"/admin/archive/place/{tag.pk}/history/{first.pk}/restore/"
    twin = Tag.objects.create(kind="place", name="Kokand", disambiguation=tag.disambiguation)
    assert "could not be restored" in desk.post(restore, follow=True).text
    twin.delete()
    desk.post(restore)
    tag.refresh_from_db()
    assert (tag.name, tag.other_names.count()) == ("Kokand", 0)


# Who


def test_history_of_others_drafts_is_closed_to_contributors(lives, desk) -> None:
    story = lives["romy"]
    edit(desk, story, title="First")
    first = versions(story)[-1]
    contributor, reader = Client(), Client()
    for name, browser in (("contributor", contributor), ("reader", reader)):
        user = User.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name=name))
        browser.force_login(user)
    base = f"/admin/archive/story/{story.pk}/history/"
    assert contributor.get(base).status_code == 404
    assert contributor.get(f"{base}compare/?from={first.pk}").status_code == 404
    assert reader.get(f"{base}compare/?from={first.pk}").status_code == 200
    for browser, status in ((contributor, 404), (reader, 403)):
        assert browser.post(f"{base}{first.pk}/restore/").status_code == status
        assert browser.get("/admin/archive/story/recover/").status_code == 403
        assert browser.post(f"/admin/archive/story/recover/{first.pk}/restore/").status_code == 403
