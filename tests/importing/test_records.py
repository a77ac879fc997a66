"""Files of records: one story in each row or object."""

import json

import pytest

from archive.importing import Limits, Refusal, StoryDraft, read_bytes


def results(name, content, limits=Limits()):  # noqa: B008 (frozen)
    content = content.encode() if isinstance(content, str) else content
    return list(read_bytes(name, content, limits))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_gives_a_story_for_each_row(separator):
    rows = [
        ["Title", "body", "people", "date"],
        ["Anna", '"It ""began""\nin Kokand."', "Anna | Boris", "1986"],
        ["", "Another.", "", ""],
    ]
    first, second = results("a.csv", "\n".join(separator.join(row) for row in rows))
    assert (first.title, first.body) == ("Anna", 'It "began"\nin Kokand.')
    assert (first.people, first.date, first.part) == (("Anna", "Boris"), "1986", "row 2")
    assert (second.title, second.body, second.part) == (None, "Another.", "row 3")
    assert first.source is second.source


def test_objects_and_lists_and_lines_of_json():
    story = {"title": "Anna", "text": "It began.", "people": ["Anna"], "date": 1986, "slug": None}
    for name, content, part in (
        ("a.json", json.dumps(story), ""),
        ("a.json", json.dumps([story]), "record 1"),
        ("a.jsonl", "\n" + json.dumps(story) + "\n", "record 1"),
    ):
        (draft,) = results(name, content)
        assert (draft.title, draft.body, draft.part) == ("Anna", "It began.", part)
        assert (draft.people, draft.date, draft.slug) == (("Anna",), "1986", "")


def test_escapes_in_json_cannot_smuggle_damage():
    (draft,) = results(
        "a.json", r'{"body": "a\u0000b\ud800 \ud83d\ude00 â€“", "title": "x\u0000y"}'
    )
    assert (draft.body, draft.title) == ("ab 😀 –", "xy")
    assert len(draft.repairs) == 3


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "title,name\na,b\n", "no column 'body'"),
        ("a.csv", "body,Body\na,b\n", "names a column twice: body"),
        ("a.csv", "body\n", "no records"),
        ("a.csv", "title,body\na,b,c\n", "has 3 cells but the first row names 2"),
        ("a.csv", 'title,body\na,"open\n', "check the quotation marks"),
        ("a.csv", "title,body\na,\n", "'body' is missing"),
        ("a.csv", "body,date\na,2023-02-30\n", "'date' cannot be right"),
        ("a.json", "", "it is empty"),
        ("a.json", "[]", "no records"),
        ("a.json", '"text"', "must hold an object"),
        ("a.json", '{"body": "a"', "no valid JSON: line 1, column 13"),
        ("a.json", '{"body": "a", "body": "b"}', "'body' twice"),
        ("a.json", '{"body": "a", "text": "b"}', "both"),
        ("a.json", '{"body": ["a"]}', "'body' is missing, or is no text"),
        ("a.json", '{"body": "a", "title": 3}', "'title' must be text, but is a number"),
        ("a.json", '{"body": "a", "people": [3]}', "'people' must hold names"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", '{"a":' * 100_000, "nested too deeply"),
        ("a.json", "9" * 5_000, "a number that is too long"),
        ("a.jsonl", '{"body": ', "line 1: it is no valid JSON"),
        ("a.jsonl", "3", "no object"),
    ],
)
def test_a_record_that_cannot_be_right_is_refused(name, content, reason):
    (refusal,) = results(name, content)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason


def test_one_bad_record_does_not_hold_up_the_others():
    first, second, third = results("a.jsonl", '{"body": "a"}\n{"body": 3}\n{"body": "c"}\n')
    assert isinstance(first, StoryDraft)
    assert second.name == "a.jsonl (record 2)"
    assert isinstance(third, StoryDraft)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "body\n" + "a\n" * 5), ("a.jsonl", '{"body": "a"}\n' * 5)],
)
def test_the_number_of_records_is_bounded(name, content):
    *drafts, refusal = results(name, content, Limits(max_records=3))
    assert len(drafts) == 3
    assert "more than 3 records" in refusal.reason
