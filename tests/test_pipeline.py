"""Importing twice, importing changes, and tagging anew without undoing what a person decided."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.models import Change, Mention, Source, StopName, Story, Tag, Tagging
from archive.pipeline import import_paths, retag

State = Tagging.State


def outcomes(report) -> list[str]:
    return [entry.outcome.value for entry in report.files]


def snapshot() -> tuple:
    return (
        list(Story.objects.order_by("pk").values()),
        list(Tag.objects.order_by("pk").values()),
        list(Tagging.objects.order_by("pk").values()),
        list(Mention.objects.order_by("pk").values()),
    )


def test_importing_again_changes_nothing(lives, settings) -> None:
    before, last = snapshot(), Change.objects.count()
    report = import_paths([settings.BASE_DIR / "seeds"], collection="The first four lives")
    assert outcomes(report) == ["unchanged"] * 4
    assert snapshot() == before
    assert Change.objects.count() == last


def test_a_copy_is_a_duplicate(lives, tmp_path, settings) -> None:
    seed = next((settings.BASE_DIR / "seeds").glob("001*"))
    (tmp_path / "copy.txt").write_bytes(seed.read_bytes())
    (tmp_path / "same words.txt").write_text(seed.read_text().replace("\n\n", "\n\n\n"))
    report = import_paths([tmp_path])
    assert outcomes(report) == ["duplicate", "duplicate"]
    assert Story.objects.count() == 4


def test_a_changed_file_updates_its_story(db, tmp_path) -> None:
    file = tmp_path / "anna.txt"
    file.write_text("Anna Serova was born in Moscow. Anna danced in Moscow all her life.")
    import_paths([tmp_path])
    file.write_text("Anna Serova was born in Paris. Anna danced in Paris all her life.")
    report = import_paths([tmp_path])
    assert outcomes(report) == ["updated"]
    story = Story.objects.get()
    assert story.slug == "anna-serova"
    assert set(story.tags.filter(kind="place").values_list("name", flat=True)) == {"Paris"}
    assert Source.objects.count() == 2


def test_a_change_of_front_matter_alone_updates_the_story(db, tmp_path) -> None:
    file = tmp_path / "anna.md"
    head = "---\ntitle: {}\npeople: [{}]\ndate: {}\n---\n\nShe was born in Moscow.\n"
    file.write_text(head.format("Old", "Anna Serova, Vera Belova", "1950"))
    import_paths([tmp_path])
    file.write_text(head.format("New", "Anna Serova, Olga Belova", "1951"))
    assert outcomes(import_paths([tmp_path])) == ["updated"]
    story = Story.objects.get()
    assert (story.title, story.date, story.slug) == ("New", "1951", "old")
    named = story.taggings.filter(tag__kind="person", state="confirmed", origin="file")
    assert set(named.values_list("tag__name", flat=True)) == {"Anna Serova", "Olga Belova"}
    assert outcomes(import_paths([tmp_path])) == ["unchanged"]


def test_same_name_in_another_folder_is_another_file(db, tmp_path) -> None:
    for folder, text in (
        ("a", "Anna Serova lived in Moscow."),
        ("b", "Igor Belov lived in Paris."),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "story.txt").write_text(text)
        import_paths([tmp_path / folder])
    assert set(Story.objects.values_list("title", flat=True)) == {"Anna Serova", "Igor Belov"}


def test_an_edited_story_is_left_alone(db, tmp_path, desk) -> None:
    file = tmp_path / "anna.txt"
    file.write_text("Anna Serova was born in Moscow.")
    import_paths([tmp_path])
    Story.objects.update(body="Anna Serova was born in Kazan.", edited_at=timezone.now())
    file.write_text("Anna Serova was born in Paris.")
    report = import_paths([tmp_path])
    assert outcomes(report) == ["conflict"]
    assert Story.objects.get().body == "Anna Serova was born in Kazan."


def test_a_bad_file_is_refused_and_the_rest_goes_on(db, tmp_path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    (tmp_path / "b.txt").write_text("Anna Serova was born in Moscow.")
    report = import_paths([tmp_path])
    assert sorted(outcomes(report)) == ["imported", "refused"]
    refused = next(entry for entry in report.files if entry.outcome == "refused")
    assert refused.name == "a.txt"
    assert refused.reason


def test_front_matter_tags_are_confirmed(db, tmp_path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: A life\npeople: [Anna Serova]\nplaces: [Atlantis]\nstatus: draft\n---\n\n"
        "She lived in Moscow."
    )
    import_paths([tmp_path])
    story = Story.objects.get()
    assert (story.title, story.status) == ("A life", "draft")
    states = {t.tag.name: (t.state, t.origin) for t in story.taggings.select_related("tag")}
    assert states["Anna Serova"] == ("confirmed", "file")
    assert states["Atlantis"] == ("confirmed", "file")
    assert states["Moscow"] == ("suggested", "machine")


def test_two_stories_with_one_full_name_share_the_person(db, tmp_path) -> None:
    (tmp_path / "a.txt").write_text("Anna Serova met Boris Orlov in Moscow. Anna Serova sang.")
    (tmp_path / "b.txt").write_text("Boris Orlov was a painter. Boris Orlov lived in Paris.")
    import_paths([tmp_path])
    assert Tag.objects.get(kind="person", name="Boris Orlov").taggings.count() == 2


def test_a_surname_alone_is_nobody_in_particular(lives, tmp_path) -> None:
    (tmp_path / "a.txt").write_text(
        "Vera Belova learned to dance from Madame Petrova. Madame Petrova was strict."
    )
    import_paths([tmp_path])
    petrovas = Tag.objects.filter(kind="person", name="Madame Petrova")
    assert petrovas.count() == 2
    assert all(petrova.taggings.count() == 1 for petrova in petrovas)


def test_retag_is_idempotent(lives) -> None:
    before = snapshot()
    for story in lives.values():
        assert not retag(story).changed
    assert snapshot() == before


@pytest.mark.parametrize("state", [State.CONFIRMED, State.REJECTED])
def test_a_decision_survives_tagging_anew(lives, state) -> None:
    story = lives["giulia"]
    tagging = story.taggings.get(tag__name="Moscow")
    tagging.state = state
    tagging.save()
    retag(story)
    tagging.refresh_from_db()
    assert tagging.state == state
    assert story.taggings.filter(tag__name="Moscow").count() == 1


def test_a_suggestion_leaves_with_its_words_a_decision_stays(lives) -> None:
    story = lives["giulia"]
    story.taggings.filter(tag__name="Moscow").update(state=State.CONFIRMED)
    story.body = story.body.replace("Moscow", "the capital").replace("Kokand", "the oasis")
    story.save()
    report = retag(story)
    assert "place: Kokand" in report.removed
    assert set(report.lost) == {"Moscow"}
    moscow = story.taggings.get(tag__name="Moscow")
    assert moscow.state == State.CONFIRMED
    assert all(moscow.mentions.values_list("lost", flat=True))


def test_mentions_follow_an_edit_before_them(lives) -> None:
    story = lives["romy"]
    story.body = f"Here is what she told us.\n\n{story.body}"
    story.save()
    retag(story)
    for mention in Mention.objects.filter(tagging__story=story):
        assert story.body[mention.start : mention.end] == mention.quote


def test_a_curator_s_tag_finds_its_words(lives) -> None:
    story = lives["thierry"]
    tag = Tag.objects.create(kind="place", name="the steppes")
    tagging = Tagging.objects.create(story=story, tag=tag, state=State.CONFIRMED)
    retag(story)
    assert set(tagging.mentions.values_list("quote", flat=True)) == {"the steppes"}


def test_a_confirmed_name_is_found_in_later_stories_with_its_other_names(lives, tmp_path) -> None:
    story = lives["giulia"]
    troupe = Tag.objects.create(kind="person", name="Zz Vorr")
    troupe.other_names.create(name="the Silent Voice")
    Tagging.objects.create(story=story, tag=troupe, state=State.CONFIRMED)
    (tmp_path / "a.txt").write_text("In Paris she heard the Silent Voice once more, and wept.")
    import_paths([tmp_path])
    tagging = Tagging.objects.get(tag=troupe, story__source__name="a.txt")
    assert (tagging.state, tagging.origin) == (State.SUGGESTED, "machine")
    assert tagging.mentions.get().quote == "the Silent Voice"


def test_a_stopped_name_is_proposed_nowhere(lives, tmp_path) -> None:
    StopName.objects.create(kind="place", name="PARIS")
    (tmp_path / "a.txt").write_text("Anna Serova lived in Paris and in Moscow.")
    import_paths([tmp_path])
    story = Story.objects.get(source__name="a.txt")
    assert set(story.tags.filter(kind="place").values_list("name", flat=True)) == {"Moscow"}
    call_command("retag", stdout=StringIO())
    assert not Tagging.objects.filter(tag__name="Paris").exists()


def test_retag_command_shows_a_difference_and_ends_in_peace(lives) -> None:
    story = lives["lily"]
    story.taggings.filter(tag__name="Aktau").delete()
    confirmed = story.taggings.filter(tag__name="Kazakhstan")
    confirmed.update(state=State.CONFIRMED)
    before = snapshot()
    shown = StringIO()
    call_command("retag", "--dry-run", stdout=shown)
    assert "lily-baktybekova: + place: Aktau" in shown.getvalue()
    assert snapshot() == before
    report = StringIO()
    call_command("retag", "--story", "lily-baktybekova", "--report", stdout=report)
    assert json.loads(report.getvalue())["lily-baktybekova"]["added"] == ["place: Aktau"]
    assert confirmed.get().state == State.CONFIRMED
    after, shown = snapshot(), StringIO()
    call_command("retag", stdout=shown)
    assert shown.getvalue().strip() == "0 stories changed."
    assert snapshot() == after
    with pytest.raises(CommandError, match="no story"):
        call_command("retag", "--story", "nobody")
