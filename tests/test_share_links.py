"""Links by which somebody without an account reads a draft."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from archive.models import AuditEntry, ShareLink, Story, Tag, Tagging
from archive.pipeline import retag


@pytest.fixture
def draft(db) -> Story:
    return Story.objects.create(title="A draft", body="Secret words of Osh.")


def made(desk: Client, story: Story, days: str = "7") -> str:
    page = desk.post(f"/admin/archive/story/{story.pk}/share/", {"days": days}, follow=True)
    found = re.search(r"http://testserver(/shared/[^/]+/)", page.text)
    assert found
    return found[1]


def test_a_link_opens_a_draft_until_it_is_revoked(draft, desk) -> None:
    address = made(desk, draft)
    page = Client().get(address)
    assert "Secret words of" in page.text
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert "/admin/archive/story/" not in page.text
    # It opens this one page and nothing else.
    assert Client().get(draft.get_absolute_url()).status_code == 404
    token = address.split("/")[2]
    link = ShareLink.objects.get()
    assert token not in (link.token_sha256, str(link))
    assert token not in desk.get(f"/admin/archive/story/{draft.pk}/change/").text
    desk.post(f"/admin/archive/story/{draft.pk}/share/{link.pk}/revoke/")
    assert Client().get(address).status_code == 404
    said = AuditEntry.objects.values_list("action", flat=True)
    assert {"story.shared", "story.share_revoked"} <= set(said)


def test_a_link_expires(draft, desk) -> None:
    address = made(desk, draft)
    ShareLink.objects.update(expires=timezone.now() - datetime.timedelta(seconds=1))
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("token", ["x", "x" * 5000, "%00", "..", "٣", "a%2Fb"])
def test_made_up_links_open_nothing(db, token) -> None:
    assert Client().get(f"/shared/{token}/").status_code == 404
    assert Client().post(f"/shared/{token}/").status_code in (404, 405)


@pytest.mark.parametrize("days", ["0", "365", "x", "-7", "٧0"])
def test_only_offered_times(draft, desk, days) -> None:
    answer = desk.post(f"/admin/archive/story/{draft.pk}/share/", {"days": days})
    assert answer.status_code == 404
    assert not ShareLink.objects.exists()


def test_a_link_belongs_to_its_story(draft, desk) -> None:
    other = Story.objects.create(title="Other", body="Words")
    link, _token = ShareLink.make(other, None, 7)
    url = f"/admin/archive/story/{draft.pk}/share/{link.pk}/revoke/"
    assert desk.post(url).status_code == 404
    assert ShareLink.objects.open().count() == 1


def test_contributors_share_their_own_drafts_alone(draft) -> None:
    user = User.objects.create_user("contributor", is_staff=True)
    user.groups.add(Group.objects.get(name="contributor"))
    client = Client()
    client.force_login(user)
    assert client.post(f"/admin/archive/story/{draft.pk}/share/", {"days": "7"}).status_code == 404
    own = Story.objects.create(title="Own", body="Mine", owner=user)
    assert "Mine" in Client().get(made(client, own)).text


def test_a_shared_draft_leads_nowhere_that_is_not_there(draft, desk) -> None:
    tag = Tag.objects.create(kind="person", name="Olga Unseen")
    Tagging.objects.create(story=draft, tag=tag, state="confirmed")
    draft.body = f"Olga Unseen. {draft.body}"
    draft.save()
    retag(draft)
    visitor, address = Client(), made(desk, draft)
    page = visitor.get(address).text
    assert "Olga Unseen" in page
    links = set(re.findall(r'(?:href|data-url)="(/[^"#]+)', page))
    for link in sorted(links):
        if not link.startswith("/static/"):
            assert visitor.get(link.replace("&amp;", "&")).status_code in (200, 302), link
