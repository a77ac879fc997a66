"""Importing at the desk: nothing before the word, everything after it; conflicts are settled."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from reversion.models import Version

from archive.curation import staging, uploads
from archive.importing.drafts import read_bytes
from archive.models import AuditEntry, Import, ImportedFile, Source, Story, Tag, Tagging
from archive.pipeline import Importer, import_paths
from archive.sharing.exports import export_archive

ANNA = "Anna Serova was born in Moscow. Anna danced in Moscow all her life."
URL = "/admin/import/"


@pytest.fixture(autouse=True)
def room(settings, tmp_path) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR / "uploads"


def bring(desk: Client, **files: str | bytes) -> str:
    """Upload files by name (with ``_`` for the dot); the address of the preview."""
    uploaded = [
        SimpleUploadedFile(
            ".".join(name.rsplit("_", 1)), text if isinstance(text, bytes) else text.encode()
        )
        for name, text in files.items()
    ]
    answer = desk.post(URL, {"files": uploaded})
    assert answer.status_code == 302, answer.text
    return answer.url


def zipped(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, text in files.items():
            package.writestr(".".join(name.rsplit("_", 1)), text)
    return packed.getvalue()


def test_nothing_is_kept_before_the_word_and_everything_after_it(lives, desk, curator, room):
    before = Story.objects.count(), Source.objects.count(), Import.objects.count()
    url = bring(
        desk,
        anna_txt=ANNA,
        bag_zip=zipped(igor_txt="Igor Belov lived in Paris – Igor Belov sang.", x_exe="no"),
        picture_txt=b"\x89PNG\r\n\x1a\n....",
        dash_txt="Vera Belova lived in Kazan â€“ and Vera Belova sang there.",
    )
    page = desk.get(url)
    shown = {entry["name"]: entry for entry in page.context["entries"]}
    assert [entry["outcome"] for entry in shown.values()].count("imported") == 3
    assert shown["anna.txt"]["title"] == "Anna Serova"
    assert ("place", "Moscow") in shown["anna.txt"]["tags"]
    assert "PNG" in shown["picture.txt"]["reason"]
    assert "dash" in shown["dash.txt"]["repairs"][0]
    assert (Story.objects.count(), Source.objects.count(), Import.objects.count()) == before
    out = shown["dash.txt"]["number"]
    answer = desk.post(url, {"leave_out": [out], "collection": "Letters", "status": "published"})
    run = Import.objects.latest("pk")
    assert answer.url == f"/admin/import/reports/{run.pk}/"
    assert (run.user, run.counts) == (curator, {"imported": 2, "refused": 2})
    story = Story.objects.get(title="Anna Serova")
    assert (story.collection.name, story.status) == ("Letters", "published")
    assert not Story.objects.filter(title="Vera Belova").exists()
    assert not list(room.iterdir())
    assert AuditEntry.objects.filter(action="import").exists()
    report = desk.get(answer.url)
    assert "Anna Serova" in report.text
    assert "this kind of file is not read" in report.text.lower()
    assert desk.get(f"{answer.url}?outcome=refused").text.count("import-refused") == 2
    lines = json.loads(b"".join(desk.get(f"{answer.url}?format=json").streaming_content))
    assert len(lines["files"]) == 4
    assert desk.get(url).status_code == 302  # confirmed once


def test_cancelling_keeps_nothing(db, desk, room) -> None:
    url = bring(desk, anna_txt=ANNA)
    assert desk.post(url, {"cancel": "1"}).status_code == 302
    assert not Story.objects.exists()
    assert not list(room.iterdir())


def test_an_upload_belongs_to_whoever_brought_it(db, desk) -> None:
    url = bring(desk, anna_txt=ANNA)
    other = User.objects.create_superuser("other", password="a long password")
    stranger = Client()
    stranger.force_login(other)
    assert stranger.get(url).status_code == 302
    assert stranger.post(url, {}).status_code == 302
    assert not Story.objects.exists()
    assert desk.get(f"{URL}1-../../secret_key/").status_code in {302, 404}


def test_who_may_not_import_brings_nothing(db, room) -> None:
    reader = User.objects.create_user("reader", password="a long password", is_staff=True)
    reader.groups.add(Group.objects.get(name="reader"))
    client = Client()
    assert client.get(URL).status_code == 302
    client.force_login(reader)
    assert client.get(URL).status_code == 403
    file = SimpleUploadedFile("anna.txt", ANNA.encode())
    assert client.post(URL, {"files": [file]}).status_code == 403
    assert not room.exists()


def test_limits_are_said_and_kept(db, desk, settings, room) -> None:
    settings.MAX_UPLOAD_FILES, settings.MAX_UPLOAD_BYTES = 2, 2_000
    assert "At most 2 files" in desk.get(URL).text
    files = [SimpleUploadedFile(f"{n}.txt", b"Words.") for n in range(3)]
    refused = desk.post(URL, {"files": files})
    assert (refused.status_code, "2 files" in refused.text) == (400, True)
    large = desk.post(URL, {"files": [SimpleUploadedFile("a.txt", b"x" * 3_000)]})
    assert large.status_code == 400
    assert desk.post(URL).status_code == 400
    huge = SimpleUploadedFile("a.txt", b"x" * (staging.BESIDE + 3_000))
    assert desk.post(URL, {"files": [huge]}).status_code == 400
    assert not room.exists()


@pytest.mark.parametrize(
    ("bound", "most", "said"),
    [("MOST_STORIES", 2, "more than 2 stories"), ("MOST_SECONDS", -1, "takes too long for a page")],
)
def test_looking_at_an_upload_ends_in_time_and_says_so(db, desk, monkeypatch, bound, most, said):
    monkeypatch.setattr(uploads, bound, most)
    url = bring(desk, a_zip=zipped(a_txt="Ann sang.", b_txt="Ben sang.", c_txt="Cy sang."))
    assert said in desk.get(url).text
    assert desk.post(url, {"status": "draft"}).status_code == 400
    assert not Story.objects.exists()


def test_a_preview_holds_no_more_texts_than_a_batch(db, desk, monkeypatch) -> None:
    read, waiting = 0, []

    def reading(*arguments, **options):
        nonlocal read
        for draft in read_bytes(*arguments, **options):
            read += 1
            yield draft

    def writing(importer, entries):
        waiting.append(read)
        return write(importer, entries)

    write = Importer._write
    monkeypatch.setattr(uploads, "read_bytes", reading)
    monkeypatch.setattr(Importer, "_write", writing)
    bring(desk, a_zip=zipped(**{f"{n}_txt": f"Anna {n} sang in Rome." for n in range(150)}))
    assert read == 150
    assert waiting[0] <= 100


def test_old_uploads_are_cleared_away_and_few_wait(db, desk, room) -> None:
    for n in range(staging.WAITING + 2):
        bring(desk, anna_txt=f"{ANNA} {n}")
    assert len(list(room.iterdir())) == staging.WAITING
    for folder in room.iterdir():
        old = time.time() - staging.LIFETIME - 1
        os.utime(folder, (old, old))
    desk.get(URL)
    assert not list(room.iterdir())


def test_a_file_of_the_same_name_may_be_another_story_or_its_new_text(db, desk) -> None:
    desk.post(bring(desk, anna_txt=ANNA), {})
    story = Story.objects.get()
    url = bring(desk, anna_txt=ANNA.replace("Moscow", "Paris"))
    entry = desk.get(url).context["entries"][0]
    assert entry["earlier"] == {"id": story.pk, "title": "Anna Serova"}
    desk.post(url, {f"as-{entry['number']}": "update"})
    story.refresh_from_db()
    assert "Paris" in story.body
    desk.post(bring(desk, anna_txt=ANNA.replace("Moscow", "Kazan")), {})
    assert Story.objects.count() == 2


@pytest.fixture
def conflict(db, tmp_path) -> ImportedFile:
    """A file that changed after its story was edited."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "anna.txt").write_text(ANNA)
    import_paths([folder])
    Story.objects.update(body="Anna Serova lived in Kazan.", edited_at=timezone.now())
    (folder / "anna.txt").write_text(ANNA.replace("Moscow", "Paris"))
    import_paths([folder])
    import_paths([folder])
    return ImportedFile.objects.filter(outcome="conflict").latest("pk")


def test_a_conflict_is_settled_by_taking_the_text(conflict, desk, tmp_path) -> None:
    assert ImportedFile.objects.filter(outcome="conflict", settled="").count() == 1
    url = f"/admin/import/conflicts/{conflict.pk}/"
    page = desk.get(url)
    assert ("Kazan" in page.text, "Paris" in page.text) == (True, True)
    story = Story.objects.get()
    desk.post(url, {"decision": "take", "version": story.version})
    story.refresh_from_db()
    assert "Paris" in story.body
    assert story.tags.filter(name="Paris").exists()
    bodies = [v.field_dict["body"] for v in Version.objects.get_for_object(story)]
    assert any("Kazan" in body for body in bodies)
    assert any("Paris" in body for body in bodies)
    conflict.refresh_from_db()
    assert conflict.settled == "taken"
    report = import_paths([tmp_path / "in"])
    assert [entry.outcome for entry in report.files] == ["unchanged"]


def test_a_conflict_is_settled_by_keeping_the_story(conflict, desk, tmp_path) -> None:
    url = f"/admin/import/conflicts/{conflict.pk}/"
    desk.post(url, {"decision": "keep", "version": Story.objects.get().version})
    assert "Kazan" in Story.objects.get().body
    report = import_paths([tmp_path / "in"])
    assert [entry.outcome for entry in report.files] == ["unchanged"]


def test_a_stale_decision_is_refused(conflict, desk) -> None:
    url = f"/admin/import/conflicts/{conflict.pk}/"
    version = Story.objects.get().version
    Story.objects.update(body="Edited once more.", version=version + 1)
    desk.post(url, {"decision": "take", "version": version})
    assert Story.objects.get().body == "Edited once more."
    assert desk.post(url, {"decision": "take"}).status_code == 302
    assert desk.get(url).status_code == 200
    conflict.refresh_from_db()
    assert conflict.settled == ""


@pytest.mark.parametrize(
    "query", ["?page=x", "?page=99", "?outcome=%00", "?outcome=refused&page=-1"]
)
def test_any_query_answers(lives, desk, query) -> None:
    run = Import.objects.latest("pk")
    assert desk.get(f"/admin/import/reports/{run.pk}/{query}").status_code == 200


def test_an_administrator_restores_a_whole_export_into_an_empty_archive(lives, desk, tmp_path):
    lives["romy"].taggings.filter(tag__kind="theme").update(state="rejected")
    rows = ("story__slug", "tag__slug", "state", "origin")
    before = sorted(Tagging.objects.values_list(*rows))
    out = tmp_path / "all.zip"
    export_archive(out)
    packed = out.read_bytes()
    Story.objects.create(title="Another", body="Another life.")
    # Curators are told whom to ask; an archive that is not empty refuses.
    user = User.objects.create_user("cleo", is_staff=True)
    user.groups.add(Group.objects.get(name="curator"))
    curator = Client()
    curator.force_login(user)
    url = bring(curator, all_zip=packed)
    assert "An administrator can restore it" in curator.get(url).text
    user.groups.set([Group.objects.get(name="administrator")])
    administrator = Client()
    administrator.force_login(User.objects.get(pk=user.pk))
    page = administrator.get(url).text
    assert "This archive holds 5 stories" in page
    refused = administrator.post(url)
    assert refused.status_code == 400
    assert "only an empty one can be restored" in refused.text
    Story.objects.all().delete()
    Tag.objects.all().delete()
    assert "Restore this archive" in administrator.get(url).text
    assert Story.objects.count() == 0
    done = administrator.post(url)
    assert done.url.startswith("/admin/import/reports/")
    assert administrator.get(done.url).status_code == 200
    assert sorted(Tagging.objects.values_list(*rows)) == before
    assert AuditEntry.objects.filter(action="import", user=user).count() == 1
    assert administrator.get(url).url == URL


def test_a_damaged_export_says_so(desk):
    manifest = json.dumps({"format": "dastan-archive", "version": 1, "counts": {"stories": 1}})
    url = bring(desk, all_zip=zipped(dastan_json=manifest))
    assert desk.get(url).status_code == 200
    assert desk.post(url).status_code == 400
    assert desk.post(url, {"cancel": "1"}).url == URL
    url = bring(desk, all_zip=zipped(dastan_json=manifest.replace("1}", "-}")))
    assert desk.get(url).status_code in (200, 400)
