"""The audit log: what is written, and by whom it can be read."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command
from django.test import Client

from archive.curation.audit import ACTIONS, record
from archive.curation.bulk import DEEDS
from archive.models import AuditEntry, Collection


def test_sign_ins_are_recorded_good_and_bad(curator) -> None:
    visitor = Client()
    visitor.post("/admin/login/", {"username": "curator", "password": "wrong"})
    visitor.post("/admin/login/", {"username": "curator", "password": "a long password"})
    visitor.post("/admin/logout/")
    log = list(AuditEntry.objects.order_by("id").values_list("action", "user_name", "user"))
    assert log == [
        ("sign_in.failed", "curator", None),
        ("sign_in", "curator", curator.pk),
        ("sign_out", "curator", curator.pk),
    ]
    assert AuditEntry.objects.earliest("id").details == {"address": "127.0.0.1"}


def test_a_pause_is_recorded(curator) -> None:
    visitor = Client()
    for _ in range(10):
        visitor.post("/admin/login/", {"username": "curator", "password": "wrong"})
    assert AuditEntry.objects.filter(action="sign_in.locked", user_name="curator").count() == 1


def test_what_is_done_in_bulk_has_a_name_and_collections_are_missed(desk, curator) -> None:
    assert {deed.audit for deed in DEEDS.values() if deed.audit} <= set(ACTIONS)
    for number, way in enumerate(("one", "many")):
        letters = Collection.objects.create(name=f"Letters {number}", slug=f"letters-{number}")
        chosen = {"action": "delete_selected", "_selected_action": letters.pk, "post": "yes"}
        base = "/admin/archive/collection/"
        desk.post(f"{base}{letters.pk}/delete/" if way == "one" else base, chosen)
        assert not Collection.objects.filter(pk=letters.pk).exists()
        entry = AuditEntry.objects.get(action="collection.deleted", subject=letters.name)
        assert entry.user == curator
    assert "Collection deleted" in desk.get("/admin/archive/auditentry/").text


def test_names_and_subjects_are_cut_and_cleaned(db) -> None:
    visitor = Client()
    for name in ("x" * 5000, "nul\x00nul", "<script>"):
        answer = visitor.post("/admin/login/", {"username": name, "password": "wrong"})
        assert answer.status_code == 200
    tried = AuditEntry.objects.values_list("user_name", flat=True)
    assert list(tried) == ["<script>"]
    entry = record(None, "export", "line\nline " * 100, stories=4)
    assert "\n" not in entry.subject
    assert len(entry.subject) <= 300
    assert entry.details == {"stories": 4}


def test_the_log_outlives_the_account_and_cannot_be_changed(desk, curator) -> None:
    entry = record(curator, "tags.merged", "<b>Paris</b>", kept="Paris")
    curator_name = curator.get_username()
    page = desk.get("/admin/archive/auditentry/?action=tags.merged")
    assert "Tags merged" in page.text
    assert "&lt;b&gt;Paris" in page.text
    change = f"/admin/archive/auditentry/{entry.pk}/change/"
    assert desk.post(change, {"subject": "nothing"}).status_code == 403
    assert desk.post(f"/admin/archive/auditentry/{entry.pk}/delete/").status_code == 403
    curator.delete()
    entry.refresh_from_db()
    assert (entry.user, entry.user_name) == (None, curator_name)


def test_what_the_commands_bring_and_take_is_recorded(db, tmp_path) -> None:
    (tmp_path / "anna.txt").write_text("Anna lived in Osh.")
    call_command("import_stories", str(tmp_path / "anna.txt"), "--dry-run", stdout=StringIO())
    assert not AuditEntry.objects.exists()
    call_command("import_stories", str(tmp_path / "anna.txt"), stdout=StringIO())
    call_command("export_archive", str(tmp_path / "all.zip"), stdout=StringIO())
    log = AuditEntry.objects.order_by("id").values_list("action", "subject", "details", "user")
    assert list(log) == [
        ("import", "anna.txt", {"counts": {"imported": 1}}, None),
        ("export", "all.zip", {"stories": 1}, None),
    ]
