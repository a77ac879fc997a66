"""Cues of themes: layered over the vocabulary, previewed before saving, read by the tagger."""

from __future__ import annotations

import pytest

from archive.curation import cues
from archive.curation.decisions import RefusedError
from archive.models import AuditEntry, Story, Tag, Tagging, ThemeCue
from archive.pipeline import retag
from archive.pipeline.cues import themes_here
from archive.tagging.themes import STRENGTHS, Theme, vocabulary, with_cues


def fields(notation: str, **changes: str) -> dict[str, str]:
    theme = next(theme for theme in themes_here() if theme.notation == notation)
    return {s: ", ".join(getattr(theme, s)) for s in STRENGTHS} | changes


def test_cues_are_added_moved_and_taken_away() -> None:
    theme = Theme("dance", "Dance", "", sure=("ballet~", "tango"), strong=("dance",))
    changes = {"Tango": "none", "dance": "sure", "kara jorgo": "weak"}
    changed = with_cues(theme, changes)
    assert changed.sure == ("ballet~", "dance")
    assert changed.strong == ()
    assert changed.weak == ("kara jorgo",)


@pytest.mark.django_db
def test_what_was_typed_is_read_back_as_a_difference() -> None:
    theme = next(theme for theme in vocabulary() if theme.notation == "dance")
    typed = fields("dance", weak="stage\n kara jorgo ")
    assert cues.difference(theme, cues.read(fields("dance"))) == {}
    changes = cues.difference(theme, cues.read(typed))
    assert changes["kara jorgo"] == "weak"
    assert changes["troupe"] == "none"
    assert "stage" not in changes


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"sure": "kolkhoz", "weak": "Kolkhoz"}, "there twice"),
        ({"sure": "one two three four five six seven"}, "too long"),
        ({"sure": "two words*"}, "no cue"),
        ({"sure": "a*"}, "too many words"),
        ({"sure": "~"}, "no cue"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(typed, words) -> None:
    with pytest.raises(RefusedError, match=words):
        cues.read(typed)


def test_seen_first_then_saved_then_read_by_the_tagger(lives, desk) -> None:
    story = lives["lily"]
    Story.objects.filter(pk=story.pk).update(
        body=f"{story.body}\n\nShe knew the kara jorgo. She danced the kara jorgo."
    )
    data = fields("dance", sure="kara jorgo", strong="", weak="")
    page = desk.post("/admin/cues/dance/", {**data, "look": "1"})
    preview = page.context["preview"]
    bearing = Tagging.objects.filter(tag__notation="dance", tag__kind="theme").count()
    assert preview.looked_at == bearing == 4
    assert {s.title.split()[0] for s in preview.losses} == {"Giulia", "Romy", "Thierry"}
    assert not ThemeCue.objects.exists()
    again = [s.pk for s in (*preview.gains, *preview.losses)]
    saved = desk.post("/admin/cues/dance/", {**data, "save": "1", "again": again}, follow=True)
    assert "Stories that changed at once: 3" in saved.text
    tagged = Tagging.objects.filter(tag__notation="dance").values_list("story", flat=True)
    assert set(tagged) == {story.pk}
    assert AuditEntry.objects.filter(action="cues.changed").exists()
    assert "changed here" in desk.get("/admin/cues/").text
    desk.post("/admin/cues/dance/", {**_original(), "save": "1"})
    assert not ThemeCue.objects.exists(), "the vocabulary's own cues need no rows"


def _original() -> dict[str, str]:
    theme = next(theme for theme in vocabulary() if theme.notation == "dance")
    return {s: ", ".join(getattr(theme, s)) for s in STRENGTHS}


def test_a_theme_of_their_own_is_found_by_the_tagger(lives, desk) -> None:
    tag = Tag.objects.create(kind="theme", name="Smiles")
    notation = f"own-{tag.pk}"
    assert "Smiles" in desk.get("/admin/cues/").text
    data = {"sure": "captivating smile, infectious laughter", "strong": "", "weak": ""}
    page = desk.post(f"/admin/cues/{notation}/", {**data, "look": "1"})
    assert [s.pk for s in page.context["preview"].gains] == [lives["giulia"].pk]
    desk.post(f"/admin/cues/{notation}/", {**data, "save": "1"})
    retag(Story.objects.get(pk=lives["giulia"].pk))
    tagging = lives["giulia"].taggings.get(tag=tag)
    quotes = list(tagging.mentions.values_list("quote", flat=True))
    assert (tagging.state, quotes) == (
        "suggested", ["captivating smile", "infectious laughter"]
    )  # fmt: skip
    assert Tag.objects.filter(kind="theme", name="Smiles").count() == 1


def test_what_decided_people_stays(lives, desk) -> None:
    tagging = lives["giulia"].taggings.get(tag__notation="dance")
    Tagging.objects.filter(pk=tagging.pk).update(state="confirmed", origin="curator")
    data = {"sure": "kara jorgo", "strong": "", "weak": "", "save": "1"}
    desk.post("/admin/cues/dance/", {**data, "again": [lives["giulia"].pk]})
    tagging.refresh_from_db()
    assert tagging.state == "confirmed"


def test_hostile_input_has_an_answer(lives, desk) -> None:
    assert desk.get("/admin/cues/nothing/").status_code == 404
    assert desk.get("/admin/cues/own-99999999999999999999/").status_code == 404
    for cue in ('"; DROP TABLE', "\x00", "a" * 5000, "(((", "<script>", "NEAR(a b)", "*"):
        answer = desk.post("/admin/cues/dance/", {"sure": cue, "look": "1"})
        assert answer.status_code == 200
        assert "<script>" not in answer.text.partition("desk-form")[2].replace("&lt;script&gt;", "")
