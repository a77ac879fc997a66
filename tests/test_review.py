"""The review queue: what waits, decisions, undo, two curators at once, who may."""

from __future__ import annotations

import random

from django.contrib.auth.models import Permission, User
from django.test import Client

from archive.models import Decision, Mention, StopName, Story, Tag, Tagging
from archive.pipeline import retag

STATE = Tagging.State
DECIDE = "/admin/review/decide/"


def of(story: Story, name: str) -> Tagging:
    return story.taggings.get(tag__name=name)


def seen(*taggings: Tagging) -> list[str]:
    return [f"{tagging.pk}.{tagging.tag_id}" for tagging in taggings]


def decide(desk: Client, verdict: str, *taggings: Tagging, **more: str):
    return desk.post(DECIDE, {"verdict": verdict, "seen": seen(*taggings), **more}, follow=True)


def rows() -> tuple[list, ...]:
    """Everything that a decision may write."""
    return (
        list(Tagging.objects.order_by("pk").values()),
        list(Mention.objects.order_by("pk").values()),
        list(Tag.objects.order_by("pk").values("pk", "name", "disambiguation", "slug")),
        list(StopName.objects.values()),
    )


def undo_last(desk: Client):
    return desk.post("/admin/review/undo/", {"decision": Decision.objects.first().pk}, follow=True)


def test_the_queue_shows_sentences_rules_and_confidence_in_words(lives, desk) -> None:
    page = desk.get("/admin/review/", {"kind": "place", "story": lives["giulia"].pk})
    assert page.status_code == 200
    card = next(c for c in page.context["page"].cards if c.tagging.tag.name == "Kokand")
    sentence = card.sentences[0]
    whole = sentence.before + sentence.words + sentence.after
    assert whole in lives["giulia"].body
    assert whole.endswith(".")
    assert "gazetteer" in sentence.rule
    assert "sure" in card.sure
    assert '<mark class="mark-place">Kokand</mark>' in page.text
    assert "This “Kokand” is another one" in page.text


def test_confirm_reject_and_undo_are_exact(lives, desk) -> None:
    story = lives["lily"]
    before = rows()
    for verdict, state in (("confirm", STATE.CONFIRMED), ("reject", STATE.REJECTED)):
        tagging = of(story, "Aktau")
        assert "Aktau" in decide(desk, verdict, tagging).text
        tagging.refresh_from_db()
        assert (tagging.state, tagging.origin) == (state, "curator")
        retag(Story.objects.get(pk=story.pk))
        tagging.refresh_from_db()
        assert tagging.state == state, "no machine undoes a decision"
        assert "Undone" in undo_last(desk).text
        assert rows() == before
    assert "undone already" in undo_last(desk).text


def test_rejected_for_good_stops_the_name(lives, desk) -> None:
    before = rows()
    decide(desk, "stop", of(lives["lily"], "Aktau"))
    assert str(StopName.objects.get()) == "Aktau (place)"
    undo_last(desk)
    assert rows() == before


def test_another_tag_bars_the_wrong_one(lives, desk) -> None:
    story = lives["giulia"]
    wrong = of(story, "Kokand")
    right = Tag.objects.create(kind="place", name="Kokand Khanate")
    before = rows()
    decide(desk, "change", wrong, to="kokand khanate", to_kind="place")
    assert of(story, "Kokand").state == STATE.REJECTED
    changed = story.taggings.get(tag=right)
    assert (changed.state, changed.origin) == (STATE.CONFIRMED, "curator")
    assert set(changed.mentions.values_list("quote", flat=True)) == {"Kokand"}
    undo_last(desk)
    assert rows() == before


def test_a_change_to_a_tag_that_the_story_has(lives, desk) -> None:
    story = lives["giulia"]
    before = rows()
    decide(desk, "change", of(story, "Kokand"), to="Moscow", to_kind="place")
    assert of(story, "Moscow").state == STATE.CONFIRMED
    assert "Kokand" in of(story, "Moscow").mentions.values_list("quote", flat=True)
    assert of(story, "Kokand").state == STATE.REJECTED
    undo_last(desk)
    assert rows() == before


def test_a_name_of_several_or_of_none_is_asked_for(lives, desk) -> None:
    story = lives["giulia"]
    kokand = of(story, "Kokand")
    for apart in ("in fiction", "Texas"):
        Tag.objects.create(kind="place", name="Turan", disambiguation=apart)
    page = decide(desk, "change", kokand, to="Turan", to_kind="place")
    assert "Which one is meant?" in page.text
    texan = Tag.objects.get(disambiguation="Texas")
    told = decide(desk, "change", kokand, to="Turan (Texas)", to_kind="place")
    assert "Turan (Texas)" in told.text
    undo_last(desk)
    decide(desk, "change", kokand, to_id=str(texan.pk))
    assert story.taggings.filter(tag=texan, state=STATE.CONFIRMED).exists()
    undo_last(desk)
    none = decide(desk, "change", kokand, to="Erewhon", to_kind="place")
    assert "Make this tag" in none.text
    decide(desk, "change", kokand, to="Erewhon", to_kind="place", new="1")
    assert of(story, "Erewhon").state == STATE.CONFIRMED


def test_split_makes_a_namesake(lives, desk) -> None:
    story = lives["giulia"]
    before = rows()
    same = decide(desk, "split", of(story, "Anatoly Pokrovsky"), apart=" ")
    assert "tell the two apart" in same.text
    decide(desk, "split", of(story, "Anatoly Pokrovsky"), apart="the showman")
    tagging = story.taggings.get(tag__disambiguation="the showman")
    assert (str(tagging.tag), tagging.state) == (
        "Anatoly Pokrovsky (the showman)",
        STATE.CONFIRMED,
    )
    assert tagging.mentions.exists()
    undo_last(desk)
    assert rows() == before


def test_in_a_batch(lives, desk) -> None:
    theme = Tag.objects.get(name="Dance", kind="theme")
    listed = desk.get("/admin/review/tags/")
    assert "4 stories" in listed.text
    page = desk.get(f"/admin/review/?tag={theme.pk}")
    taggings = [card.tagging for card in page.context["page"].cards]
    assert {tagging.tag_id for tagging in taggings} == {theme.pk}
    before = rows()
    assert "“Dance” in 4 stories" in decide(desk, "confirm", *taggings).text
    assert theme.taggings.filter(state=STATE.CONFIRMED).count() == 4
    undo_last(desk)
    assert rows() == before
    assert "Lily" in desk.get("/admin/review/stories/").text


def test_two_curators_do_not_trip_over_each_other(lives, desk) -> None:
    tagging = of(lives["lily"], "Aktau")
    decide(desk, "confirm", tagging)
    late = decide(desk, "reject", tagging)
    assert "Somebody was faster" in late.text
    tagging.refresh_from_db()
    assert tagging.state == STATE.CONFIRMED
    # What was confirmed is changed by hand: the undo leaves it alone.
    Tagging.objects.filter(pk=tagging.pk).update(state=STATE.REJECTED)
    assert "has changed this since" in undo_last(desk).text
    tagging.refresh_from_db()
    assert tagging.state == STATE.REJECTED
    assert Decision.objects.get().undone is None


def test_an_open_form_of_the_story_knows_that_it_is_stale(lives, desk) -> None:
    story = lives["lily"]
    decide(desk, "confirm", of(story, "Aktau"))
    assert Story.objects.get(pk=story.pk).version == story.version + 1


def test_the_script_gets_json(lives, desk) -> None:
    tagging = of(lives["lily"], "Aktau")
    data = {"verdict": "confirm", "seen": seen(tagging)}
    answer = desk.post(DECIDE, data, headers={"accept": "application/json"})
    assert answer.json()["ok"] is True
    again = desk.post(DECIDE, data, headers={"accept": "application/json"})
    assert (again.status_code, again.json()["ok"]) == (409, False)


def test_who_may(lives) -> None:
    user = User.objects.create_user("helper", password="x", is_staff=True)
    client = Client()
    client.force_login(user)
    paths = ["", "tags/", "stories/", "decisions/"]
    assert {client.get(f"/admin/review/{path}").status_code for path in paths} == {403}
    assert client.post(DECIDE, {"verdict": "confirm"}).status_code == 403
    assert client.get(DECIDE).status_code == 405
    user.user_permissions.add(Permission.objects.get(codename="change_tagging"))
    Story.objects.filter(pk=lives["romy"].pk).update(status="draft")
    shown = client.get("/admin/review/", {"story": lives["romy"].pk})
    assert shown.context["page"].cards == ()
    assert client.get("/admin/review/").context["page"].cards
    assert Client().get("/admin/review/").status_code == 302


def test_every_query_string_has_an_answer(lives, desk) -> None:
    dice = random.Random(7)
    names = ["kind", "rule", "collection", "confidence", "tag", "story", "after", "before"]
    values = [
        "",
        "person",
        "known-name",
        "low",
        "1",
        "-1",
        "9" * 30,
        "1-2",
        "x-y",
        "\x00",
        "é",
        "'",
    ]
    for _ in range(40):
        query = {dice.choice(names): dice.choice(values) for _ in range(3)}
        for path in ("", "tags/", "decisions/"):
            assert desk.get(f"/admin/review/{path}", query).status_code == 200
        posted = {"verdict": dice.choice(["confirm", "split", "x"]), "seen": dice.choice(values)}
        assert desk.post(DECIDE, {**posted, **query}).status_code in (302, 400)


def test_pages_by_key_and_the_same_number_of_queries(
    lives, desk, django_assert_max_num_queries
) -> None:
    first = desk.get("/admin/review/")
    assert len(first.context["page"].cards) == 20
    got = [card.tagging.pk for card in first.context["page"].cards]
    page = first
    while page.context["next"]:
        page = desk.get(f"/admin/review/?{page.context['next']}")
        got += [card.tagging.pk for card in page.context["page"].cards]
    assert len(got) == len(set(got)) == Tagging.objects.filter(state="suggested").count()
    with django_assert_max_num_queries(16):
        desk.get("/admin/review/")


def test_hostile_names_are_shown_as_text(lives, desk) -> None:
    tag = Tag.objects.create(kind="person", name="<script>alert(1)</script>")
    Tagging.objects.create(story=lives["romy"], tag=tag, origin="machine")
    page = desk.get(f"/admin/review/?tag={tag.pk}")
    assert "&lt;script&gt;alert" in page.text
    assert "<script>alert" not in page.text


def test_split_place_by_place_and_read_again(lives, desk) -> None:
    story = lives["giulia"]
    tagging = of(story, "Kokand")
    first, second = tagging.mentions.order_by("start")
    before = rows()
    page = decide(desk, "split", tagging, apart="the khanate", place=[str(second.pk)])
    assert "Kokand (the khanate)" in page.text
    other = story.taggings.get(tag__disambiguation="the khanate")

    def places() -> tuple[list, list]:
        return tuple(
            [(m.start, m.quote) for m in row.mentions.order_by("start")] for row in (tagging, other)
        )

    told = ([(first.start, "Kokand")], [(second.start, "Kokand")])
    assert places() == told
    tagging.refresh_from_db()
    assert (tagging.state, other.state) == (STATE.SUGGESTED, STATE.CONFIRMED)
    retag(Story.objects.get(pk=story.pk))
    assert places() == told, "reading the text again keeps them apart"
    # Also when words are written in front of both.
    story = Story.objects.get(pk=story.pk)
    story.body = f"A word before. {story.body}"
    story.save()
    retag(story)
    assert places() == ([(first.start + 15, "Kokand")], [(second.start + 15, "Kokand")])
    story.body = story.body.removeprefix("A word before. ")
    story.save()
    retag(story)
    undo_last(desk)
    assert {row["quote"] for row in rows()[1]} == {row["quote"] for row in before[1]}
    now, then = ([(r["id"], r["tag_id"], r["state"]) for r in t] for t in (rows()[0], before[0]))
    assert now == then
