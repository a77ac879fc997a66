"""From files to drafts: order, names, titles, refusals and the four lives."""

import hashlib
import os
from pathlib import Path

import pytest

from archive.importing import Limits, Refusal, StoryDraft, count, read, read_bytes
from archive.importing.drafts import first_words, text_sha256
from tests.importing.builders import zipped

SEEDS = Path(__file__).parents[2] / "seeds"


def one(name, content, limits=Limits()):  # noqa: B008 (frozen)
    content = content.encode() if isinstance(content, str) else content
    (outcome,) = read_bytes(name, content, limits)
    return outcome


def test_the_four_lives_come_out_whole():
    drafts = list(read([SEEDS]))
    assert [draft.source.name[:3] for draft in drafts] == ["000", "001", "002", "003"]
    giulia, *others = drafts
    assert "her true calling – contemporary dance" in giulia.body
    assert giulia.repairs == ('repaired 1 damaged dash: "â€“" → "–"',)
    for draft in others:
        assert draft.body == draft.source.content.decode()
        assert draft.repairs == ()
    assert {draft.title for draft in drafts} == {None}
    assert others[0].first_words == "Lily Baktybekova was a woman on a mission.…"


def test_files_are_read_in_a_stable_order_with_names_relative_to_the_folder(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("c.txt", "b/z.txt", "a.txt", "b/a.txt"):
        (tmp_path / name).write_text(f"Story {name}")
    names = ["a.txt", "b/a.txt", "b/z.txt", "c.txt"]
    assert [draft.source.name for draft in read([tmp_path])] == names
    assert [draft.source.name for draft in read([tmp_path / "b" / "z.txt"])] == ["z.txt"]
    assert count([tmp_path, tmp_path / "a.txt"]) == 5


def test_a_path_that_does_not_exist_is_an_error_before_anything_is_read(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        read([tmp_path, tmp_path / "nowhere"])


def test_links_pipes_and_litter_are_not_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("not to be read")
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "link.txt").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.txt")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "a.txt").write_text("litter")
    outcomes = {outcome.name: outcome for outcome in read([folder])}
    assert all(isinstance(outcome, Refusal) for outcome in outcomes.values())
    assert "link" in outcomes["link.txt"].reason
    assert "link" in outcomes["folder"].reason
    assert "pipe" in outcomes["pipe.txt"].reason
    assert outcomes[".DS_Store"].skipped
    assert outcomes["__MACOSX"].skipped
    assert len(outcomes) == count([folder]) == 5


def test_names_that_are_no_utf8_are_shown_escaped(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9\n\x1b[31m.txt"
    with open(path, "wb") as file:  # noqa: PTH123 (a name in bytes)
        file.write(b"Hello there")
    (draft,) = read([tmp_path])
    assert draft.source.name == "caf\\xe9\\n\\x1b[31m.txt"


def test_a_deep_folder_is_no_trouble(tmp_path):
    folder = tmp_path.joinpath(*["d"] * 300)
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("Deep down")
    (draft,) = read([tmp_path])
    assert draft.body == "Deep down"


def test_a_source_keeps_the_bytes_as_they_came():
    content = b"\xef\xbb\xbfHello\r\nworld\x00"
    draft = one("a.txt", content)
    assert draft.body == "Hello\nworld"
    assert draft.source.content == content
    assert draft.source.sha256 == hashlib.sha256(content).hexdigest()
    assert (draft.source.media_type, draft.encoding) == ("text/plain", "utf-8-sig")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", "", "it is empty"),
        ("a.txt", " \n\t * * * \n", "no words"),
        ("a.md", "---\ntitle: A life\n---\n", "no words"),
        ("a.xyz", "Hello", "this kind of file is not read; these are: .txt"),
        ("README", "Hello", "this kind of file is not read"),
        ("a.pdf", "%PDF-1.4 \0", "it is a PDF document"),
        ("a.docx", "Hello", "call it .txt"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office document"),
        ("a.odt", zipped({"word/document.xml": ""}), "no .odt document"),
        ("a.docx", zipped({"content.xml": ""}), "no .docx document"),
        ("a.epub", zipped({"a.txt": "Hello"}), "no .epub book"),
        ("a.zip", "Hello", "not a .zip archive"),
        ("a.txt", zipped({"a.txt": "Hello"}), "a .zip archive; give it that ending"),
        (
            "a.zip",
            zipped({"[Content_Types].xml": "", "_rels/.rels": "", "xl/workbook.xml": ""}),
            "save it as .csv",
        ),
        ("a.xlsx", zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "save it as .csv"),
        ("a.zip", zipped({}), "the archive is empty"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(name, content, reason):
    refusal = one(name, content)
    assert isinstance(refusal, Refusal)
    assert refusal.name == name
    assert reason in refusal.reason


def test_limits_are_kept():
    assert "larger than" in one("a.txt", "x" * 101, Limits(max_file_bytes=100)).reason
    assert "11 characters" in one("a.txt", "Hello world", Limits(max_body_chars=10)).reason


@pytest.mark.parametrize(
    ("name", "content", "title", "body"),
    [
        ("a.md", "# My *life*\n\nIt began.", "My life", "It began."),
        ("a.md", "My life\n=======\n\nIt began.", "My life", "It began."),
        (
            "a.md",
            "---\ntitle: Given\n---\n\n# My life\n\nIt began.",
            "Given",
            "# My life\n\nIt began.",
        ),
        (
            "a.md",
            "It began.\n\n# Later\n\nIt went on.",
            None,
            "It began.\n\n# Later\n\nIt went on.",
        ),
        ("a.md", "# Only a title", None, "# Only a title"),
        ("a.md", f"# {'long ' * 100}\n\nIt began.", None, f"# {'long ' * 100}\n\nIt began."),
        ("a.txt", "# not a heading", None, "\\# not a heading"),
        ("a.txt", "---\ntitle: Given\n---\nIt began.", "Given", "It began."),
    ],
)
def test_a_title_is_given_or_the_heading_above_the_text(name, content, title, body):
    draft = one(name, content)
    assert (draft.title, draft.body) == (title, body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("One two", "One two"),
        (
            "One two three four five six seven eight nine",
            "One two three four five six seven eight…",
        ),
        ("# **Bold** [link](http://x.org) 1986\\. &lt;b>", "Bold link 1986. <b>"),
        ("* * *\n\nAfter", "After"),
        ("x" * 200, "x" * 79 + "…"),
        ("「…」 ***", ""),
    ],
)
def test_first_words_are_plain_and_bounded(body, words):
    assert first_words(body) == words


def test_the_same_words_have_the_same_hash():
    assert text_sha256("“Don’t”  *go*\n\nnow") == text_sha256('"Don\'t" go\nNOW')
    assert text_sha256("Кино") != text_sha256("Вино")
    assert text_sha256("कि") != text_sha256("कु")


def test_each_outcome_is_a_draft_or_a_refusal(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped({"a.txt": "Hello", "b.csv": "body\nOne\nTwo\n"}))
    kinds = [(type(outcome), getattr(outcome, "part", "")) for outcome in read([tmp_path])]
    assert kinds == [(StoryDraft, ""), (StoryDraft, "row 2"), (StoryDraft, "row 3")]
