"""Files of records, one story in each: .csv, .json and .jsonl."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archive.importing.decoding import decode
from archive.importing.metadata import BODY_NAMES, FIELDS
from archive.importing.values import Limits, RefusedError


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields by their names, or the reason why it has none."""

    part: str
    fields: Mapping[str, object] | RefusedError


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a file, and how the file was decoded."""

    records: Iterator[Record]
    encoding: str
    repairs: tuple[str, ...]


def read_csv(content: bytes, limits: Limits) -> Records:
    """Read a table whose first row names the fields; "," ";" and tab are told apart by it.

    Raises RefusedError when no column is called body or text.
    """
    decoded = decode(content)
    # The whole file is bounded already; the limit of the module (131,072 characters, for every
    # user of it in the process) is below what a life story may need.
    csv.field_size_limit(max(csv.field_size_limit(), limits.max_body_chars + 1))
    first_line = decoded.text.lstrip("\n").partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    rows = csv.reader(io.StringIO(decoded.text), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().casefold() for name in next(rows, [])]
    except csv.Error as error:
        raise RefusedError(f"its first row cannot be read: {error}.") from error
    if not any(name in BODY_NAMES for name in header):
        raise RefusedError(
            "its first row names no column 'body'; it must hold the names of the fields: body "
            f"and any of {', '.join(FIELDS)}."
        )
    twice = (
        {name for name in header if name and header.count(name) > 1}
        if len(header) < 200
        else {"more than 200 columns"}
    )
    if twice:
        raise RefusedError(f"its first row names a column twice: {', '.join(sorted(twice))}.")
    return Records(_csv_records(rows, header, limits), decoded.encoding, decoded.repairs)


def _csv_records(rows: Iterator[list[str]], header: list[str], limits: Limits) -> Iterator[Record]:
    number = 1
    while True:
        number += 1
        part = f"row {number}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"it and what follows cannot be read: {error}; check the quotation marks."
            yield Record(part, RefusedError(reason))
            return
        if not any(cell.strip() for cell in row):
            continue
        if number - 1 > limits.max_records:
            yield Record(part, _too_many(limits))
            return
        if len(row) > len(header):
            reason = f"it has {len(row)} cells but the first row names {len(header)} columns."
            yield Record(part, RefusedError(reason))
            continue
        # An empty cell says nothing; a missing one at the end of a row is empty.
        fields = {name: cell for name, cell in zip(header, row, strict=False) if name and cell}
        yield Record(part, fields)


def read_json(content: bytes, limits: Limits) -> Records:
    """Read one object or a list of objects. Raises RefusedError for anything else."""
    decoded = decode(content)
    value = _load(decoded.text)
    if isinstance(value, dict):
        records = iter([_record("", value)])
    elif isinstance(value, list):
        if len(value) > limits.max_records:
            raise _too_many(limits)
        records = (_record(f"record {number}", item) for number, item in enumerate(value, start=1))
    else:
        raise RefusedError("it must hold an object with the fields of a story, or a list of them.")
    return Records(records, decoded.encoding, decoded.repairs)


def read_jsonl(content: bytes, limits: Limits) -> Records:
    """Read one object a line; empty lines are passed over."""
    decoded = decode(content)
    records = _jsonl_records(io.StringIO(decoded.text), limits)
    return Records(records, decoded.encoding, decoded.repairs)


def _jsonl_records(lines: io.StringIO, limits: Limits) -> Iterator[Record]:
    number = 0
    for line_number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        number += 1
        if number > limits.max_records:
            yield Record(f"record {number}", _too_many(limits))
            return
        try:
            yield _record(f"record {number}", _load(line))
        except RefusedError as refused:
            yield Record(f"record {number}", RefusedError(f"line {line_number}: {refused}"))


def _record(part: str, value: object) -> Record:
    if isinstance(value, dict):
        return Record(part, value)
    return Record(part, RefusedError("it is no object with the fields of a story."))


def _load(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise RefusedError(
            f"it is no valid JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except RecursionError as error:
        raise RefusedError("it is nested too deeply.") from error
    except ValueError as error:
        raise RefusedError("it holds a number that is too long.") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = counts.most_common(1)[0][0]
        raise RefusedError(f"it gives the field {twice[:60]!r} twice.")
    return fields


def _too_many(limits: Limits) -> RefusedError:
    return RefusedError(
        f"there are more than {limits.max_records:,} records; the rest was not read: split the "
        "file into parts."
    )
