"""What is served when Markdown cannot be: the words, escaped, in paragraphs."""

import html
import re

_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


def paragraphs(body: str) -> str:
    """Return the text as escaped paragraphs, split where lines are blank."""
    body = body.replace("\r\n", "\n").replace("\r", "\n").strip()
    blocks = _BLANK_LINES.split(body) if body else []
    return "\n".join(f"<p>{html.escape(block, quote=False)}</p>" for block in blocks)
