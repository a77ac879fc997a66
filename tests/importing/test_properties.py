"""Any bytes lead to drafts or a named refusal; any text comes out but for told repairs."""

import io
import unicodedata
import zipfile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archive.importing import Refusal, StoryDraft, read_bytes
from archive.importing.formats import DOCUMENTS, RECORDS
from tests.importing.builders import docx, epub, odt, zipped

ENDINGS = [*DOCUMENTS, *RECORDS, ".zip", ".pdf", ""]
MARKUP = st.text(alphabet="<>/=\"'&;!-ab pliudvtrh#x0 \n", max_size=200).map(str.encode)
STRUCTURE = st.text(alphabet='{}[]":,;\\u0dbodytexl\n\t', max_size=200).map(str.encode)
YAML = st.text(alphabet="title:peopl-[]{}&*!|>'\"#\n ", max_size=200).map(
    lambda text: f"---\ntitle: {text}\n---\nIt began.".encode()
)
DOCUMENTS_MADE = [
    docx(["Hello there", "world"]),
    odt("<text:p>Hello</text:p>"),
    epub({"a.xhtml": "<p>Hello</p>"}),
    zipped({"a.txt": "Hello", "b/c.csv": "body\nHello\n"}),
]


def check(name, content):
    """Read, and hold every outcome against what is promised of it."""
    found = list(read_bytes(name, content))
    assert found
    for outcome in found:
        if isinstance(outcome, Refusal):
            assert outcome.name.startswith(name)
            assert len(outcome.reason) > 10
            # The net below the readers is for what nobody thought of; it should stay empty.
            assert "save it anew from the program it was made with" not in outcome.reason
        else:
            assert isinstance(outcome, StoryDraft)
            text = outcome.body + (outcome.title or "") + outcome.creator + outcome.first_words
            assert not any(
                unicodedata.category(char) in {"Cs", "Cc"} for char in text if char not in "\n\t"
            )
            assert outcome.first_words
            text.encode("utf-8")
    return found


@pytest.mark.parametrize("ending", ENDINGS)
@given(
    content=st.one_of(st.binary(max_size=300), MARKUP, STRUCTURE, YAML, st.text().map(str.encode))
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_lead_to_drafts_or_a_named_refusal(ending, content):
    check("file" + ending, content)


@pytest.mark.parametrize("number", range(len(DOCUMENTS_MADE)))
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_document_damaged_anywhere_is_read_or_refused(number, data):
    content = bytearray(DOCUMENTS_MADE[number])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    check("file" + [".docx", ".odt", ".epub", ".zip"][number], bytes(content))


@pytest.mark.parametrize("number", range(len(DOCUMENTS_MADE)))
@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_document_with_damaged_parts_is_read_or_refused(number, data):
    """The same, below the checksums of the package."""
    members = {}
    with zipfile.ZipFile(io.BytesIO(DOCUMENTS_MADE[number])) as package:
        for name in package.namelist():
            part = bytearray(package.read(name))
            if part and data.draw(st.booleans()):
                start = data.draw(st.integers(0, len(part) - 1))
                part[start : start + data.draw(st.integers(0, 20))] = data.draw(MARKUP)
            members[name] = bytes(part)
    check("file" + [".docx", ".odt", ".epub", ".zip"][number], zipped(members))


# Letters and marks of every script, without what is damage by definition.
SOUND = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1
)


@settings(deadline=None)
@given(SOUND)
@example("e\u0301 ﬁ Å ‘’ “” Ｆ ½ Қазақ 👩\u200d👧 \u202eabc")
@example("\ufeff\ufeffa")
def test_sound_text_comes_out_unchanged_but_for_told_repairs(text):
    (outcome,) = check("a.md", ("A " + text).encode())
    if not outcome.repairs and outcome.title is None:
        assert outcome.body == "A " + text


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1))
def test_what_is_changed_is_told(text):
    (outcome,) = check("a.md", ("A " + text).encode())
    assert isinstance(outcome, StoryDraft)
    assert bool(outcome.repairs) >= (outcome.body != "A " + text)
