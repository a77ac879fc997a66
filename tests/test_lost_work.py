"""No lost work: two people on one story, an open form announced, a session that ran out."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from archive.models import OpenEdit, Place, Story
from archive.models.presence import OPEN_FOR
from tests.test_desk import edit, form_of

GONE = "You were signed out meanwhile"


def change(story: Story) -> str:
    return f"/admin/archive/story/{story.pk}/change/"


def shown(html: str, name: str) -> dict[str, str]:
    """The hidden fields of a page by name; *name* must be one of them."""
    from html import unescape

    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    fields = {unescape(key): unescape(value) for key, value in found}
    assert name in fields
    return fields


# Two people on one story


@pytest.fixture
def clash(lives, desk):
    """Mine, typed into a form that was opened before theirs was saved."""
    story = lives["lily"]
    # So that the archive knows what the form was opened with.
    edit(desk, story, summary="First")
    mine = form_of(desk, change(story))
    edit(desk, story, title="Their title", creator="Their creator", rights="Their rights")
    return story, {**mine, "title": "My title", "summary": "My summary"}


def test_both_texts_are_shown_field_by_field(clash, desk) -> None:
    story, mine = clash
    refused = desk.post(change(story), mine)
    assert "curator saved this while you were writing" in refused.text
    form = refused.context["adminform"].form
    conflicts = {conflict.name: conflict for conflict in form.conflicts}
    # What only I changed is no conflict; what only they changed is theirs unless I say otherwise.
    assert {name: item.prefer_theirs for name, item in conflicts.items()} == {
        "title": False,
        "creator": True,
        "rights": True,
    }
    assert "<del>Their" in refused.text
    assert form["summary"].value() == "My summary"
    story.refresh_from_db()
    assert story.title == "Their title"


def test_each_field_is_kept_as_chosen(clash, desk) -> None:
    story, mine = clash
    refused = desk.post(change(story), mine)
    again = {
        **mine,
        "opened_version": refused.context["adminform"].form["opened_version"].value(),
        "keep-title": "mine",
        "keep-creator": "theirs",
        "keep-rights": "mine",
    }
    assert desk.post(change(story), again).status_code == 302
    story.refresh_from_db()
    kept = (story.title, story.summary, story.creator, story.rights)
    assert kept == ("My title", "My summary", "Their creator", "")


def test_a_third_save_in_between_is_a_conflict_again(clash, desk) -> None:
    story, mine = clash
    refused = desk.post(change(story), mine)
    opened = refused.context["adminform"].form["opened_version"].value()
    edit(desk, story, title="A third title")
    again = {**mine, "opened_version": opened, "keep-title": "theirs"}
    refused = desk.post(change(story), again)
    assert refused.status_code == 200
    story.refresh_from_db()
    assert story.title == "A third title"


def test_times_collections_and_ticks_can_be_theirs(lives, desk) -> None:
    place = Place.objects.get(name="Kokand")
    url = f"/admin/archive/place/{place.pk}/change/"
    mine = {**form_of(desk, url), "definition": "Mine"}
    theirs = {**form_of(desk, url), "reviewed": "on", "latitude": "41", "longitude": "71"}
    assert desk.post(url, theirs).status_code == 302
    refused = desk.post(url, mine)
    opened = refused.context["adminform"].form["opened_version"].value()
    names = [conflict.name for conflict in refused.context["adminform"].form.conflicts]
    keep = {f"keep-{name}": "theirs" for name in names if name != "definition"}
    assert desk.post(url, {**mine, "opened_version": opened, **keep}).status_code == 302
    place.refresh_from_db()
    assert (place.definition, place.reviewed, place.latitude) == ("Mine", True, 41)


# Who is there


def test_an_open_form_is_announced_and_forgotten(lives, desk, curator) -> None:
    story = lives["romy"]
    aigul = User.objects.create_superuser("aigul", first_name="Aigul", last_name="S.")
    other = Client()
    other.force_login(aigul)
    url = f"/admin/presence/story/{story.pk}/"
    assert desk.get(url).status_code == 405
    assert "has this open too. Agree" not in desk.get(change(story)).text.replace("{names} has", "")
    assert other.post(url).json() == {"others": []}
    assert desk.post(url).json() == {"others": ["Aigul S."]}
    page = desk.get(change(story))
    assert page.context["others"] == ["Aigul S."]
    assert other.get(change(story)).context["others"] == ["curator"]
    other.post(url, {"leave": "1"})
    assert desk.post(url).json() == {"others": []}
    # A form that says nothing any more counts as closed.
    other.post(url)
    edit_row = OpenEdit.objects.get(user=aigul)
    edit_row.seen -= OPEN_FOR * 2
    edit_row.save()
    assert desk.post(url).json() == {"others": []}
    place = Place.objects.get(name="Kokand")
    other.post(f"/admin/presence/tag/{place.pk}/")
    assert desk.get(f"/admin/archive/place/{place.pk}/change/").context["others"] == ["Aigul S."]


def test_nobody_learns_of_what_they_may_not_change(lives) -> None:
    user = User.objects.create_user("contributor", is_staff=True)
    user.groups.add(Group.objects.get(name="contributor"))
    client = Client()
    client.force_login(user)
    for path in (f"story/{lives['romy'].pk}", "story/0", "user/1", "story/99999999999999999999"):
        assert client.post(f"/admin/presence/{path}/").status_code == 404
    assert not OpenEdit.objects.exists()


# A session that ran out


def test_typed_text_survives_the_end_of_the_session(lives, curator) -> None:
    story = lives["romy"]
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(curator)
    form = form_of(browser, change(story))
    typed = "First line.\n\n“Quotes” & <b>tags</b>."
    token = browser.cookies["csrftoken"].value
    browser.cookies["sessionid"] = ""
    data = {**form, "body": typed, "_publish": "", "csrfmiddlewaretoken": token}
    asked = browser.post(change(story), data)
    assert GONE in asked.text
    sent = {"username": "curator", "csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    sent |= shown(asked.text, "carried")
    # A wrong password loses nothing.
    wrong = browser.post("/admin/login/", {**sent, "password": "wrong"})
    assert GONE in wrong.text
    sent["carried"] = shown(wrong.text, "carried")["carried"]
    back = browser.post("/admin/login/", {**sent, "password": "a long password"})
    assert back.status_code == 200
    assert f'action="{change(story)}"' in back.text
    fields = shown(back.text, "body")
    fields["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value
    assert fields["body"] == typed
    assert "_publish" not in fields
    resumed = browser.post(change(story), fields)
    assert "nothing is saved yet" in resumed.text
    assert resumed.context["adminform"].form["body"].value() == typed
    story.refresh_from_db()
    assert story.body != typed
    # And a last time, as the person presses Save.
    again = {key: value for key, value in fields.items() if not key.startswith("_")}
    assert browser.post(change(story), again).status_code == 302
    story.refresh_from_db()
    assert story.body == typed


def test_signing_in_elsewhere_loses_nothing_typed_here(lives, curator) -> None:
    story = lives["romy"]
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(curator)
    typed = {**form_of(browser, change(story)), "body": "Typed “here”.", "_publish": ""}
    typed["csrfmiddlewaretoken"] = "a" * 64
    back = browser.post(change(story), typed, headers={"Origin": "http://testserver"})
    assert f'action="{change(story)}"' in back.text
    fields = shown(back.text, "body")
    assert fields["body"] == "Typed “here”."
    assert "_publish" not in fields
    fields["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value
    assert "nothing is saved yet" in browser.post(change(story), fields).text
    story.refresh_from_db()
    assert story.body != "Typed “here”."
    # Signed out meanwhile: first the page for signing in.
    browser.cookies["sessionid"] = ""
    asked = browser.post(change(story), typed, headers={"Origin": "http://testserver"})
    assert GONE in asked.text
    # What other sites send goes nowhere.
    for headers in ({"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {}):
        assert browser.post(change(story), typed, headers=headers).status_code == 403


def test_what_was_carried_cannot_be_made_up(lives, curator) -> None:
    sent = {"username": "curator", "password": "a long password", "next": "/admin/"}
    answer = Client().post("/admin/login/", {**sent, "carried": "made:up"})
    assert (answer.status_code, answer.url) == (302, "/admin/")


def test_other_forms_are_not_carried(lives) -> None:
    visitor = Client()
    for path in ("/admin/archive/story/", "/admin/auth/user/add/", "/admin/nowhere/"):
        answer = visitor.post(path, {"password1": "secret"})
        assert answer.status_code == 302
    assert GONE in visitor.post("/admin/archive/place/add/", {"name": "Osh"}).text
