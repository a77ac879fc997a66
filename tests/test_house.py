"""The house itself: pure rooms, constraints on code, documents that tell the truth."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands
from django.template.base import Lexer, TokenType

ROOT = Path(__file__).resolve().parent.parent
PURE = ("archive.importing.drafts", "archive.tagging.tagger", "archive.rendering")


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_open_without_django(room) -> None:
    code = (
        "import sys\n"
        "for name in ('django', 'reversion', 'environ'): sys.modules[name] = None\n"
        f"import {room}\n"
        "assert not any(name.startswith('archive.models') for name in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def documents() -> str:
    paths = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return "\n".join(path.read_text() for path in paths)


def test_commands_in_the_documents_exist() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", documents()))
    assert named
    assert named <= set(get_commands())
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z]+)", documents())) <= targets


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    code = "\n".join(
        (ROOT / path).read_text() for path in ("archive/settings.py", "archive/server.py")
    )
    in_code = set(re.findall(r'"(DASTAN_[A-Z_]+|DATABASE_URL)"', code))
    in_docs = set(re.findall(r"`(DASTAN_[A-Z_]+|DATABASE_URL)", documents()))
    assert in_code == in_docs


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = path.read_text()
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        for target in links + re.findall(r'src(?:set)?="([^"]+)"', text):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_seeds_are_untouched() -> None:
    names = {path.name for path in (ROOT / "seeds").iterdir()}
    assert len(names) == 4
    giulia = next((ROOT / "seeds").glob("000_*")).read_bytes()
    assert "â€“".encode() in giulia


#: Names of formats, keys, signs, and the names and alphabets that the page of components shows.
NOT_WORDS = {
    "BibTeX", "RIS", "Aa", "Ctrl", "Romy", "Baktybekova", "Paris", "Kazakhstan",
    "Madame", "Petrova",
    "Ўзбек", "Қазақ", "Тоҷикӣ",
}  # fmt: skip
_SPOKEN = re.compile(r'\b(?:aria-label|placeholder|title|alt)="([^"]*)"')


def test_only_what_pages_need_is_served() -> None:
    kinds = {file.suffix for file in (ROOT / "static").rglob("*") if file.is_file()}
    assert kinds == {".css", ".js", ".svg", ".woff2", ".txt", ".md"}


def bare_words(source: str) -> set[str]:
    """Words that a template shows or has read out without asking for their translation."""
    kept: list[str] = []
    until = ""
    for token in Lexer(source).tokenize():
        words = token.contents.split() if token.token_type is TokenType.BLOCK else []
        if until:
            until = "" if words[:1] == [until] else until
        elif words[:1] in (["blocktranslate"], ["comment"]):
            until = f"end{words[0]}"
        elif words[:2] in (["block", "bodyclass"], ["block", "coltype"]):
            until = "endblock"
        elif token.token_type is TokenType.TEXT:
            kept.append(token.contents)
        elif kept:
            kept.append("\0" if token.token_type is TokenType.VAR else "")
    text = re.sub(
        r"<!--.*?-->|<(kbd|script)\b.*?</\1>|<meta [^>]*>", " ", "".join(kept), flags=re.S
    )
    spoken = " ".join(_SPOKEN.findall(text))
    shown = html.unescape(f"{re.sub('<[^>]*>', ' ', text)} {spoken}")
    return set(re.findall(r"[^\W\d_]{2,}", shown))


def test_every_word_of_the_templates_can_be_translated() -> None:
    assert bare_words('<p title="Two words">{{ x }} min {% translate "a" %}</p>') == {
        "Two", "words", "min"
    }  # fmt: skip
    found = {
        str(path.relative_to(ROOT)): words
        for path in (ROOT / "templates").rglob("*.html")
        if (words := bare_words(path.read_text()) - NOT_WORDS)
    }
    assert found == {}


def test_pages_are_offered_in_the_languages_there_are() -> None:
    compiled = {path.parts[-3] for path in (ROOT / "locale").glob("*/*/django.mo")}
    assert {code for code, _ in settings.LANGUAGES} == {"en"} | compiled
    chosen = "django.middleware.locale.LocaleMiddleware" in settings.MIDDLEWARE
    assert chosen is bool(compiled)
