"""The check finds what is out of step, and the repair mends it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from archive.models import Story, Tagging
from tests.search.conftest import titles, total


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def drop_trigger(name: str, table: str) -> None:
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER {name}{on}")


def test_nothing_to_find(lasting_cast, capsys):
    total("")
    call_command("check_index")
    assert "agree" in capsys.readouterr().out


def test_a_tagging_behind_the_index(lasting_cast, capsys):
    assert total("?place=paris") == 2
    trigger = {"sqlite": "archive_tagging_log_delete", "postgresql": "archive_tagging_log_write"}
    drop_trigger(trigger[connection.vendor], "archive_tagging")
    Tagging.objects.filter(tag=lasting_cast.tags["Paris"]).delete()
    assert total("?place=paris") == 2
    with pytest.raises(CommandError):
        call_command("check_index")
    out = capsys.readouterr().out
    assert "trigger" in out
    assert "Stories of tags" in out
    call_command("check_index", repair=True)
    assert total("?place=paris") == 0
    call_command("check_index")


def test_words_behind_the_stories(lasting_cast, capsys):
    drop_trigger("archive_fulltext_update", "archive_story")
    Story.objects.filter(title="Thierry").update(body="A quiet life.")
    assert titles("q=opera") == ["Thierry"]
    with pytest.raises(CommandError):
        call_command("check_index")
    assert "full text" in capsys.readouterr().out
    call_command("check_index", "--repair")
    assert titles("q=opera") == []
    assert titles("q=quiet") == ["Thierry"]


DAMAGE = {
    "sqlite": {
        "emptied": "INSERT INTO archive_fulltext(archive_fulltext) VALUES ('delete-all')",
        "dropped": "DROP TABLE archive_fulltext",
        "words dropped": "DROP TABLE archive_fulltext_unspaced",
        "places dropped": "DROP TABLE archive_fulltext_unspaced_places",
        "signs lost": "INSERT INTO archive_fulltext_unspaced(archive_fulltext_unspaced)"
        " VALUES ('delete-all')",
        "other columns": "DROP TABLE archive_fulltext;"
        " CREATE VIRTUAL TABLE archive_fulltext USING fts5(title, body)",
        "a plain table": "DROP TABLE archive_fulltext; CREATE TABLE archive_fulltext(story int)",
        "rows lost": "DELETE FROM archive_fulltext_data WHERE id > 10",
        "trigger dropped": "DROP TRIGGER archive_fulltext_insert",
        "trigger altered": "DROP TRIGGER archive_fulltext_insert;"
        " CREATE TRIGGER archive_fulltext_insert AFTER INSERT ON archive_story BEGIN SELECT 1;END",
        "log altered": "DROP TRIGGER archive_collection_log_insert",
    },
    "postgresql": {
        "emptied": "DELETE FROM archive_fulltext",
        "dropped": "DROP TABLE archive_fulltext",
        "words dropped": "ALTER TABLE archive_fulltext DROP COLUMN words",
        "places dropped": "DELETE FROM archive_fulltext WHERE words @@ 'opera'",
        "signs lost": "UPDATE archive_fulltext SET words = ts_delete(words, '京')",
        "other columns": "ALTER TABLE archive_fulltext ADD COLUMN more text",
        "a plain table": "DROP TABLE archive_fulltext; CREATE TABLE archive_fulltext(story int)",
        "rows lost": "DELETE FROM archive_fulltext WHERE story % 2 = 0",
        "trigger dropped": "DROP TRIGGER archive_fulltext_write ON archive_story",
        "trigger altered": "ALTER TABLE archive_story DISABLE TRIGGER archive_fulltext_update",
        "log altered": "DROP TRIGGER archive_collection_log_write ON archive_collection",
    },
}


@pytest.mark.parametrize("damage", list(DAMAGE["sqlite"]))
def test_whatever_became_of_the_full_text(damage, lasting_cast, capsys):
    Story.objects.create(title="東京", body="大阪で。", status="published")
    for statement in DAMAGE[connection.vendor][damage].split("; "):
        execute(statement)
    with pytest.raises(CommandError):
        call_command("check_index")
    call_command("check_index", "--repair")
    assert "Repaired." in capsys.readouterr().out
    call_command("check_index")
    assert titles("q=opera") == ["Thierry"]
    assert titles("q=の") == []
    assert titles("q=大阪で") == titles("q=京") == ["東京"]
    Story.objects.create(title="New", body="An opera.", status="published")
    assert set(titles("q=opera")) == {"Thierry", "New"}
