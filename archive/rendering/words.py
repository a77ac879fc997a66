"""Stories as plain words: for snippets, feeds and counting."""

import html
import re

_DEFINITION = re.compile(r"^ {0,3}\[(?!\^)[^\[\]\n]*\]:[^\n]*$", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^[^\[\]\n]*\]:?")
_RULE = re.compile(r"^[ \t]*(?:[-*_=:|+][ \t]*){2,}$", re.MULTILINE)
_TABLE_RULE = re.compile(
    r"^[ \t]*+\|?+(?:[ \t]*+:?+-++:?+[ \t]*+\|)++[ \t]*+(?::?+-++:?+)?+[ \t]*+\n", re.MULTILINE
)
_LINE_START = re.compile(
    r"^[ \t]*(?:>[ \t]?)*[ \t]*(?:#{1,6}[ \t]+|[-*+][ \t]+|\d{1,9}\.[ \t]+(?=\S))?", re.MULTILINE
)
_ROW = re.compile(r"^[ \t]*\|(.*)\|[ \t]*$", re.MULTILINE)
_TARGET = (
    r"""\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)?)(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\s*\)"""
)
_IMAGE = re.compile(rf"(?<!\\)!\[[^\[\]]*\](?:{_TARGET}|\[[^\[\]]*\])")
_LINK = re.compile(rf"(?<![\\\]])\[([^\[\]]*)\](?:{_TARGET}|\[[^\[\]]*\])")
_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>(?:(?!<(?:script|style)\b).)*?</\1\s*>", re.S | re.I)
_MARKUP = re.compile(
    r"\\([!-/:-@\[-`{-~])"  # an escaped sign stays
    r"|<(?:[a-z][a-z0-9+.-]*:|mailto:)?([^\s<>@]+@[^\s<>]+|//[^\s<>]*)>"  # an address in <>
    r"|</?[a-zA-Z][^<>]*>|<!--(?:(?!<!--|-->).)*-->"
    r"|`+|\*+(?=\S)|(?<=\S)\*+|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)|\\(?=\n)",
    re.DOTALL,
)
_BETWEEN_WORDS = re.compile(r"[\s—–―…/|]+|--+|\.{3,}")
# Written without spaces; each sign is about a word, as word processors count too.
_SIGNS = re.compile("[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
                    "\uff66-\uff9f\U00020000-\U0003ffff]")  # fmt: skip
# Thai, Lao, Burmese and Khmer are written without spaces too; words there have some five letters.
_RUNS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")
_LETTERS_OF_A_WORD = 5


def plain_text(body: str) -> str:
    """Return the words of a story as they are read, one line for each block.

    Made of passes that each look at the text once, so it may be used on texts of any size; plain
    prose, which has none of the signs they look for, is spared most of them.
    """
    body = body.replace("\r\n", "\n").replace("\r", "\n")
    brackets, bars = "[" in body, "|" in body
    if brackets:
        body = _FOOTNOTE.sub("", _DEFINITION.sub("", body))
    if bars:
        body = _TABLE_RULE.sub("", body)
    body = _LINE_START.sub("", _RULE.sub("", body))
    if bars:
        body = _ROW.sub(lambda row: row[1].replace("|", " "), body)
    if brackets:
        body = _LINK.sub(r"\1", _IMAGE.sub("", body))
    if "<" in body:
        body = _SCRIPT.sub("", body)
    if any(sign in body for sign in "\\<`*_"):
        body = _MARKUP.sub(_kept, body)
    blocks = (" ".join(block.split()) for block in html.unescape(body).split("\n\n"))
    return "\n".join(block for block in blocks if block)


def _kept(match: re.Match[str]) -> str:
    if match[2]:
        return match[0][1:-1].removeprefix("mailto:")
    return match[1] or ""


def word_count(body: str) -> int:
    """Count the words that are read, in every script."""
    text = plain_text(body)
    count = 0
    if not text.isascii():
        text, signs = _SIGNS.subn(" ", text)
        runs = _RUNS.findall(text)
        text = _RUNS.sub(" ", text)
        count = signs + sum(-(-len(run) // _LETTERS_OF_A_WORD) for run in runs)
    # Nearly every word begins with a letter or digit; only in the others all signs are looked at.
    words = _BETWEEN_WORDS.split(text)
    return count + sum(1 for word in words if word[:1].isalnum() or any(map(str.isalnum, word)))
