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
