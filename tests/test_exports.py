"""Export and restore: what comes back is what was there, field by field."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import resource
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from archive.importing.drafts import Limits, Refusal, StoryDraft, read_bytes
from archive.importing.drafts import read as read_drafts
from archive.models import (
    Collection,
    Import,
    Mention,
    NotSame,
    OldSlug,
    OldTagSlug,
    OtherName,
    OtherNotation,
    Source,
    StopName,
    Story,
    Tag,
    Tagging,
    ThemeCue,
)
from archive.pipeline import Outcome, exported, import_paths
from archive.pipeline.restoring import RestoreError, is_export, restore
from archive.search.index import index
from archive.sharing import exports

KEPT = (
    *(Collection, Tag, OtherName, OtherNotation, OldTagSlug, NotSame, StopName, ThemeCue),
    *(Source, Story, OldSlug, Tagging, Mention),
)
#: What hangs on accounts, or is about this one place: no part of an export.
LEFT_OUT = {
    *("AuditEntry", "Change", "Decision", "Import", "ImportedFile", "OpenEdit", "Preference"),
    *("ReviewNote", "ShareLink"),
}
#: How a row is known without its number, which differs between archives.
KNOWN_BY = {
    Collection: lambda row: row.slug,
    Tag: lambda row: (row.kind, row.slug),
    Source: lambda row: row.sha256,
    Story: lambda row: row.slug,
    Tagging: lambda row: (row.story.slug, row.tag.kind, row.tag.slug),
}
UTC = datetime.UTC


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of the archive, every field but numbers and the import that brought a source."""
    found = {}
    for model in KEPT:
        rows = [described(row) for row in model._default_manager.order_by("pk")]
        if model in {OtherName, OtherNotation, OldTagSlug, OldSlug, Tagging, Mention}:
            # Rows of one tag, story or tagging keep their order; who comes first does not matter.
            rows.sort(key=lambda row: str(next(v for k, v in row.items() if k in PARENTS)))
        found[model.__name__] = rows
    return found


PARENTS = ("tag", "story", "tagging")


def described(row: models.Model) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or field.name in {"imported_by", "user", "owner"}:
            continue
        value = getattr(row, field.name)
        if isinstance(field, models.ForeignKey):
            value = KNOWN_BY[field.related_model](value) if value else None
        fields[field.name] = value
    if isinstance(row, Source):
        fields["compressed"] = row.content
    return fields


def empty() -> None:
    for model in reversed((Import, *KEPT)):
        if model is Tag:
            Tag.objects.update(broader=None)
        model._default_manager.all().delete()
    index.reset()


@pytest.fixture
def archive(lives, tmp_path) -> dict[str, Story]:
    """The four lives, a story from records, and all that people can do to them."""
    (tmp_path / "lives.jsonl").write_text(
        '{"title": "Nurlan", "body": "Nurlan lived in Almaty.", "collection": "Records"}\n'
        '{"title": "Ayşe", "body": "Ayşe lived in İzmir.", "language": "tr"}\n'
    )
    import_paths([tmp_path / "lives.jsonl"], status="draft")
    giulia = lives["giulia"]
    giulia.slug = "giulia-renamed"
    giulia.save()
    OldSlug.objects.update(since=datetime.date(2020, 2, 29))
    Story.objects.filter(pk=giulia.pk).update(
        created=datetime.datetime(2001, 2, 3, 4, 5, 6, 789012, UTC),
        modified=datetime.datetime(2002, 2, 3, 4, 5, 6, 1, UTC),
        edited_at=datetime.datetime(2002, 2, 3, tzinfo=UTC),
        published_at=datetime.datetime(2050, 1, 1, tzinfo=UTC),
        version=7,
        summary='A "quoted": summary\nin two lines\u2028and\x85a half\ufeff\n---\n',
        creator="- Жанна #1: {пьеса}",
        date="c. 1940",
        date_earliest=datetime.date(1940, 1, 1),
        date_latest=datetime.date(1941, 12, 31),
        rights="null",
    )
    written = Story.objects.create(
        title="---",
        slug="nobodys",
        body="\n\n---\n\ntitle: no front matter\r\n\n# Heading 😀 \n ",
        language="kk-Cyrl",
    )
    Story.objects.create(title="No words", body="…", language="")
    first, second, third = giulia.taggings.all()[:3]
    Tagging.objects.filter(pk=first.pk).update(state="confirmed", origin="curator", role="subject")
    Tagging.objects.filter(pk=second.pk).update(state="rejected", confidence=0.1 + 0.2)
    Mention.objects.filter(tagging=third).update(lost=True)
    anna = Tag.objects.create(
        kind="person",
        name="Anna Petrova",
        disambiguation="the baker",
        definition="Two\nlines",
        reviewed=True,
        version=3,
    )
    Tag.objects.create(kind="person", name="Anna Petrova", disambiguation="the singer")
    for name in ("Anya", "Анна"):
        OtherName.objects.create(tag=anna, name=name)
    Tagging.objects.create(story=written, tag=anna, state="confirmed")
    pair = sorted((first.tag, second.tag), key=lambda tag: tag.pk)
    NotSame.objects.create(first=pair[0], second=pair[1])
    NotSame.objects.update(made=datetime.datetime(1996, 1, 1, tzinfo=UTC))
    OtherNotation.objects.create(tag=anna, kind="person", notation="wikidata:Q1")
    OldTagSlug.objects.create(
        tag=anna, kind="person", slug="anna-p", since=datetime.date(2020, 2, 29)
    )
    ThemeCue.objects.create(notation="dance", phrase="Grand Jeté", strength="strong")
    Story.objects.filter(pk=written.pk).update(
        submitted_at=datetime.datetime(2003, 1, 1, tzinfo=UTC)
    )
    StopName.objects.create(kind="place", name="Café", reason="It is none.")
    StopName.objects.update(created=datetime.datetime(1999, 1, 1, tzinfo=UTC))
    Tag.objects.filter(pk=anna.pk).update(created=datetime.datetime(1998, 1, 1, tzinfo=UTC))
    Collection.objects.create(name="Empty", description="Nothing\nyet")
    Source.objects.update(imported=datetime.datetime(1997, 1, 1, tzinfo=UTC))
    return lives


@pytest.fixture
def file(archive, tmp_path) -> Path:
    """The archive, exported."""
    exports.export_archive(tmp_path / "out.zip")
    return tmp_path / "out.zip"


def rewritten(file: Path, **members: Any) -> Path:
    """*file* with members replaced by what a function makes of their text, or left out (None)."""
    content = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(content, "w") as new:
        for info in old.infolist():
            stem = Path(info.filename).name.partition(".")[0]
            change = members.get(stem, lambda text: text)
            if change is not None:
                text = old.read(info).decode() if stem in members else old.read(info)
                new.writestr(info.filename, change(text))
    file.write_bytes(content.getvalue())
    return file


def replaced(old: str, new: str) -> Any:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


def test_every_sort_of_row_is_exported_or_left_out_on_purpose() -> None:
    rows = (model for model in apps.get_app_config("archive").get_models() if not model._meta.proxy)
    assert {model.__name__ for model in rows} == {model.__name__ for model in KEPT} | LEFT_OUT


def test_restoring_gives_the_same_archive_back(file) -> None:
    before = everything()
    assert all(before.values())
    assert len(before["Story"]) == 8
    empty()
    seen = []
    report = restore(file, seen.append)
    assert everything() == before
    assert report.counts[Outcome.IMPORTED] == len(report.files) == len(seen) == 8
    assert Import.objects.get(pk=report.run_id).counts["imported"] == 8
    assert Import.objects.get().finished >= Import.objects.get().started


def test_an_export_of_the_restored_archive_is_the_same_file(file, tmp_path) -> None:
    empty()
    restore(file)
    exports.export_archive(tmp_path / "again.zip")
    with zipfile.ZipFile(file) as first, zipfile.ZipFile(tmp_path / "again.zip") as second:
        assert first.namelist() == second.namelist()
        for name in set(first.namelist()) - {"dastan.json"}:
            assert first.read(name) == second.read(name), name


def test_restoring_again_changes_nothing_and_says_so(file) -> None:
    empty()
    restore(file)
    Tag.objects.filter(name="Anna Petrova").update(definition="Written since")
    before = everything()
    report = restore(file)
    assert report.counts[Outcome.UNCHANGED] == 8
    assert everything() == before


@pytest.mark.parametrize("stop_after", [1, 4])
def test_an_interrupted_restore_is_completed_by_running_it_again(file, stop_after) -> None:
    before = everything()
    empty()
    seen = []

    def interrupt(outcome) -> None:
        seen.append(outcome)
        if len(seen) == stop_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(file, interrupt)
    assert Story.objects.count() == stop_after
    assert not Import.objects.exists()
    report = restore(file)
    assert report.counts[Outcome.UNCHANGED] == stop_after
    assert report.counts[Outcome.IMPORTED] == 8 - stop_after
    assert everything() == before


def test_an_archive_with_other_stories_is_refused(file) -> None:
    before = everything()
    Story.objects.create(title="New", body="New")
    Story.objects.filter(title="No words").update(created=datetime.datetime(1990, 1, 1, tzinfo=UTC))
    with pytest.raises(RestoreError, match="holds 2 stories that are not from this export"):
        restore(file)
    assert len(everything()["Story"]) == len(before["Story"]) + 1


def test_an_empty_archive_can_be_exported_and_restored(db, tmp_path) -> None:
    counts = exports.export_archive(tmp_path / "out.zip")
    assert not any(counts.values())
    assert restore(tmp_path / "out.zip").files == ()


def test_stories_in_it_are_plain_files_for_any_archive(file, tmp_path, archive) -> None:
    with zipfile.ZipFile(file) as package:
        package.extractall(tmp_path / "unpacked")
    found = list(read_drafts([tmp_path / "unpacked" / "stories"]))
    assert [item.name for item in found if isinstance(item, Refusal)] == ["no-words.md"]
    drafts = {draft.slug: draft for draft in found if isinstance(draft, StoryDraft)}
    giulia = drafts["giulia-renamed"]
    story = Story.objects.get(slug="giulia-renamed")
    assert (giulia.title, giulia.body) == (story.title, story.body)
    assert giulia.creator == "- Жанна #1: {пьеса}"
    assert (giulia.date, giulia.status, giulia.rights) == ("c. 1940", "published", "null")
    assert giulia.collection == "The first four lives"
    confirmed = story.taggings.filter(state="confirmed").values_list("tag__name", flat=True)
    assert sorted((*giulia.people, *giulia.places, *giulia.themes)) == sorted(confirmed)
    assert drafts["nobodys"].people == ("Anna Petrova",)
    assert drafts["nobodys"].title == "---"


def test_more_confirmed_tags_than_front_matter_holds(db, tmp_path) -> None:
    story = Story.objects.create(title="Long", body="Long.")
    for kind in ("person", "theme"):
        tags = [Tag(kind=kind, name=f"{'имя ' * 30}{n}", slug=f"{kind}-{n}") for n in range(501)]
        for tag in tags:
            tag.set_keys()
        Tagging.objects.bulk_create(
            Tagging(story=story, tag=tag, state="confirmed")
            for tag in Tag.objects.bulk_create(tags)
        )
    before = everything()
    exports.export_archive(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as package:
        (draft,) = read_bytes("long.md", package.read("stories/long.md"))
    assert draft.title == "Long"
    empty()
    restore(tmp_path / "out.zip")
    assert everything() == before


def test_originals_lie_in_it_under_safe_names(db, tmp_path) -> None:
    for number, name in enumerate(("a/../..", "zip/C:\\x\\..", "a/" + "ж" * 300 + ".txt", "\x01")):
        content = b"%d" % number
        Source.objects.create(
            sha256=hashlib.sha256(content).hexdigest(),
            name=name,
            media_type="text/plain",
            size=1,
            compressed=Source.compress(content),
        )
    exports.export_archive(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as package:
        originals = [name for name in package.namelist() if name.startswith("originals/")]
    assert len(originals) == 4
    for name in originals:
        assert name.count("/") == 2
        assert ".." not in name and "\\" not in name and ":" not in name
        assert name.isprintable() and len(name) < 200


def test_the_number_of_queries_does_not_grow_with_the_rows(archive, tmp_path) -> None:
    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            exports.export_archive(tmp_path / name)
        return len(captured)

    before = queries("one.zip")
    story = Story.objects.create(title="More", body="x")
    tag = Tag.objects.create(kind="person", name="More")
    Tagging.objects.create(story=story, tag=tag, state="confirmed")
    assert queries("two.zip") == before


def test_an_existing_file_is_kept_unless_forced(db, tmp_path) -> None:
    out = tmp_path / "out.zip"
    out.write_text("precious")
    with pytest.raises(CommandError, match=r"is there already.*--force"):
        call_command("export_archive", str(out))
    assert out.read_text() == "precious"
    call_command("export_archive", str(out), "--force")
    assert is_export(out)
    assert [path.name for path in tmp_path.iterdir()] == ["out.zip"]


def test_a_full_disk_leaves_nothing_behind(archive, tmp_path) -> None:
    out = tmp_path / "folder" / "out.zip"
    out.parent.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        with pytest.raises(CommandError, match=r"could not be written: .*No half file"):
            call_command("export_archive", str(out))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(out.parent.iterdir())


def test_a_place_that_cannot_be_written_is_named(db, tmp_path) -> None:
    for out in (tmp_path, tmp_path / "missing" / "out.zip"):
        with pytest.raises(CommandError, match="could not be written"):
            call_command("export_archive", str(out))


def test_the_command_says_what_it_wrote(archive, tmp_path, capsys) -> None:
    call_command("export_archive", str(tmp_path / "out.zip"))
    said = capsys.readouterr().out
    assert f"8 stories, {Tag.objects.count()} tags, {Tagging.objects.count()} taggings" in said
    with zipfile.ZipFile(tmp_path / "out.zip") as package:
        assert json.loads(package.read("dastan.json"))["counts"]["stories"] == 8
        assert package.testzip() is None


@pytest.mark.django_db(transaction=True)
def test_one_state_is_exported_while_others_write(tmp_path) -> None:
    for number in range(exports.LONG_ROWS + 2):
        Story.objects.create(title=f"Story {number}", body="x")
    seen = []

    def meddle(name: str) -> None:
        if not seen:
            with ThreadPoolExecutor(1) as other:
                other.submit(write_elsewhere).result()
        seen.append(name)

    def write_elsewhere() -> None:
        Story.objects.create(title="Meanwhile", body="x")
        connection.close()

    counts = exports.export_archive(tmp_path / "out.zip", progress=meddle)
    assert Story.objects.count() == len(seen) + 1
    assert counts["stories"] == len(seen)
    Story.objects.create(title="The connection is free again", body="x")


def test_what_is_an_export(file, tmp_path) -> None:
    assert is_export(file)
    for name, content in (("a.zip", b"PK\x03\x04"), ("b.txt", b"text"), ("c.zip", b"")):
        (tmp_path / name).write_bytes(content)
        assert not is_export(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "plain.zip", "w") as package:
        package.writestr("a.txt", "A story.")
    assert not is_export(tmp_path / "plain.zip")
    assert not is_export(tmp_path)
    assert not is_export(tmp_path / "missing.zip")
    assert not is_export(rewritten(file, dastan=replaced("dastan-archive", "another")))


def test_an_export_of_a_later_version_is_refused(file) -> None:
    rewritten(file, dastan=replaced('"version": 1', '"version": 2'))
    assert is_export(file)
    with pytest.raises(RestoreError, match="version 2"):
        restore(file)


def test_reader_and_writer_agree_on_the_format() -> None:
    assert (exports.FORMAT, exports.VERSION) == (exported.FORMAT, exported.VERSION)


DAMAGES = [
    ({"tags": replaced('"kind": "person"', '"kind": 7')}, r"tags\.jsonl, line \d+: .*“kind”"),
    ({"tags": replaced('"reviewed": true', '"reviewed": 1')}, "“reviewed” is not .*true or false"),
    ({"tags": replaced('"version": 3', '"version": "3"')}, "“version” .*whole number"),
    ({"tags": replaced('"Two\\nlines"', '"\\ud800"')}, "“definition”"),
    ({"tags": replaced('"Two\\nlines"', '"\\u0000"')}, r"“definition” .*\(text\)"),
    ({"tags": lambda text: text + "[]\n"}, r"tags\.jsonl, line \d+: .*group of fields"),
    ({"tags": lambda text: text + "{broken\n"}, r"tags\.jsonl, line \d+: .*no valid JSON"),
    ({"tags": lambda text: text + "[" * 100_000 + "\n"}, "no valid JSON"),
    ({"tags": lambda text: text.rpartition("\n{")[0]}, r"tags\.jsonl has \d+ lines where"),
    ({"tags": lambda text: text.replace('"slug": "anna', '"slug": "other-anna')}, None),
    ({"tags": None}, r"tags\.jsonl is missing"),
    ({"stop_names": replaced("1999-01-01T00:00:00+00:00", "yesterday")}, "line 1: .*“created”"),
    ({"stop_names": replaced("1999-01-01T00:00:00+00:00", "1999-01-01")}, "with its zone"),
    ({"stories": replaced('"word_count": ', '"word_count": -')}, "“word_count”"),
    ({"sources": replaced('"size": ', '"size": 1')}, "line 1: the original's bytes"),
    ({"sources": replaced('"file": "originals/', '"file": "../../')}, r"\.\./.* is missing"),
    ({"taggings": replaced('"story": "nobodys"', '"story": "x"')}, "“x” is not in stories"),
]


@pytest.mark.parametrize(("changes", "message"), DAMAGES)
def test_a_damaged_file_is_refused_with_the_place(file, changes, message) -> None:
    empty()
    rewritten(file, **changes)
    if message is None:
        report = restore(file)
        assert "its tag is not in the export" in refusals(report)
        return
    with pytest.raises(RestoreError, match=message):
        restore(file)
    if "taggings" not in changes:
        assert not Story.objects.exists()
    if "tags" in changes:
        assert not Tag.objects.exists()


def refusals(report) -> str:
    return "\n".join(
        f"{entry.name}: {entry.reason}"
        for entry in report.files
        if entry.outcome is Outcome.REFUSED
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"nobodys": replaced("title:", "no title:")}, "The database says"),
        ({"nobodys": replaced('"kk-Cyrl"', "[a]")}, "“language” is not"),
        ({"nobodys": replaced("title:", "&a title:")}, "anchor"),
        ({"nobodys": lambda text: "No front matter"}, "has no end"),
        ({"nobodys": None}, "stories/nobodys.md is missing"),
        ({"stories": replaced('"source": null', '"source": "0"')}, "its source is not in"),
    ],
)
def test_a_damaged_story_is_refused_by_name_and_the_others_come(file, changes, reason) -> None:
    before = everything()
    empty()
    good = file.read_bytes()
    report = restore(rewritten(file, **changes))
    assert "stories/nobodys.md: " in refusals(report)
    assert reason in refusals(report)
    assert report.counts[Outcome.REFUSED] + report.counts[Outcome.IMPORTED] == 8
    assert not Tagging.objects.filter(story__slug="nobodys").exists()
    file.write_bytes(good)
    restore(file)
    key = lambda row: row["slug"]  # noqa: E731
    assert sorted(everything()["Story"], key=key) == sorted(before["Story"], key=key)
    assert everything()["Tagging"] == before["Tagging"]


def test_a_circle_of_broader_tags_is_refused(file) -> None:
    empty()
    here = {"kind": "person", "slug": "anna-petrova-the-baker"}

    def close(text: str) -> str:
        rows = [json.loads(line) for line in text.splitlines()]
        baker = next(row for row in rows if row["slug"] == here["slug"])
        singer = next(row for row in rows if row["slug"] == "anna-petrova-the-singer")
        baker["broader"], singer["broader"] = {**here, "slug": singer["slug"]}, here
        return "".join(f"{json.dumps(row)}\n" for row in rows)

    rewritten(file, tags=close)
    with pytest.raises(RestoreError, match=r"“anna-petrova-the-.*” lies below itself"):
        restore(file)
    assert not Tag.objects.exists()


def test_a_broader_tag_of_another_kind_is_refused(file) -> None:
    empty()

    def cross(text: str) -> str:
        rows = [json.loads(line) for line in text.splitlines()]
        theme = next(row for row in rows if row["kind"] == "theme")
        place = next(row for row in rows if row["kind"] == "place")
        theme["broader"] = {"kind": "place", "slug": place["slug"]}
        return "".join(f"{json.dumps(row)}\n" for row in rows)

    with pytest.raises(RestoreError, match="there is no theme"):
        restore(rewritten(file, tags=cross))


def test_sizes_are_counted_while_reading(file) -> None:
    empty()
    with pytest.raises(RestoreError, match=r"originals/.* larger than 1,000 bytes"):
        restore(file, limits=Limits(max_file_bytes=1_000))
    report = restore(rewritten(file, nobodys=lambda text: text + "x" * 2_000_000), limits=tight())
    assert "stories/nobodys.md cannot be read: unpacked it is larger" in refusals(report)


def tight() -> Limits:
    return Limits(max_body_chars=100_000)


def test_an_original_of_blanks_alone_is_no_bomb(db, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "blank.txt").write_text("One word." + " " * 3_000_000)
    import_paths([tmp_path / "in"])
    before = everything()
    exports.export_archive(tmp_path / "out.zip")
    empty()
    restore(tmp_path / "out.zip")
    assert everything() == before
