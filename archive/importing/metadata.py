"""What a file says about its story: front matter and records, checked field by field."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import yaml

from archive.importing import dates
from archive.importing.values import Limits, RefusedError

FIELDS = (
    "title",
    "creator",
    "date",
    "language",
    "collection",
    "summary",
    "status",
    "people",
    "places",
    "themes",
    "rights",
    "slug",
)
LISTS = frozenset({"people", "places", "themes"})
LONG = frozenset({"summary", "rights"})
BODY_NAMES = ("body", "text")

_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?:[ \t]*(?:#.*)?\n){0,50}(?=([A-Za-z_][\w-]*):(?:[ \t]|\n|\Z))"
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_SLUG = re.compile(r"[-\w]{1,200}")
_SEPARATORS = re.compile(r"[;|]")


@dataclass(frozen=True, slots=True)
class Fields:
    """The checked fields of one story; "" and () where nothing was said."""

    title: str = ""
    creator: str = ""
    date: str = ""
    language: str = ""
    collection: str = ""
    summary: str = ""
    status: Literal["", "draft", "published"] = ""
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    rights: str = ""
    slug: str = ""
    date_earliest: datetime.date | None = None
    date_latest: datetime.date | None = None


def split_front_matter(text: str, limits: Limits) -> tuple[dict[str, object] | None, str]:
    """Split the front matter at the head of `text` from the body; None when there is none.

    Front matter begins with a line "---" followed by a line "name:", and ends with a line "---"
    or "...". A break of dashes above prose is none. Raises RefusedError when it is not closed, too
    large, or no plain mapping.
    """
    head = _FRONT_MATTER.match(text)
    if head is None:
        return None, text
    start = text.index("\n") + 1
    window = text[start : start + limits.max_front_matter_bytes + 10]
    end = re.search(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", window, re.MULTILINE)
    if end is None:
        if head.group(1).lower() not in FIELDS:
            return None, text
        if len(window) > limits.max_front_matter_bytes:
            raise RefusedError(
                f"its front matter is longer than {limits.max_front_matter_bytes:,} bytes "
                'or has no closing line "---".'
            )
        raise RefusedError('its front matter has no closing line "---"; add one below the fields.')
    source = window[: end.start()]
    if len(source.encode("utf-8")) > limits.max_front_matter_bytes:
        raise RefusedError(
            f"its front matter is longer than {limits.max_front_matter_bytes:,} bytes."
        )
    return load_yaml(source), text[start + end.end() :].lstrip("\n")


class _PlainLoader(yaml.SafeLoader):
    """YAML reduced to mappings, lists and text: no anchors, aliases, merges or tags.

    Text stays text: `date: 1986-03` is no computed date and `language: no` is not False.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 2  # front matter starts on the second line of a file
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise RefusedError(
                f"line {line} of its front matter uses an anchor or alias (& or *), which is "
                "not allowed; write the value out, or put it in quotation marks."
            )
        if getattr(event, "tag", None):
            raise RefusedError(
                f"line {line} of its front matter uses a tag (!), which is not allowed."
            )
        return super().compose_node(parent, index)


def load_yaml(source: str) -> dict[str, object]:
    """Read front matter as a dictionary of text, lists and dictionaries. Raises RefusedError."""
    try:
        loader = _PlainLoader(source)
        try:
            node = loader.get_single_node()
            value = _plain(node) if node is not None else {}
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 2}" if mark else "somewhere"
        problem = getattr(error, "problem", None) or "characters that YAML does not allow"
        raise RefusedError(f"its front matter is no valid YAML: {where}: {problem}.") from error
    except RecursionError as error:
        raise RefusedError("its front matter is nested too deeply.") from error
    if not isinstance(value, dict):
        raise RefusedError('its front matter is not a list of fields such as "title: …".')
    return value


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = _plain(key_node)
            line = key_node.start_mark.line + 2
            if not isinstance(key, str):
                raise RefusedError(f"line {line} of its front matter has a name that is no text.")
            if key in mapping:
                raise RefusedError(f"line {line} of its front matter gives {key!r} a second time.")
            mapping[key] = _plain(value_node)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child) for child in node.value]
    text = str(node.value)
    if cast(yaml.ScalarNode, node).style is None and text in {"~", "null", "Null", "NULL"}:
        return ""
    return text


def check(raw: Mapping[str, object], limits: Limits) -> tuple[Fields, tuple[str, ...]]:
    """Check the fields of a story; the notes tell which were ignored.

    `raw` comes from front matter or a record; names are matched without regard to case. Raises
    RefusedError, with the name of the field, for a wrong type, a status, language or slug that is
    none, a date that is in no calendar, or a value above the limits.
    """
    notes = []
    values: dict[str, object] = {}
    for key, value in raw.items():
        name = key.strip().casefold()
        if name not in FIELDS:
            notes.append(_ignored(key))
        elif name in values:
            raise RefusedError(f"the field {name!r} is given twice.")
        elif value is not None:
            values[name] = (
                _list(name, value, limits) if name in LISTS else _text(name, value, limits)
            )
            if name in LISTS and isinstance(value, str) and _looks_like_several(value):
                notes.append(f"took {value[:60]!r} as one of the {name}; separate names with ';'")
    earliest, latest = _date_bounds(cast(str, values.get("date", "")))
    _check_forms(cast("dict[str, str]", values))
    if "status" in values:
        values["status"] = cast(str, values["status"]).casefold()
    fields = Fields(**values, date_earliest=earliest, date_latest=latest)  # type: ignore[arg-type]
    return fields, tuple(notes)


def _looks_like_several(value: str) -> bool:
    """Tell whether a text is perhaps names with commas between, and not "Petrova, Anna"."""
    pieces = value.split(",")
    return len(pieces) > 1 and all(len(piece.split()) > 1 for piece in pieces)


def _ignored(key: str) -> str:
    shown = key if len(key) <= 60 else key[:59] + "…"
    close = difflib.get_close_matches(key[:60].strip().casefold(), FIELDS, n=1, cutoff=0.75)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"ignored unknown field {shown!r}{hint}"


def _text(name: str, value: object, limits: Limits) -> str:
    if name == "date" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise RefusedError(f"the field {name!r} must be text, but is {_type_name(value)}.")
    limit = limits.max_long_field_chars if name in LONG else limits.max_field_chars
    if len(value) > limit:
        raise RefusedError(f"the field {name!r} is longer than {limit:,} characters.")
    return value.strip() if name in LONG else " ".join(value.split())


def _list(name: str, value: object, limits: Limits) -> tuple[str, ...]:
    items = _SEPARATORS.split(value) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise RefusedError(
            f"the field {name!r} must be a list of names, but is {_type_name(value)}."
        )
    if len(items) > limits.max_list_items:
        raise RefusedError(f"the field {name!r} has more than {limits.max_list_items:,} names.")
    names = []
    for item in items:
        if not isinstance(item, str):
            raise RefusedError(
                f"the field {name!r} must hold names, but one is {_type_name(item)}."
            )
        names.append(_text(name, item, limits))
    return tuple(dict.fromkeys(name for name in names if name))


def _date_bounds(text: str) -> tuple[datetime.date | None, datetime.date | None]:
    try:
        return dates.bounds(text) or (None, None)
    except dates.ImpossibleDateError as error:
        raise RefusedError(f"the field 'date' cannot be right: {error}.") from error


def _check_forms(values: Mapping[str, str]) -> None:
    status, language, slug = (values.get(name, "") for name in ("status", "language", "slug"))
    if status and status.casefold() not in {"draft", "published"}:
        raise RefusedError(f"the field 'status' must be draft or published, not {status[:60]!r}.")
    if language and not _LANGUAGE.fullmatch(language):
        raise RefusedError(
            f"the field 'language' must be a code such as en, ru or kk-Cyrl, not {language[:60]!r}."
        )
    if slug and not _SLUG.fullmatch(slug):
        raise RefusedError(
            f"the field 'slug' must be letters, digits and hyphens, at most 200, not {slug[:60]!r}."
        )


def _type_name(value: object) -> str:
    if value is None:
        return "empty"
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "a group of fields")
