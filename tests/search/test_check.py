"""The check finds what is out of step, and the repair mends it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from archive.models import Story, Tag, Tagging
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
        "parts lost": "DELETE FROM archive_fulltext_unspaced_data WHERE id > 10",
        "view left": "CREATE VIEW archive_fulltext_unspaced_texts(id) AS SELECT 1"
        "; DROP TABLE archive_fulltext",
        "parts left": "INSERT INTO archive_fulltext_unspaced(rowid, title, rest)"
        " VALUES (999, '東京都', '')",
        "trigger dropped": "DROP TRIGGER archive_fulltext_insert",
        "trigger altered": "DROP TRIGGER archive_fulltext_insert;"
        " CREATE TRIGGER archive_fulltext_insert AFTER INSERT ON archive_story BEGIN SELECT 1;END",
        "log altered": "DROP TRIGGER archive_collection_log_insert",
    },
    "postgresql": {
        "emptied": "DELETE FROM archive_fulltext",
        "dropped": "DROP TABLE archive_fulltext",
        "words dropped": "ALTER TABLE archive_fulltext DROP COLUMN words",
        "places dropped": "DROP INDEX archive_fulltext_words",
        "signs lost": "UPDATE archive_fulltext SET words = ts_delete(words, '京')",
        "other columns": "ALTER TABLE archive_fulltext ADD COLUMN more text",
        "a plain table": "DROP TABLE archive_fulltext; CREATE TABLE archive_fulltext(story int)",
        "rows lost": "DELETE FROM archive_fulltext WHERE story % 2 = 0",
        "parts lost": "DELETE FROM archive_fulltext_part WHERE part = 1",
        "view left": "DROP TABLE archive_fulltext_part",
        "parts left": "INSERT INTO archive_fulltext_part VALUES (0, 0, 'opera')",
        "titles not indexed": "DROP INDEX archive_fulltext_titles",
        "titles indexed otherwise": "DROP INDEX archive_fulltext_titles; CREATE INDEX"
        " archive_fulltext_titles ON archive_fulltext USING gin (ts_filter(words, '{b}'))",
        "trigger dropped": "DROP TRIGGER archive_fulltext_write ON archive_story",
        "trigger altered": "ALTER TABLE archive_story DISABLE TRIGGER archive_fulltext_update",
        "log altered": "DROP TRIGGER archive_collection_log_write ON archive_collection",
    },
}
NOTHING = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL ;END $$"
#: What only PostgreSQL has: functions behind its triggers, and a configuration of its parser.
DAMAGED_DEFINITIONS = {
    "trigger of the same name": "CREATE OR REPLACE TRIGGER archive_tagging_log_update"
    " AFTER UPDATE ON archive_tagging FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)"
    " EXECUTE FUNCTION dastan_log_archive_tagging()",
    "trigger of another function": "CREATE OR REPLACE TRIGGER archive_fulltext_write"
    " AFTER INSERT OR DELETE ON archive_story FOR EACH ROW"
    " EXECUTE FUNCTION dastan_log_archive_story()",
    "trigger of replicas only": "ALTER TABLE archive_tag"
    " ENABLE REPLICA TRIGGER archive_tag_log_update",
    "log function": f"CREATE OR REPLACE FUNCTION dastan_log_archive_tag() {NOTHING}",
    "log function of all": f"CREATE OR REPLACE FUNCTION dastan_log_all() {NOTHING}",
    "log function lost": "DROP FUNCTION dastan_log_archive_tag() CASCADE",
    "full text function": f"CREATE OR REPLACE FUNCTION dastan_keep_fulltext() {NOTHING}",
    "folding": "CREATE OR REPLACE FUNCTION dastan_fold(words text) RETURNS text"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS 'SELECT upper(words)'",
    "folding volatile": "ALTER FUNCTION dastan_fold(text) VOLATILE",
    "folding of another type": "DROP FUNCTION dastan_fold(text)"
    "; CREATE FUNCTION dastan_fold(other text) RETURNS varchar LANGUAGE sql AS 'SELECT other'",
    "words not stemmed": "ALTER TEXT SEARCH CONFIGURATION dastan"
    " ALTER MAPPING FOR asciiword WITH simple",
    "words left out": "ALTER TEXT SEARCH CONFIGURATION dastan DROP MAPPING FOR asciiword",
    "stop words": "ALTER TEXT SEARCH DICTIONARY dastan_stem (StopWords = english)",
}


if connection.vendor == "postgresql":  # SQLite has no functions

    @pytest.mark.parametrize("damage", list(DAMAGED_DEFINITIONS))
    def test_whatever_became_of_the_functions(damage, lasting_cast, capsys):
        for statement in DAMAGED_DEFINITIONS[damage].split("; "):
            execute(statement)
        Story.objects.filter(title="Lily").update(body="The dancers of the steppe.")
        Tag.objects.filter(name="Paris").update(slug="lutetia")
        with pytest.raises(CommandError):
            call_command("check_index")
        assert "altered" in capsys.readouterr().out
        call_command("check_index", "--repair")
        call_command("check_index")
        assert set(titles("q=steppe")) == {"Lily", "Thierry"}
        assert total("?place=lutetia") == 2
        Story.objects.filter(title="Lily").update(body="An opera.")
        Tag.objects.filter(name="Paris").update(slug="paris")
        assert set(titles("q=operas")) == {"Lily", "Thierry"}
        assert total("?place=paris") == 2


@pytest.mark.parametrize("damage", list(DAMAGE[connection.vendor]))
def test_whatever_became_of_the_full_text(damage, lasting_cast, capsys):
    Story.objects.create(title="東京", body="大阪で。", status="published")
    Story.objects.create(title="Long", body="the way " * 2_000 + "home at last", status="published")
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
    assert titles('q="way home"') == ["Long"]
    Story.objects.create(title="New", body="An opera.", status="published")
    assert set(titles("q=opera")) == {"Thierry", "New"}
