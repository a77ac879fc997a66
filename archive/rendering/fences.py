"""Blocks between fences (``` or ~~~): shown letter for letter."""

import html
import re
from typing import Any

from markdown.preprocessors import Preprocessor

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^`\s]*)[ \t]*")
# Each fence that opens may have to be looked for up to the end of the text.
_MOST_FENCES = 500


class Fences(Preprocessor):  # type: ignore[misc]
    """Puts blocks of code aside before anything reads them as Markdown."""

    def run(self, lines: list[str]) -> list[str]:
        """Replace each closed fence by a placeholder; one that never closes is ordinary text."""
        out: list[str] = []
        at = tried = 0
        while at < len(lines):
            fence = _FENCE.fullmatch(lines[at])
            end = None
            if fence and tried < _MOST_FENCES:
                tried += 1
                end = _closing(lines, at + 1, fence[1])
            if end is None:
                out.append(lines[at])
                at += 1
            else:
                out += ("", self._store(lines[at + 1 : end]), "")
                at = end + 1
        return out

    def _store(self, lines: list[str]) -> str:
        code = html.escape("\n".join([*lines, ""]), quote=False)
        stored: Any = self.md.htmlStash.store(f"<pre><code>{code}</code></pre>")
        return str(stored)


def _closing(lines: list[str], start: int, fence: str) -> int | None:
    """Return the line of the fence that closes one, if there is one."""
    for at in range(start, len(lines)):
        if lines[at].lstrip(" ").startswith(fence):
            found = _FENCE.fullmatch(lines[at])
            if found and not found[2] and found[1][0] == fence[0]:
                return at
    return None
