"""Words find stories by the names of their tags, and names weigh more than words of a text."""

from __future__ import annotations

import pytest

from archive.models import OtherName, Story, Tag, Tagging
from archive.search import looking
from tests.search.conftest import add_story, ask, titles, total


@pytest.fixture
def named(cast):
    """A person with another name, whom one text calls differently and one does not mention."""
    tag = Tag.objects.create(kind="person", name="Dinmukhamed Kunaev")
    OtherName.objects.create(tag=tag, name="Dimash Qonaev")
    add_story("Tagged", "A long talk with Dinmukhamed Kunaev.", [tag])
    add_story("Silent", "A long talk with the secretary.", [tag])
    add_story("Only words", "They spoke of qonaev, Qonaev and again of Qonaev.")
    add_story("Qonaev’s driver", "He drove.")
    add_story("Draft", "Nothing.", [tag], status="draft")
    return tag


def test_other_names_find_what_their_tag_is_on(named):
    assert set(titles("q=qonaev")) == {"Tagged", "Silent", "Only words", "Qonaev’s driver"}
    assert set(titles('q="Dimash Qonaev"')) == {"Tagged", "Silent"}
    assert set(titles("q=dimash")) == {"Tagged", "Silent"}
    assert set(titles("q=dim*")) == {"Tagged", "Silent"}
    assert titles("q=dim") == []
    assert titles("q=dimash secretary") == ["Silent"]
    assert titles("q=secretary -dimash") == []
    assert titles("q=nobody OR dimash&sort=title") == ["Silent", "Tagged"]
    assert total("?q=-dimash") == total("") - 2


@pytest.mark.parametrize("limit", [looking.RANK_LIMIT, 0])
def test_titles_and_names_stand_above_texts(named, monkeypatch, limit):
    monkeypatch.setattr(looking, "RANK_LIMIT", limit)
    found = titles("q=qonaev")
    assert found[-1] == "Only words"
    if limit:
        assert found[0] == "Qonaev’s driver"


def test_the_tag_says_why(named):
    entries = {entry.story.title: entry for entry in ask("q=dimash").entries}
    words = "".join(f"[{text}]" if marked else text for text, marked in entries["Tagged"].evidence)
    assert words == "A long talk with [Dinmukhamed Kunaev]."
    assert [tag.id for tag in entries["Silent"].tags] == [named.pk]


def test_names_change_at_once(named):
    assert total("?q=dimash") == 2
    OtherName.objects.filter(tag=named).delete()
    assert total("?q=dimash") == 0
    Tag.objects.filter(pk=named.pk).update(name="Dimash", name_key="dimash")
    assert total("?q=dimash") == 2
    Tagging.objects.filter(story__title="Silent").update(state="rejected")
    assert titles("q=dimash") == ["Tagged"]
    Story.objects.filter(title="Tagged").update(status="draft")
    assert titles("q=dimash") == []


def test_names_of_several_words_and_other_scripts(cast):
    for name in ("Saint-Denis", "Jean d’Arc", "東京都", "Алма-Ата", "Ålesund"):
        add_story(
            f"In {cast.tags['Paris'].pk}", "No.", [Tag.objects.create(kind="place", name=name)]
        )
    for typed in ("denis", '"saint denis"', "saint-denis", "d'arc", "東京", "алма", "alesund"):
        assert total(f"?q={typed}") == 1, typed


def test_names_match_in_any_form(cast):
    """As words of texts do: stemmed, without case and accents."""
    for number, name in enumerate(
        ("Ballet dancers", "Hoping", "Families", "Émigré", "Ёлкина", "Notes: songs", "Dancerina")
    ):
        add_story(f"Of {number}", "No.", [Tag.objects.create(kind="theme", name=name)])
    expected = {
        "dancer": "0", "DANCER": "0", '"ballet dancer"': "0", '"ballets dancers"': "0",
        "dancer*": "06", "dancers*": "0", "ballets": "0", "hope": "1", "hoped": "1", "hop": "",
        "family": "2", "emigres": "3", "ЁЛКИНА": "4", "елкина": "4", "note": "5", "song": "5",
        '"note song"': "5", '"songs notes"': "", "ballet -dancer": "",
    }  # fmt: skip
    for typed, numbers in expected.items():
        assert set(titles(f"q={typed}")) == {f"Of {number}" for number in numbers}, typed
    Tag.objects.filter(name="Hoping").update(name="Walking", name_key="walking")
    assert (titles("q=hope"), titles("q=walked")) == ([], ["Of 1"])
