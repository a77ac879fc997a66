"""Front matter: what it sets, and what is refused with its field and line."""

from datetime import date

import pytest

from archive.importing import Limits, Refusal, metadata
from tests.importing.test_drafts import one


def test_every_documented_field_is_set():
    draft = one(
        "a.md",
        """---
title: "A life: told"
creator: Anna Petrova
date: 1986-03
language: kk-Cyrl
collection: First
summary: |
  Two lines
  of text.
status: Published
people: [Anna Petrova, Boris]
places:
  - Kokand
themes: Dance; Family | Fame
rights: CC BY 4.0
slug: a-life
---

It began.
""",
    )
    assert draft.body == "It began.\n"
    assert (draft.title, draft.creator, draft.collection) == (
        "A life: told",
        "Anna Petrova",
        "First",
    )
    assert (draft.date, draft.date_earliest) == ("1986-03", date(1986, 3, 1))
    assert draft.date_latest == date(1986, 3, 31)
    assert (draft.language, draft.status, draft.slug) == ("kk-Cyrl", "published", "a-life")
    assert (draft.summary, draft.rights) == ("Two lines\nof text.", "CC BY 4.0")
    assert draft.people == ("Anna Petrova", "Boris")
    assert (draft.places, draft.themes) == (("Kokand",), ("Dance", "Family", "Fame"))
    assert draft.repairs == ()


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("title: [a]", "'title' must be text, but is a list"),
        ("people: {a: b}", "'people' must be a list of names, but is a group of fields"),
        ("people: [[a]]", "'people' must hold names, but one is a list"),
        ("date: 2023-02-30", "'date' cannot be right"),
        ("status: secret", "'status' must be draft or published"),
        ("language: Russian!", "'language' must be a code"),
        ("slug: a b", "'slug' must be letters"),
        ("title: a\ntitle: b", "line 3 of its front matter gives 'title' a second time"),
        ("title: a\nTitle: b", "'title' is given twice"),
        ("title: &a b\nsummary: *a", "line 2 of its front matter uses an anchor"),
        ("title: !!python/object:os.system b", "uses a tag"),
        ("title: 'open", "no valid YAML: line "),
        ("title: a\n  b: c: d", "no valid YAML"),
        ("title: " + "x" * 301, "'title' is longer than 300"),
        ("people: " + "a;" * 600, "longer than|more than 500"),
        ("themes: " + "[" * 5000, "no valid YAML|nested too deeply"),
        ("title: " + "x" * 70_000, "longer than 64,000 bytes"),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_name(front, reason):
    refusal = one("a.md", f"---\n{front}\n---\nIt began.")
    assert isinstance(refusal, Refusal)
    assert any(part in refusal.reason for part in reason.split("|")), refusal.reason


def test_front_matter_without_an_end_is_refused():
    assert "no closing line" in one("a.md", "---\ntitle: a\n\nIt began.").reason


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nProse below a break.\n\n---\n\nMore.",
        "---\nDear mother: how are you?\n---\nWell.",
        "It began.\n\n---\ntitle: a\n---\n",
    ],
)
def test_a_break_of_dashes_is_no_front_matter(text):
    draft = one("a.md", text)
    assert (draft.body, draft.title) == (text, None)


def test_unknown_fields_are_said_with_the_likely_one():
    draft = one("a.md", "---\npeeple: [Anna]\ncolour: red\n---\nIt began.")
    assert draft.repairs == (
        "ignored unknown field 'peeple' (did you mean 'people'?)",
        "ignored unknown field 'colour'",
    )
    assert draft.people == ()


def test_text_stays_text():
    draft = one("a.md", "---\ntitle: no\nlanguage: no\ndate: 1986\ncreator: ~\n---\nIt began.")
    assert (draft.title, draft.language, draft.date, draft.creator) == ("no", "no", "1986", "")


def test_a_date_that_cannot_be_told_is_kept_as_written():
    draft = one("a.md", "---\ndate: before the war\n---\nIt began.")
    assert (draft.date, draft.date_earliest, draft.date_latest) == ("before the war", None, None)


def _split(people: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in people.split(";"))


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ("Anna Petrova, Boris Ivanov", True),
        ("Petrova, Anna", False),
        ("Anna Petrova; Boris Ivanov, Jr.", False),
        (["Anna Petrova, Boris Ivanov"], False),
    ],
)
def test_commas_between_names_are_no_separators_and_that_is_told(people, told):
    fields, notes = metadata.check({"people": people}, Limits())
    assert fields.people == (tuple(people) if isinstance(people, list) else _split(people))
    assert any("separate names with ';'" in note for note in notes) is told
