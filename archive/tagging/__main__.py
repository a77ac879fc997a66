"""``python -m archive.tagging [--json] FILE…``: show what is found in plain text files."""

import argparse
import json
import sys
from pathlib import Path

from archive.tagging.spans import FoundTag, TaggedText
from archive.tagging.tagger import tag


def _names(tags: tuple[FoundTag, ...]) -> list[list[str]]:
    return [[found.name, *found.other_names] for found in tags]


def as_json(tagged: TaggedText) -> str:
    """Return one line of JSON for one text."""
    return json.dumps(
        {
            "people": _names(tagged.people),
            "places": _names(tagged.places),
            "themes": _names(tagged.themes),
            "mentions": [mention._asdict() for found in tagged.tags for mention in found.mentions],
            "subject": tagged.subject,
        },
        ensure_ascii=False,
    )


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")


def _show(path: str, tagged: TaggedText) -> None:
    lines = [f"{path} · {tagged.subject or 'no subject'}"]
    for found in tagged.tags:
        quotes = ", ".join(dict.fromkeys(f"{m.quote} [{m.rule}]" for m in found.mentions))
        lines.append(f"  {found.kind:7}{found.name} ({found.confidence:.2f}): {quotes}")
    _write("\n".join(lines))


def main(arguments: list[str] | None = None) -> int:
    """Tag each file; return 1 when one could not be read."""
    parser = argparse.ArgumentParser(prog="python -m archive.tagging", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON for each file")
    parser.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args(arguments)
    failed = 0
    for path in options.files:
        try:
            text = Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            sys.stderr.write(f"{path}: {error.strerror}\n")
            failed = 1
            continue
        tagged = tag(text)
        if options.json:
            _write(as_json(tagged))
        else:
            _show(path, tagged)
    return failed


if __name__ == "__main__":
    sys.exit(main())
