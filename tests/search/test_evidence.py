"""The sentence that says why a story was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.models import Mention, Story
from archive.search.evidence import (
    MAX_CHARS,
    excerpt,
    opening,
    plain,
    sentence,
    word_spans,
)
from archive.search.fulltext.query import parse
from tests.search.conftest import add_story, ask


def shown(pieces) -> str:
    """Pieces as one string, the marked ones in brackets."""
    return "".join(f"[{text}]" if marked else text for text, marked in pieces)


def evidence(query: str) -> dict[str, str]:
    return {entry.story.title: shown(entry.evidence) for entry in ask(query).entries}


def test_the_sentence_that_mentions_the_tag(cast):
    assert evidence("place=paris") == {
        "Lily": "One day a choreographer from New York City saw her at a festival in [Paris].",
        "Thierry": "Her journey took her to [Paris], where she danced at the Opéra.",
    }


def test_a_narrower_place_is_evidence_for_a_broader_one(cast):
    assert evidence("place=russia") == {
        "Giulia": "She studied in [Moscow].",
        "Romy": "She was offered a place in [St. Petersburg], [Russia].",
    }


def test_the_rarer_value_decides(cast):
    assert evidence("place=kazakhstan&place=new-york-city")["Romy"] == (
        "Now she dances in [New York City]."
    )


def test_words_are_marked_as_they_were_found(cast):
    found = evidence("q=dance")
    assert found["Giulia"] == "There she found her calling – [dancing]."
    assert found["Thierry"].endswith("where she [danced] at the Opéra.")
    assert evidence("q=OPERA")["Thierry"].endswith("at the [Opéra].")
    assert "[New York City]" in evidence('q="new york city"')["Lily"]
    assert "[steppes]" in evidence("q=step*")["Thierry"]


def test_without_a_question_the_summary_or_the_opening(cast):
    add_story("Short", "The text itself.", summary="What it is *about*.")
    found = evidence("")
    assert found["Short"] == "What it is about."
    assert found["Giulia"] == "Giulia was born in the town of Kokand. She studied in Moscow."


def test_a_tag_without_words_to_support_it(cast):
    assert evidence("theme=fame")["Lily"].startswith("Born in Aktau, Kazakhstan, Lily loved music.")


@pytest.mark.parametrize("before", [100, 59_990, 79_690, 150_001])
def test_words_however_deep_in_a_long_body(cast, before):
    filling = ("Ordinary operations. " * 8_000)[: before - 20] + " End of the filling. "
    add_story("Long", filling + "Then she sang an *opera* in Milan. " + "More. " * 5_000)
    add_story("None", "Ordinary operations. " * 20_000, summary="Not long.")
    page = ask("q=opera milan")
    assert {entry.story.title: shown(entry.evidence) for entry in page.entries} == {
        "Long": "Then she sang an [opera] in [Milan]."
    }


def test_words_in_the_title_are_marked_there(cast):
    add_story("Winter in *Ñandú*: a winterreise", "Nothing of it.", summary="A summary.")
    (entry,) = ask('q=nandu "winter in"').entries
    assert shown(entry.title) == "[Winter in] *[Ñandú]*: a winterreise"
    assert shown(entry.evidence) == "A summary."
    assert all(not marked for entry in ask("").entries for _words, marked in entry.title)


def test_lost_mentions_are_no_evidence(cast):
    Mention.objects.filter(tagging__tag=cast.tags["Paris"]).update(lost=True)
    assert "[" not in evidence("place=paris")["Lily"]


def test_a_mention_deep_in_a_long_body(cast):
    body = "Nothing to see. " * 20_000 + "At last she reached Paris by train. " + "The end. " * 900
    add_story("Long", body, [cast.tags["Paris"]])
    assert evidence("place=paris")["Long"] == "At last she reached [Paris] by train."


@pytest.mark.parametrize(
    ("text", "around", "expected"),
    [
        ("One. Two here. Three.", "here", "Two [here]."),
        ("He said: “No!” Then he left.", "left", "Then he [left]."),
        ("In St. Petersburg, Mr. J. Smith met Dr. Who. End.", "met", None),
        ("First line\n\nSecond line", "Second", "[Second] line"),
        ("Wrapped\nat the margin.", "margin", "Wrapped at the [margin]."),
        ("# Heading\nText with **bold name** in it.", "name", "Text with bold [name] in it."),
        ("See [Paris](https://x.example/a_(b)) now.", "Paris", None),
        ("A *quiet* life in _Paris_, 2 * 3.", "Paris", "A quiet life in [Paris], 2 * 3."),
        ("- an item\n- Paris again\n- more", "Paris", "[Paris] again"),
        ("> Quoted Paris.", "Paris", "Quoted [Paris]."),
        ("東京へ行った。京都へも行った。", "京都", "[京都]へも行った。"),
        ("Wait… Paris?! Yes.", "Paris", "[Paris]?!"),
        (
            "The girl from Paris - now a dancer - left.",
            "Paris",
            "The girl from [Paris] - now a dancer - left.",
        ),
        ("In Paris's streets it's cold.", "Paris", "In [Paris]’s streets it’s cold."),
        ("She left Paris.[^1] Then she came.\n\n[^1]: A note.", "Paris", "She left [Paris]."),
        ("She came.\n\n[^1]: A note on Paris.", "Paris", "A note on [Paris]."),
        (
            "She left [Paris][p] & *“all”* there, [sic].",
            "Paris",
            "She left [Paris] & “all” there, [sic].",
        ),
        (
            "She <em>left</em> Paris&nbsp;&amp; \\*sang\\* <b>there</b>.",
            "Paris",
            "She left [Paris] & *sang* there.",
        ),
        ("Tags like <unknown> stay in Paris.", "Paris", "Tags like <unknown> stay in [Paris]."),
        ("| Paris | 1990 |\n| --- | --- |\n| Rome | 1991 |", "Paris", "[Paris] | 1990 Rome | 1991"),
        ('In [Paris](https://x.example/a_(b) "Title") now.', "Paris", "In [Paris] now."),
        ("### Paris ###\n\nText.", "Paris", "[Paris]"),
        ("***Paris*** is ~~far~~ `near`.", "Paris", "[Paris] is far near."),
    ],
)
def test_sentences(text, around, expected):
    start = text.index(around)
    span = (start, start + len(around))
    found = shown(excerpt(text, span).pieces([span]))
    if expected is None:
        assert f"[{around}]" in found
        assert "](" not in found.replace(f"[{around}]", "")
    else:
        assert found == expected


def test_abbreviations_end_no_sentence():
    text = "In St. Petersburg, Mr. J. Smith met Dr. Who. End."
    at = text.index("met")
    assert sentence(text, at, at + 3) == (0, text.index(" End"))


def test_a_long_sentence_is_cut_at_whole_words():
    text = "start " + "word " * 200 + "Paris " + "word " * 200 + "stop."
    at = text.index("Paris")
    found = shown(excerpt(text, (at, at + 5)).pieces([(at, at + 5)]))
    assert found.startswith("… word")
    assert found.endswith("word …")
    assert "[Paris]" in found
    assert len(found) <= MAX_CHARS + 6


def test_plain():
    assert (
        plain("[a](b) and ![c](d) **e** _f_ `g` snake_case 2*3") == "a and c e f g snake_case 2*3"
    )


def test_opening():
    assert shown(opening("# Title\n\nFirst. Second.\n\nThird.")) == "First. Second."
    assert shown(opening("")) == ""
    assert shown(opening("no end " * 100)).endswith("…")


@given(st.text(), st.data())
def test_any_text_has_an_excerpt(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    pieces = excerpt(text, (start, end)).pieces([(start, end)])
    assert sum(len(piece) for piece, _ in pieces) <= max(MAX_CHARS, end - start) + 4
    opening(text)


@given(st.text(), st.text())
def test_any_words_can_be_looked_for(text, typed):
    for start, end in word_spans(text, parse(typed).wanted):
        assert 0 <= start < end <= len(text)


def test_a_text_that_was_shortened_behind_the_desks_back(cast):
    Story.objects.filter(title="Thierry").update(body="In Paris.")
    Story.objects.filter(title="Lily").update(body="")
    for query in ("place=paris", "place=paris&place=kazakhstan", "q=paris"):
        assert {entry.story.title for entry in ask(query).entries} <= {"Thierry", "Lily"}
    found = {entry.story.title: entry.evidence for entry in ask("place=paris").entries}
    assert found["Thierry"] == (("In Paris.", False),)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ΚΌΣΜΟΣ", ["κόσμος"]),
        ("елк*", ["Ёлка"]),
        ("universit*", ["Universities"]),
        ("danced*", ["dancers"]),  # by its stem, as the engines find it
        ('"two univ*"', ["Two Universities"]),
        ("МОСКОВ*", ["московский"]),
        ("dvd", ["DVD"]),
        ("2019", ["2019"]),
        ("etude", ["e\u0301tude"]),
    ],
)
def test_every_word_that_is_found_is_marked(db, typed, expected):
    text = "Two Universities of dancers, κόσμος, Ёлка, московский, DVD映画館 2019年 e\u0301tude."
    add_story("A", text)
    [entry] = ask(f"q={typed}").entries
    assert [words for words, mark in entry.evidence if mark] == expected
