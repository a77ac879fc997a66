"""Blocks between fences (``` or ~~~): shown letter for letter."""

import html
import re
from typing import Any

from markdown.preprocessors import Preprocessor

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^`\s]*)[ \t]*")


class Fences(Preprocessor):  # type: ignore[misc]
    """Puts blocks of code aside before anything reads them as Markdown."""

    def run(self, lines: list[str]) -> list[str]:
        """Replace each closed fence by a placeholder; one that never closes is ordinary text.

        Looks at each line a fixed number of times, however many fences there are.
        """
        fences = [
            _FENCE.fullmatch(line) if line.lstrip(" ").startswith(("`", "~")) else None
            for line in lines
        ]
        longest = {sign: _longest_ahead(fences, sign) for sign in "`~"}
        out: list[str] = []
        at = 0
        while at < len(lines):
            fence = fences[at]
            if fence is None or longest[fence[1][0]][at + 1] < len(fence[1]):
                out.append(lines[at])
                at += 1
                continue
            end = at + 1
            while not _closes(fences[end], fence[1]):
                end += 1
            out += ("", self._store(lines[at + 1 : end]), "")
            at = end + 1
        return out

    def _store(self, lines: list[str]) -> str:
        code = html.escape("\n".join([*lines, ""]), quote=False)
        stored: Any = self.md.htmlStash.store(f"<pre><code>{code}</code></pre>")
        return str(stored)


def _closes(found: re.Match[str] | None, fence: str) -> bool:
    return found is not None and not found[2] and found[1].startswith(fence)


def _longest_ahead(fences: list[re.Match[str] | None], sign: str) -> list[int]:
    """For each line, the length of the longest fence without further words from there on."""
    ahead = [0] * (len(fences) + 1)
    for at in range(len(fences) - 1, -1, -1):
        found = fences[at]
        own = len(found[1]) if found and not found[2] and found[1][0] == sign else 0
        ahead[at] = max(own, ahead[at + 1])
    return ahead
