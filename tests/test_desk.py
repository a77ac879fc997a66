"""The curators' desk: adding, editing, tags by typing, versions, history, sign-in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from archive.models import Mention, Place, StopName, Story, Tag, Tagging

STATE = Tagging.State


def form_of(desk: Client, url: str) -> dict[str, str]:
    """The form at *url* as a browser would send it back untouched."""
    context = desk.get(url).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, bool):
                value = "on" if value else ""
            if field.name.endswith("published_at") and value:
                data[f"{field.html_name}_0"] = value.strftime("%Y-%m-%d")
                data[f"{field.html_name}_1"] = value.strftime("%H:%M:%S")
            elif value not in (None, ""):
                data[field.html_name] = str(value)
    return data


def edit(desk: Client, story: Story, **changes: str):
    url = f"/admin/archive/story/{story.pk}/change/"
    return desk.post(url, {**form_of(desk, url), **changes})


LISTS = ["story", "tag", "person", "place", "theme", "collection", "stopname", "source", "import"]
FORMS = [f"{model}/add" for model in LISTS[:7]]


@pytest.mark.parametrize("path", ["", *(f"{path}/" for path in LISTS + FORMS)])
def test_pages_answer_with_the_strict_policy(lives, desk, path) -> None:
    response = desk.get(f"/admin/archive/{path}")
    assert response.status_code == 200
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert Client().get(f"/admin/archive/{path}").status_code == 302


@pytest.mark.parametrize("model", ["source", "story", "place"])
def test_details_answer(lives, desk, model) -> None:
    rows = desk.get(f"/admin/archive/{model}/").context["cl"].result_list
    response = desk.get(f"/admin/archive/{model}/{rows[0].pk}/change/")
    assert response.status_code == 200


def test_a_new_story_is_tagged(lives, desk) -> None:
    empty = form_of(desk, "/admin/archive/story/add/")
    body = "Anna Serova grew up in Almaty. Anna danced ballet, and her dance school was famous."
    response = desk.post(
        "/admin/archive/story/add/", {**empty, "title": "Anna", "body": body, "_publish": ""}
    )
    assert response.status_code == 302, response.context["errors"]
    story = Story.objects.get(title="Anna")
    assert story.word_count == 15
    assert {"Anna Serova", "Almaty"} <= set(story.tags.values_list("name", flat=True))
    assert "Anna" in Client().get("/stories/?q=Almaty").text


def test_saving_tags_again_and_keeps_decisions(lives, desk) -> None:
    story = lives["giulia"]
    moscow = story.taggings.get(tag__name="Moscow")
    moscow.state = STATE.REJECTED
    moscow.save()
    response = edit(desk, story, body=f"{story.body}\n\nLater she lived in Almaty.")
    assert response.status_code == 302
    story.refresh_from_db()
    assert (story.version, story.edited_at is not None) == (2, True)
    assert story.tags.filter(name="Almaty").exists()
    moscow.refresh_from_db()
    assert moscow.state == STATE.REJECTED
    for mention in Mention.objects.filter(tagging__story=story, lost=False):
        assert story.body[mention.start : mention.end] == mention.quote


def test_a_tag_added_by_hand_is_confirmed_and_the_curator_s(lives, desk) -> None:
    story = lives["giulia"]
    tag = Place.objects.create(name="the region")
    data = form_of(desk, f"/admin/archive/story/{story.pk}/change/")
    last = int(data["taggings-TOTAL_FORMS"]) - 1
    edit(desk, story, **{f"taggings-{last}-tag": str(tag.pk)})
    tagging = story.taggings.get(tag=tag)
    assert (tagging.state, tagging.origin) == (STATE.CONFIRMED, "curator")
    assert tagging.mentions.get().quote == "the region"


def test_a_stale_save_is_refused_and_the_typed_text_kept(lives, desk) -> None:
    story = lives["lily"]
    url = f"/admin/archive/story/{story.pk}/change/"
    mine = {**form_of(desk, url), "title": "My title", "body": "My typed words."}
    assert edit(desk, story, title="Their title").status_code == 302
    refused = desk.post(url, mine)
    assert refused.status_code == 200
    assert "saved this while you were writing" in refused.text
    assert "My typed words." in refused.text
    story.refresh_from_db()
    assert story.title == "Their title"
    # Saving once more, now in knowledge of the other version, goes through.
    again = {
        **mine,
        "opened_version": str(refused.context["adminform"].form["opened_version"].value()),
    }
    assert desk.post(url, again).status_code == 302
    story.refresh_from_db()
    assert story.title == "My title"


def test_tags_are_found_by_typing_also_by_other_names(lives, desk) -> None:
    def offered(term: str, model: str = "tagging", field: str = "tag") -> list[str]:
        answer = desk.get(
            "/admin/autocomplete/",
            {"term": term, "app_label": "archive", "model_name": model, "field_name": field},
        )
        return [result["text"] for result in answer.json()["results"]]

    assert offered("kokan") == ["Kokand — place"]
    assert "New York City — place" in offered("New York")
    assert offered("dance", "place", "broader") == []


def test_twins_are_refused_with_a_word_of_advice(lives, desk) -> None:
    empty = form_of(desk, "/admin/archive/place/add/")
    response = desk.post("/admin/archive/place/add/", {**empty, "name": "KOKAND"})
    assert response.status_code == 200
    assert "disambiguation" in response.text
    assert Tag.objects.filter(name__iexact="kokand").count() == 1


def test_a_corrected_tag_keeps_its_words_and_bars_the_wrong_one(lives, desk) -> None:
    story = lives["giulia"]
    data = form_of(desk, f"/admin/archive/story/{story.pk}/change/")
    wrong = story.taggings.get(tag__name="Kokand")
    words = list(wrong.mentions.values_list("quote", "start"))
    right = Place.objects.create(name="Kokand Khanate")
    row = next(k for k, v in data.items() if k.endswith("-id") and v == str(wrong.pk))
    assert edit(desk, story, **{row.replace("-id", "-tag"): str(right.pk)}).status_code == 302
    corrected = story.taggings.get(tag=right)
    assert (corrected.state, corrected.origin) == (STATE.CONFIRMED, "curator")
    assert list(corrected.mentions.values_list("quote", "start")) == words
    assert story.taggings.get(tag__name="Kokand").state == STATE.REJECTED


def test_lost_evidence_is_listed(lives, desk) -> None:
    story = lives["romy"]
    story.taggings.filter(tag__name="Madame Petrova").update(state=STATE.CONFIRMED)
    without = story.body.replace("Madame Petrova", "a dancer of old")
    saved = desk.post(
        f"/admin/archive/story/{story.pk}/change/",
        {**form_of(desk, f"/admin/archive/story/{story.pk}/change/"), "body": without},
        follow=True,
    )
    assert "No longer in the text" in saved.text
    listed = desk.get("/admin/archive/story/?evidence=lost").context["cl"].result_list
    assert [found.title for found in listed] == ["Romy Baktybekova"]
    assert "no longer in the text" in desk.get(f"/admin/archive/story/{story.pk}/change/").text


def test_never_for_this_name(lives, desk) -> None:
    story = lives["lily"]
    data = form_of(desk, f"/admin/archive/story/{story.pk}/change/")
    aktau = story.taggings.get(tag__name="Aktau")
    row = next(k for k, v in data.items() if k.endswith("-id") and v == str(aktau.pk))
    assert edit(desk, story, **{row.replace("-id", "-never_again"): "on"}).status_code == 302
    aktau.refresh_from_db()
    assert aktau.state == STATE.REJECTED
    assert str(StopName.objects.get()) == "Aktau (place)"


def test_an_other_name_twice_is_refused_with_a_word_of_advice(lives, desk) -> None:
    tag = Tag.objects.get(name="Moscow")
    url = f"/admin/archive/place/{tag.pk}/change/"
    form = {**form_of(desk, url), "other_names-TOTAL_FORMS": "2"}
    names = {"other_names-0-name": "Moskva", "other_names-1-name": "MOSKVA"}
    response = desk.post(url, {**form, **names})
    assert response.status_code == 200
    assert "there twice" in response.text
    assert desk.post(url, {**form, "other_names-0-name": "Moskva"}).status_code == 302
    again = form_of(desk, url)
    response = desk.post(url, {**again, "other_names-1-name": "moskva"})
    assert response.status_code == 200
    assert list(tag.other_names.values_list("name", flat=True)) == ["Moskva"]


def test_the_same_tag_twice_is_refused(lives, desk) -> None:
    story = lives["giulia"]
    data = form_of(desk, f"/admin/archive/story/{story.pk}/change/")
    last = int(data["taggings-TOTAL_FORMS"]) - 1
    moscow = story.tags.get(name="Moscow")
    response = edit(desk, story, **{f"taggings-{last}-tag": str(moscow.pk)})
    assert response.status_code == 200
    assert story.taggings.filter(tag=moscow).count() == 1


def test_sign_in_is_throttled(db) -> None:
    User.objects.create_superuser("curator", password="right one, long")
    visitor = Client()
    for _ in range(10):
        answer = visitor.post("/admin/login/", {"username": "curator", "password": "wrong"})
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.text
    answer = visitor.post("/admin/login/", {"username": "curator", "password": "right one, long"})
    assert answer.status_code == 429


def test_sign_in_leads_to_no_other_host(curator) -> None:
    answer = Client().post(
        "/admin/login/?next=https://evil.example/",
        {"username": "curator", "password": "a long password", "next": "https://evil.example/"},
    )
    assert (answer.status_code, answer.url) == (302, "/admin/")


def test_forms_say_once_where_they_are(lives, desk, curator) -> None:
    story = lives["romy"]
    place = Place.objects.first()
    for path in (f"archive/story/{story.pk}/change", f"archive/story/{story.pk}/delete",
                 f"archive/place/{place.pk}/change", f"auth/user/{curator.pk}/change",
                 f"archive/story/{story.pk}/history"):  # fmt: skip
        page = desk.get(f"/admin/{path}/").text
        crumbs = page.partition('class="breadcrumbs"')[2].partition("</div>")[0]
        assert crumbs.count("Curators’ desk") == 1, path
        assert "Home" not in crumbs, path


def test_the_start_page_leads_to_what_one_may_do(lives, desk, client) -> None:
    Story.objects.filter(pk=lives["romy"].pk).update(title="<script>alert(1)</script>")
    page = desk.get("/admin/").text
    for words in ("Write a story", "Import files", "Review suggestions", "All lists", "Add to"):
        assert words in page
    assert "<script>alert" not in page
    reader = User.objects.create_user("reader", password="x", is_staff=True)
    client.force_login(reader)
    bare = client.get("/admin/").text
    assert "change nothing here" in bare
    assert "Import files" not in bare
    assert "All lists" not in bare
