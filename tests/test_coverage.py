"""The start page and the overview of gaps: true counts, the right links, nothing forbidden."""

from __future__ import annotations

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive.curation import queue
from archive.models import Import, ImportedFile, Mention, Story, Tag, Tagging


def person(role: str) -> Client:
    user = User.objects.create_user(role, password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def needs(page) -> dict[str, str]:
    return {need.label: need.count for need in page.context["needs"]}


def test_what_needs_me_is_counted_and_linked(lives, desk) -> None:
    Story.objects.filter(pk=lives["romy"].pk).update(status="draft")
    Story.objects.filter(pk=lives["lily"].pk).update(published_at="2100-01-01T00:00:00Z")
    Mention.objects.filter(pk=Mention.objects.first().pk).update(lost=True)
    run = Import.objects.create()
    ImportedFile.objects.create(run=run, name="a.txt", outcome="conflict")
    page = desk.get("/admin/")
    found = needs(page)
    assert found["Drafts"] == found["Scheduled"] == found["Lost words"] == "1"
    assert found["Conflicts of imports"] == "1"
    waiting = Tagging.objects.filter(state="suggested", tag__kind="place").count()
    assert found["Suggested places"] == str(waiting)
    for need in page.context["needs"]:
        assert desk.get(need.url, follow=True).status_code == 200, need.url
    assert "Romy Baktybekova" in page.text


def test_counting_stops_at_the_limit(lives, desk, monkeypatch) -> None:
    monkeypatch.setattr(queue, "COUNT_LIMIT", 5)
    assert needs(desk.get("/admin/"))["Suggested themes"] == "5+"


def test_an_empty_desk_is_kind(db, desk) -> None:
    assert "Nothing waits. A good moment to read a story." in desk.get("/admin/").text


def test_everybody_sees_what_they_may(lives) -> None:
    contributor = person("contributor")
    own = Story.objects.create(title="Mine", body="Mine.", owner=User.objects.get())
    page = contributor.get("/admin/")
    assert needs(page) == {"Your drafts": "1"}
    assert own.title not in page.text or page.context["changes"] is None
    assert contributor.get("/admin/coverage/").status_code == 403
    reader = person("reader")
    assert needs(reader.get("/admin/")) == {}
    assert reader.get("/admin/coverage/").status_code == 403
    curator = person("curator")
    assert "Drafts" in needs(curator.get("/admin/"))
    assert curator.get("/admin/coverage/").status_code == 200
    assert Client().get("/admin/coverage/").status_code == 302


def test_gaps_are_true_and_lead_to_what_mends_them(lives, desk) -> None:
    lives["romy"].taggings.filter(tag__kind="place").update(state="rejected")
    here = Tag.objects.create(kind="place", name="the region")
    Tagging.objects.create(story=lives["giulia"], tag=here, state="confirmed")
    page = desk.get("/admin/coverage/")
    lines = {line.label: line for line in page.context["lines"]}
    assert lines["Stories without places"].count == "1"
    assert lines["Places without coordinates"].count == "1"
    used_once = int(lines["Places used once"].count)
    listed = desk.get(lines["Places used once"].url).context["cl"].queryset
    assert {here.pk} <= set(listed.values_list("pk", flat=True))
    assert listed.count() == used_once
    for line in lines.values():
        assert desk.get(line.url).status_code == 200, line.url


def test_the_pages_ask_as_much_for_many_stories(lives, desk) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get(url)
        return len(captured)

    pages = ("/admin/", "/admin/coverage/")
    few = [queries(url) for url in pages] and [queries(url) for url in pages]
    Story.objects.bulk_create(
        Story(title=f"Life {n}", slug=f"life-{n}", body="x") for n in range(60)
    )
    [queries(url) for url in pages]
    assert [queries(url) for url in pages] <= [count + 1 for count in few]


def test_in_words() -> None:
    assert (queue.in_words(7), queue.in_words(1_001)) == ("7", "1,000+")


def test_tools_change_nothing_by_a_link_or_from_another_site(lives, desk, curator) -> None:
    place = Tag.objects.filter(kind="place").first()
    row = Tagging.objects.filter(state="suggested").first()
    pages = ["review/decide/", "review/undo/", "tags/not-same/", "columns/story/", "tags/merge/",
             "cues/dance/", "archive/story/", f"tags/{place.pk}/split/"]  # fmt: skip
    data = {
        "action": "unpublish", "select_across": "1", "_selected_action": ["1"], "seal": "x",
        "seen": f"{row.pk}-{row.tag_id}", "decision": "1", "column": "title", "strong": "x",
    }  # fmt: skip
    before = (Story.objects.published().count(), list(Tagging.objects.order_by("pk").values()))
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(curator)
    for page in pages:
        assert desk.get(f"/admin/{page}", data).status_code in (200, 302, 405), page
        assert forged.post(f"/admin/{page}", data).status_code == 403, page
    after = (Story.objects.published().count(), list(Tagging.objects.order_by("pk").values()))
    assert after == before


def test_hostile_names_are_only_words(lives, desk) -> None:
    bad = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    place = Tag.objects.get(kind="place", name="Paris")
    Tag.objects.filter(pk=place.pk).update(name=bad, definition=bad)
    Story.objects.update(title=bad)
    other = Tag.objects.filter(kind="place").exclude(pk=place.pk).first()
    pages = ["", "review/", "review/tags/", "review/stories/", "review/decisions/", "coverage/",
             "tags/alike/", f"tags/merge/?tag={place.pk}&tag={other.pk}", "archive/story/",
             f"tags/{place.pk}/split/", "archive/place/", f"archive/place/{place.pk}/change/",
             f"archive/place/{place.pk}/history/"]  # fmt: skip
    for page in pages:
        text = desk.get(f"/admin/{page}").text
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
    asked = {"action": "delete", "select_across": "1", "_selected_action": ["1"], "name": bad}
    assert "<script>alert" not in desk.post("/admin/archive/story/", asked).text
