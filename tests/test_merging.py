"""Merging tags: what moves and combines, what is refused, the exact undo; near-duplicates."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from reversion.models import Version

from archive.curation import decisions, merging, twins
from archive.curation.decisions import RefusedError
from archive.curation.splitting import split
from archive.models import (
    AuditEntry,
    Decision,
    Mention,
    NotSame,
    OldTagSlug,
    OtherName,
    OtherNotation,
    StopName,
    Story,
    Tag,
    Tagging,
)
from archive.pipeline import retag
from archive.search.index import index

STATE = Tagging.State


def everything() -> dict[str, list]:
    """All rows that a merge may touch; versions only ever count up."""
    models = [
        Tagging, Mention, Tag, OtherName, OldTagSlug, OtherNotation, NotSame, StopName
    ]  # fmt: skip
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name != "version"}
            for row in model.objects.order_by("pk").values()
        ]
        for model in models
    }


def place(name: str, **more) -> Tag:
    return Tag.objects.create(kind="place", name=name, **more)


def merge(user: User, kept: Tag, *gone: Tag) -> Decision:
    return merging.merge(user, kept, [kept, *gone])


@pytest.fixture
def paris(lives) -> Tag:
    return Tag.objects.get(kind="place", name="Paris")


def test_stories_words_names_addresses_and_codes_move_and_come_back(lives, curator, paris) -> None:
    kept = place("Paris on the Seine", definition="The city of light")
    paris.other_names.create(name="Lutetia")
    quarter = place("Montmartre", broader=paris)
    stories = set(paris.taggings.values_list("story", flat=True))
    france, notation = paris.broader, paris.notation
    assert france and notation and len(stories) == 2
    before = everything()
    decision = merge(curator, kept, paris)
    kept.refresh_from_db()
    quarter.refresh_from_db()
    assert set(kept.taggings.values_list("story", flat=True)) == stories
    assert {m.quote for m in Mention.objects.filter(tagging__tag=kept)} == {"Paris"}
    assert set(kept.other_names.values_list("name", flat=True)) >= {"Paris", "Lutetia"}
    assert (kept.definition, kept.broader, kept.notation) == ("The city of light", france, notation)
    assert kept.latitude == paris.latitude
    assert quarter.broader == kept
    answer = Client().get("/places/paris/")
    assert (answer.status_code, answer.url) == (301, kept.get_absolute_url())
    assert AuditEntry.objects.filter(action="tags.merged").exists()
    newest = Version.objects.get_for_object(kept).first()
    assert newest.revision.user == curator
    assert newest.revision.comment == "Merged: Paris on the Seine ← Paris"
    # No machine makes the old tag again.
    for story in Story.objects.all():
        retag(story)
    assert not Tag.objects.filter(kind="place", name="Paris").exists()
    assert index.tag_counts()[kept.pk] == 2
    decisions.undo(curator, decision.pk)
    assert everything() == before
    assert "Undone" in Version.objects.get_for_object(paris).first().revision.comment
    assert Client().get("/places/paris/").status_code == 200


@pytest.mark.parametrize(
    ("kept_state", "other_state", "after"),
    [
        (STATE.SUGGESTED, STATE.CONFIRMED, STATE.CONFIRMED),
        (STATE.CONFIRMED, STATE.REJECTED, STATE.CONFIRMED),
        (STATE.REJECTED, STATE.CONFIRMED, STATE.CONFIRMED),
        (STATE.REJECTED, STATE.SUGGESTED, STATE.REJECTED),
        (STATE.SUGGESTED, STATE.REJECTED, STATE.REJECTED),
        (STATE.REJECTED, STATE.REJECTED, STATE.REJECTED),
    ],
)
def test_states_combine(lives, curator, paris, kept_state, other_state, after) -> None:
    story = lives["thierry"]
    kept = place("Paris on the Seine")
    row = Tagging.objects.create(story=story, tag=kept, state=kept_state, confidence=0.4)
    start = story.body.index("Paris")
    Mention.objects.create(tagging=row, start=start, end=start + 5, quote="Paris", rule="x")
    story.taggings.filter(tag=paris).update(state=other_state, role="subject", confidence=0.8)
    words = Mention.objects.filter(tagging__tag=paris, tagging__story=story).count()
    before = everything()
    assert merging.preview(kept, [kept, paris]).combined == 1
    decision = merge(curator, kept, paris)
    (row,) = story.taggings.filter(tag=kept)
    assert row.state == after
    assert row.mentions.count() == max(words, 1), "the same words are not there twice"
    decisions.undo(curator, decision.pk)
    assert everything() == before


def test_what_is_decided_after_a_merge_survives_its_undo(lives, curator, paris) -> None:
    kept = place("Paris on the Seine")
    decision = merge(curator, kept, paris)
    row = Tagging.objects.filter(tag=kept).first()
    decisions.confirm(curator, [decisions.Seen(row.pk, kept.pk)])
    decisions.undo(curator, decision.pk)
    row.refresh_from_db()
    assert (row.tag, row.state) == (paris, STATE.CONFIRMED)
    with pytest.raises(RefusedError, match="undone already"):
        decisions.undo(curator, decision.pk)


def test_words_stand_where_they_are_if_the_text_moved_before_the_undo(
    lives, curator, paris
) -> None:
    story, kept = lives["thierry"], place("Paris on the Seine")
    row = story.taggings.create(tag=kept, state=STATE.CONFIRMED)
    start = story.body.index("Paris")
    words = {"before": story.body[start - 9 : start], "after": story.body[start + 5 : start + 15]}
    row.mentions.create(start=start, end=start + 5, quote="Paris", rule="x", **words)
    decision = merge(curator, paris, kept)
    story.body = f"A word before. {story.body}"
    story.save()
    retag(story)
    decisions.undo(curator, decision.pk)
    (mention,) = story.taggings.get(tag=kept).mentions.all()
    assert mention.start == start + len("A word before. ")
    for mention in Mention.objects.filter(tagging__story=story, lost=False):
        assert story.body[mention.start : mention.end] == mention.quote


def test_a_merge_that_was_merged_on_is_undone_after_the_later_one(lives, curator, paris) -> None:
    second, third = place("Paris on the Seine"), place("Lutetia")
    before = everything()
    first = merge(curator, second, paris)
    later = merge(curator, third, second)
    with pytest.raises(RefusedError, match="Undo that one first: Merged: Lutetia"):
        decisions.undo(curator, first.pk)
    decisions.undo(curator, later.pk)
    decisions.undo(curator, first.pk)
    assert everything() == before


def test_a_merge_is_bounded(lives, curator, paris, monkeypatch) -> None:
    kept = place("Paris on the Seine")
    monkeypatch.setattr(merging, "MOST_MOVED", 1)
    with pytest.raises(RefusedError, match="too many stories for one merge"):
        merge(curator, kept, paris)
    assert merge(curator, paris, kept), "the other way round only one tag moves"


def test_trees_stay_without_loops(db, curator) -> None:
    top = place("Top")
    upper = place("Upper", broader=top)
    middle = place("Middle", broader=upper)
    low = place("Low", broader=middle)
    before = everything()
    decision = merge(curator, low, upper)
    for tag in (low, middle):
        tag.refresh_from_db()
    assert (low.broader, middle.broader) == (top, low)
    decisions.undo(curator, decision.pk)
    assert everything() == before
    merge(curator, upper, middle, low)
    upper.refresh_from_db()
    assert upper.broader == top


def test_two_codes_lead_to_the_one_that_stays(lives, curator, paris) -> None:
    moscow = Tag.objects.get(kind="place", name="Moscow")
    code = moscow.notation
    before = everything()
    decision = merge(curator, paris, moscow)
    assert OtherNotation.objects.get().notation == code
    retag(Story.objects.get(pk=lives["giulia"].pk))
    assert not Tag.objects.filter(kind="place", name="Moscow").exists()
    decisions.undo(curator, decision.pk)
    assert {**everything(), "Mention": 0} == {**before, "Mention": 0}


def test_pairs_that_are_not_the_same_are_carried(db, curator) -> None:
    one, two, three = (place(name) for name in ("One", "Two", "Three"))
    NotSame.objects.create(first=two, second=three)
    NotSame.objects.create(first=one, second=two)
    assert any("not the same" in w for w in merging.preview(one, [one, two]).warnings)
    before = everything()
    decision = merge(curator, one, two)
    assert list(NotSame.objects.values_list("first", "second")) == [(one.pk, three.pk)]
    decisions.undo(curator, decision.pk)
    assert everything() == before


def test_the_page_previews_and_merges_what_was_seen(lives, desk, paris) -> None:
    other = place("Paris, France")
    address = f"/admin/tags/merge/?tag={paris.pk}&tag={other.pk}"
    page = desk.get(address)
    assert page.context["kept"] == paris
    assert "Becomes another name of it: “Paris, France”" in page.text
    data = {"tag": [paris.pk, other.pk], "into": paris.pk, "seen": page.context["preview"].seen}
    Tagging.objects.create(story=lives["romy"], tag=other)
    stale = desk.post("/admin/tags/merge/", data, follow=True)
    assert "changed meanwhile" in stale.text
    data["seen"] = stale.context["preview"].seen
    done = desk.post("/admin/tags/merge/", data, follow=True)
    assert "Merged: Paris ← Paris, France" in done.text
    merged = Decision.objects.get()
    assert (
        "Undone"
        in desk.post("/admin/review/undo/", {"decision": merged.pk, "to_list": 1}, follow=True).text
    )
    assert Tag.objects.filter(pk=other.pk).exists()


def test_what_cannot_be_merged_is_said(lives, desk, paris) -> None:
    theme = Tag.objects.get(kind="theme", name="Dance")
    for query, words in (
        ("", "Which tags are the same?"),
        (f"?tag={paris.pk}", "Choose two tags or more"),
        (f"?tag={paris.pk}&tag={theme.pk}", "not of one kind"),
        ("?tag=x&tag=99999999999999999999&into=y", "Which tags are the same?"),
        ("?add=Nobody&kind=person", "No tag is called"),
    ):
        page = desk.get(f"/admin/tags/merge/{query}")
        assert (page.status_code, words in page.text) == (200, True), words
    added = desk.get(f"/admin/tags/merge/?tag={paris.pk}&add=Moscow&kind=place")
    assert any("km apart" in warning for warning in added.context["preview"].warnings)


def test_who_may_merge(lives, paris) -> None:
    user = User.objects.create_user("helper", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_tag"))
    client = Client()
    client.force_login(user)
    assert client.get("/admin/tags/merge/").status_code == 403
    assert client.get("/admin/tags/alike/").status_code == 200
    assert client.get(f"/admin/tags/{paris.pk}/split/").status_code == 200
    assert Client().get("/admin/tags/merge/").status_code == 302


def test_names_that_look_alike_are_proposed_until_told_apart(db, desk) -> None:
    one, two = place("St. Petersburg"), place("Saint Petersburg")
    place("St. Petersburg", disambiguation="Florida")
    place("Samarkand")
    typo = place("Samarkend")
    old = place("Bombay")
    OtherName.objects.create(tag=place("Mumbai"), name="Bombay")
    person = Tag.objects.create(kind="person", name="Anna Petrova")
    turned = Tag.objects.create(kind="person", name="Petrova Anna")
    for apart in ("in one", "in two"):
        Tag.objects.create(kind="person", name="Giulia", disambiguation=apart)
    places = {(p.first, p.second): p.reason for p in twins.near("place")}
    assert places[one.pk, two.pk] == "words"
    assert "letters" in {why for pair, why in places.items() if typo.pk in pair}
    assert "name" in {why for pair, why in places.items() if old.pk in pair}
    assert [(p.first, p.second) for p in twins.near("person")] == [(person.pk, turned.pk)]
    page = desk.get("/admin/tags/alike/?kind=place")
    assert "Saint Petersburg" in page.text
    assert Tag.objects.count() == 11, "nothing is merged by a machine"
    desk.post("/admin/tags/not-same/", {"tag": [two.pk, one.pk]})
    assert (one.pk, two.pk) not in {(p.first, p.second) for p in twins.near("place")}


def test_split_moves_the_chosen_stories(lives, desk, curator, paris) -> None:
    rows = list(paris.taggings.all())
    before = everything()
    page = desk.get(f"/admin/tags/{paris.pk}/split/")
    assert "Thierry" in page.text
    nothing = desk.post(f"/admin/tags/{paris.pk}/split/", {"apart": "Texas"})
    assert "Tick the stories" in nothing.text
    done = desk.post(
        f"/admin/tags/{paris.pk}/split/", {"seen": [rows[0].pk], "apart": "Texas"}, follow=True
    )
    assert "Paris (Texas)" in done.text
    texan = Tag.objects.get(disambiguation="Texas")
    assert texan.taggings.get().story == rows[0].story
    assert rows[0].story.taggings.get(tag=paris).state == STATE.REJECTED
    assert rows[1].story.taggings.get(tag=paris).state == STATE.SUGGESTED
    decisions.undo(curator, Decision.objects.get().pk)
    assert everything() == before
    with pytest.raises(RefusedError, match="meanwhile"):
        split(curator, paris, [rows[0].pk, 999_999], apart="Texas")


def test_as_many_queries_for_many_stories(db, curator, django_assert_max_num_queries) -> None:
    kept, gone = place("Kept"), place("Gone")
    stories = Story.objects.bulk_create(
        Story(title=f"Story {n}", slug=f"story-{n}", body="Gone, Gone and Kept.") for n in range(60)
    )
    rows = [Tagging(story=story, tag=gone) for story in stories]
    rows += [Tagging(story=story, tag=kept, state="confirmed") for story in stories[:30]]
    rows = Tagging.objects.bulk_create(rows)
    Mention.objects.bulk_create(
        Mention(tagging=row, start=6 * (n % 2), end=6 * (n % 2) + 4, quote="Gone", rule="x")
        for n, row in enumerate(rows)
    )
    before = everything()
    with django_assert_max_num_queries(70):
        decision = merge(curator, kept, gone)
    assert kept.taggings.count() == 60
    decisions.undo(curator, decision.pk)
    assert everything() == before
