"""Uploads that wait for a curator's word: a folder of the data folder, bounded, gone after a day.

Nothing of an upload is in the archive before it is confirmed. Each one is a folder that names its
owner; nobody else's session finds it.
"""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from archive.importing.files import printable

#: Uploads of one account that may wait at a time; the oldest leaves for a new one.
WAITING = 5
#: Seconds after which an upload that nobody confirmed is deleted.
LIFETIME = 24 * 3600
#: Bytes of a request beside the files: fields, boundaries, names.
BESIDE = 1_000_000
_NAME = re.compile(r"(\d+)-[\w-]{16,}")
_UPLOADING = "archive.add_import"


class Quota(FileUploadHandler):
    """Refuses files from whoever may not import, and requests that are too large for anybody.

    It stands before Django's handlers, so that nothing of such a file reaches the disk.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Look at the size that the request announces; the server reads no more than that.

        Raises:
            RequestDataTooBig: it is more than an upload may be.
        """
        if content_length > settings.MAX_UPLOAD_BYTES + BESIDE:
            raise RequestDataTooBig("The files are larger than one upload may be.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Pass over a file that was not asked for.

        Raises:
            SkipFile: the account may not import.
        """
        user = getattr(self.request, "user", None)
        if user is None or not user.has_perm(_UPLOADING):
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand on what came."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that keep it."""


def _room() -> Path:
    return Path(settings.DATA_DIR) / "uploads"


@dataclasses.dataclass(frozen=True, slots=True)
class Staged:
    """One upload that waits."""

    folder: Path

    @property
    def key(self) -> str:
        """What addresses call it."""
        return self.folder.name

    def files(self) -> Iterator[tuple[str, Path]]:
        """Each file by the name it was uploaded under."""
        names: list[str] = json.loads((self.folder / "names.json").read_text())
        for number, name in enumerate(names):
            yield name, self.folder / f"{number}"

    @property
    def names(self) -> list[str]:
        """What the files are called."""
        return [name for name, _path in self.files()]

    def keep_preview(self, entries: list[dict[str, Any]]) -> None:
        """Remember what would happen, so that the page can be shown again."""
        (self.folder / "preview.json").write_text(json.dumps(entries))

    def preview(self) -> list[dict[str, Any]]:
        """What would happen to each file."""
        return json.loads((self.folder / "preview.json").read_text())  # type: ignore[no-any-return]

    def discard(self) -> None:
        """Delete it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def stage(user_id: int, files: Iterable[UploadedFile]) -> Staged:
    """Keep *files* until they are confirmed; clears away what is old.

    Raises:
        OSError: the disk has no room; nothing is left behind.
    """
    clear()
    for old in sorted(_of(user_id), key=_age)[WAITING - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
    folder = _room() / f"{user_id}-{secrets.token_urlsafe(16)}"
    folder.mkdir(parents=True, mode=0o700)
    names = []
    try:
        for number, file in enumerate(files):
            names.append(printable(file.name or "file"))
            with (folder / f"{number}").open("wb") as kept:
                for chunk in file.chunks():
                    kept.write(chunk)
        (folder / "names.json").write_text(json.dumps(names))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Staged(folder)


def find(user_id: int, key: str) -> Staged | None:
    """The upload *key*, if it is there and is that account's."""
    match = _NAME.fullmatch(key)
    folder = _room() / key
    if match is None or int(match[1]) != user_id or not (folder / "preview.json").is_file():
        return None
    return Staged(folder)


def waiting(user_id: int) -> list[Staged]:
    """Uploads of an account that it has neither confirmed nor cancelled, newest first."""
    clear()
    folders = sorted(_of(user_id), key=_age)
    return [Staged(folder) for folder in folders if (folder / "preview.json").is_file()]


def clear() -> None:
    """Delete uploads that nobody confirmed in time."""
    for folder in _room().glob("*-*"):
        if _age(folder) > LIFETIME:
            shutil.rmtree(folder, ignore_errors=True)


def _of(user_id: int) -> list[Path]:
    return list(_room().glob(f"{user_id}-*"))


def _age(folder: Path) -> float:
    """Seconds since the upload; nothing for one that is just being deleted."""
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
