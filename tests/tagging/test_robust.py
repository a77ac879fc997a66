"""Whatever comes in, the answer is true to the text and takes bounded work."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.tagging import people, scan
from archive.tagging.names import normalise
from archive.tagging.spans import RULES
from archive.tagging.tagger import tag

ROOT = Path(__file__).parents[2]
PIECES = st.sampled_from(
    [
        *"""Giulia Baktybekova Paris Texas , . in Dr. New_York_City “ ” " ’s the Great * _ # ( ) [
    ](http://a.b/Paris) `Moscow` \x00 ballet dance_school O'Brien al-Sabunji St. of and I İ ǅ
    樋口 Москва زها van_der J. U.S. – - 1952 Peter_the_Great |""".replace("_", " ").split(),
        "New York City",
        "Peter the Great",
        " ",
        "\n",
        "\n\n",
    ]
)


def check(text: str) -> None:
    found = tag(text)
    for kind in ("people", "places"):
        mentions = sorted(
            (m for one in getattr(found, kind) for m in one.mentions), key=lambda m: m.start
        )
        for before, after in pairwise(mentions):
            assert before.end <= after.start
    for one in found.tags:
        assert one.mentions
        assert 0 < one.confidence <= 1
        assert one.name == one.name.strip() != ""
        starts = [mention.start for mention in one.mentions]
        assert starts == sorted(set(starts))
        for mention in one.mentions:
            assert text[mention.start : mention.end] == mention.quote
            assert mention.rule in RULES
            assert mention.kind == one.kind
            assert mention.name == one.name


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_mentions_quote_the_text_and_never_overlap(pieces):
    check(" ".join(pieces))
    check("".join(pieces))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered(text):
    check(text)


@pytest.mark.parametrize("text", ["", " ", "Anna", "\x00", "é" * 10, "樋口 一葉", "🐎" * 50])
def test_hardly_any_text(text):
    check(text)


@pytest.mark.parametrize(
    "text",
    ["A" * 100_000, "A " * 50_000, "Ab." * 30_000, '"' * 50_000, "(" * 50_000, "Ann-" * 25_000],
    ids=["letters", "words", "stops", "quotes", "brackets", "hyphens"],
)
def test_a_hundred_thousand_signs_of_nothing(text):
    assert len(tag(text).tags) < 10


def test_runs_are_bounded_so_that_work_grows_with_length_only():
    text = "Anna " * 10_000
    runs = scan.runs(text, [])
    assert max(len(run.words) for run in runs) <= scan.LONGEST_RUN
    assert sum(len(run.words) for run in runs) == 10_000


def test_a_crowd_of_namesakes_is_compared_with_a_few_only(monkeypatch):
    compared = 0
    part_of = people._part_of

    def counted(short, long):
        nonlocal compared
        compared += 1
        return part_of(short, long)

    monkeypatch.setattr(people, "_part_of", counted)
    names = [f"Anna {a}{b}son" for a in "BCDFGHKLMNPRSTVZ" for b in ("a", "e", "i", "o", "u")]
    tag(
        ". ".join(
            f"{name} met {name[:4]} Marie Smith. Ivan{name[5:].lower()} Smith" for name in names
        )
    )
    assert compared <= 4 * len(names) * people._NAMESAKES


def test_addresses_and_code_give_no_tags():
    text = "See https://example.org/Paris and `Moscow` and <b title='Berlin'>x</b> a@London.com."
    assert not tag(text).tags


def test_markdown_is_no_part_of_names():
    found = tag("# Lily Ladova\n\n**Lily Ladova** met _Ivan Petrov_ in [Paris](http://x.y/London).")
    assert {person.name for person in found.people} == {"Lily Ladova"} | {
        person.name for person in found.people if person.name == "Ivan Petrov"
    }
    assert [place.name for place in found.places] == ["Paris"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Évariste", "EVARISTE"), ("Qo‘qon", "qo'qon"), ("Jean–Luc  X", "jean-luc x"), ("ß", "SS")],
)
def test_twins_are_the_same_name(one, other):
    assert normalise(one) == normalise(other)


def test_the_command_needs_no_django(tmp_path):
    (tmp_path / "life.txt").write_text("Anna Petrova was born in Kokand.", encoding="utf-8")
    code = (
        "import sys; sys.modules['django'] = None\n"
        "from archive.tagging.__main__ import main\n"
        f"sys.exit(main(['--json', {str(tmp_path / 'life.txt')!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    assert answer["people"] == [["Anna Petrova"]]
    assert answer["places"] == [["Kokand"]]
    assert answer["subject"] == "Anna Petrova"
    assert answer["mentions"][0]["quote"] == "Anna Petrova"


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "archive.tagging", str(tmp_path / "none.txt")],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "none.txt" in done.stderr
