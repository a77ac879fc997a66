"""Archives: members like files, and every trick refused by name."""

import io
import struct
import zipfile

import pytest

from archive.importing import Limits, Refusal, StoryDraft, read_bytes
from tests.importing.builders import docx, zipped


def outcomes(content, limits=Limits()):  # noqa: B008 (frozen)
    return {
        outcome.source.name if isinstance(outcome, StoryDraft) else outcome.name: outcome
        for outcome in read_bytes("bundle.zip", content, limits)
    }


def test_members_are_read_like_files():
    found = outcomes(
        zipped(
            {
                "folder/": "",
                "folder/жизнь.txt": "Жизнь",
                "a.docx": docx(["Hello there"]),
                "__MACOSX/folder/._a.txt": "x",
                "folder/.hidden.txt": "x",
            }
        )
    )
    assert found["bundle.zip/folder/жизнь.txt"].body == "Жизнь"
    assert found["bundle.zip/folder/жизнь.txt"].source.content == "Жизнь".encode()
    assert found["bundle.zip/a.docx"].body == "Hello there"
    assert found["bundle.zip/__MACOSX/folder/._a.txt"].skipped
    assert found["bundle.zip/folder/.hidden.txt"].skipped
    assert len(found) == 4


def test_ways_out_links_and_nested_archives_are_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name in (
            "../up.txt",
            "/root.txt",
            "C:/drive.txt",
            "a/../../b.txt",
            "..\\w.txt",
            "in.zip",
        ):
            package.writestr(name, "Hello")
        link = zipfile.ZipInfo("link.txt")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        package.writestr(link, "/etc/passwd")
        package.writestr("good.txt", "Hello")
    found = outcomes(buffer.getvalue())
    good = found.pop("bundle.zip/good.txt")
    assert isinstance(good, StoryDraft)
    assert len(found) == 7
    assert all(isinstance(refusal, Refusal) for refusal in found.values())
    assert not any(refusal.skipped for refusal in found.values())
    assert "leads out" in found["bundle.zip/../up.txt"].reason
    assert "link" in found["bundle.zip/link.txt"].reason
    assert "archive inside" in found["bundle.zip/in.zip"].reason


def test_twins_are_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("a.txt", "One")
        with pytest.warns(UserWarning, match="Duplicate"):
            package.writestr("a.txt", "Two")
    kinds = [type(outcome) for outcome in read_bytes("bundle.zip", buffer.getvalue())]
    assert kinds == [StoryDraft, Refusal]


def test_bombs_are_refused_by_their_real_size():
    bomb = zipped({"bomb.txt": b"a" * 30_000_000, "good.txt": "Hello"})
    found = outcomes(bomb)
    assert isinstance(found["bundle.zip/good.txt"], StoryDraft)
    assert "larger than" in found["bundle.zip/bomb.txt"].reason
    # The same, with a size in its headers that is a lie.
    lie = bomb.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 10))
    assert isinstance(outcomes(lie)["bundle.zip/bomb.txt"], Refusal)
    tight = zipped({"tight.txt": b"a" * 5_000_000})
    assert "200 times its size" in outcomes(tight)["bundle.zip/tight.txt"].reason


def test_the_whole_of_an_archive_is_bounded():
    members = {f"{number}.txt": f"Story {number} " * 10 for number in range(10)}
    found = outcomes(zipped(members), Limits(max_archive_bytes=350))
    assert sum(isinstance(outcome, StoryDraft) for outcome in found.values()) == 4
    assert len(found) == 10
    assert "the archive unpacks to more than 350 bytes" in found["bundle.zip/9.txt"].reason
    (refusal,) = read_bytes("bundle.zip", zipped(members), Limits(max_archive_members=9))
    assert "more than 9 members" in refusal.reason


def test_encrypted_and_damaged_members_are_refused():
    content = bytearray(zipped({"a.txt": "Hello there, world"}, zipfile.ZIP_STORED))
    damaged = content.replace(b"Hello there", b"Jello there")
    assert "damaged" in outcomes(bytes(damaged))["bundle.zip/a.txt"].reason
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    assert "encrypted" in outcomes(bytes(content))["bundle.zip/a.txt"].reason


def test_a_cut_archive_is_refused():
    content = zipped({"a.txt": "Hello there" * 100})
    (refusal,) = read_bytes("bundle.zip", content[:-10])
    assert "damaged" in refusal.reason
