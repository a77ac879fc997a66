"""Repairing what was damaged in a text, and nothing else; every repair is told in a sentence."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import ftfy
from ftfy.badness import is_bad

# Everything in ftfy that alters taste instead of damage is off: quotation marks, ligatures, wide
# forms, entities and composition stay as they were written.
_PIECES = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_encoding=True,
    restore_byte_a0=True,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=True,
    fix_c1_controls=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)

_WHOLE = _PIECES._replace(decode_inconsistent_utf8=False)

_BEYOND = re.compile(r"[^\x00-\x7f]+")
_ASCII = re.compile(r"([\x00-\x7f]+)")
_BREAKS = re.compile(r"\r\n?|[\v\f]")
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TOLD = 12  # different repairs that are told one by one


@dataclass(frozen=True, slots=True)
class Clean:
    """A text without damage and the sentences that say what was repaired."""

    text: str
    repairs: tuple[str, ...]


def clean(text: str) -> Clean:
    r"""Repair mojibake and remove characters that no text may hold.

    Line ends become "\n" silently (also vertical tabs and form feeds, which old word processors
    write for line and page breaks). NULs, other control characters, halves of surrogate pairs and
    non-characters are removed, or turned into what Windows-1252 means by them. Text that is not
    damaged comes out as it went in: no composition, no other quotation marks, no trimming.
    """
    text = _BREAKS.sub("\n", text)
    told: list[str] = []
    if not text.isascii():
        text, damage = _repair_mojibake(text)
        told += _tell_mojibake(damage)
    text, removed = _remove_unwanted(text)
    told += removed
    lost = text.count("\ufffd")
    if lost:
        told.append(
            f"kept {lost} replacement {_plural('character', lost)} (\ufffd): letters were lost "
            "before this file was made; compare with an older copy"
        )
    return Clean(text, tuple(told))


def _repair_mojibake(text: str) -> tuple[str, Counter[tuple[str, str]]]:
    """Repair a text that is damaged throughout as a whole, any other line by line.

    What is damaged throughout must be taken whole: a short word of it alone ("Рё") looks right.
    """
    damage: Counter[tuple[str, str]] = Counter()
    if not is_bad(_surroundings(text)):
        return text, damage
    fixed = ftfy.fix_encoding(text, _WHOLE)
    if fixed != text:
        _note(damage, text, fixed)
        return fixed, damage
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.isascii() and is_bad(line):
            lines[number] = ftfy.fix_encoding(line, _PIECES)
            _note(damage, line, lines[number])
    return "\n".join(lines), damage


def _surroundings(text: str) -> str:
    """Return what is beyond ASCII with its neighbours, which is all that damage is made of."""
    return "\n".join(
        text[max(0, match.start() - 3) : match.end() + 3] for match in _BEYOND.finditer(text)
    )


def _note(damage: Counter[tuple[str, str]], before: str, after: str) -> None:
    """Count what was changed: damage is always between stretches of ASCII that stay."""
    if before == after:
        return
    parts, repaired = _ASCII.split(before), _ASCII.split(after)
    if parts[1::2] == repaired[1::2]:
        pairs = zip(parts[::2], repaired[::2], strict=True)
        damage.update((old, new) for old, new in pairs if old != new)
    else:
        # A no-break space in the damage had become a plain one, which is ASCII.
        damage[(before.strip(), after.strip())] += 1


def _tell_mojibake(damage: Counter[tuple[str, str]]) -> list[str]:
    told = [
        f"repaired {times} damaged {_plural(_kind(after), times)}: "
        f'"{_short(before)}" → "{_short(after)}"'
        for (before, after), times in damage.most_common(_TOLD)
    ]
    rest = sum(damage.values()) - sum(times for _, times in damage.most_common(_TOLD))
    if rest:
        told.append(f"repaired {rest} more damaged {_plural('place', rest)} of the same sort")
    return told


def _remove_unwanted(text: str) -> tuple[str, list[str]]:
    kinds: Counter[str] = Counter()

    def replace(match: re.Match[str]) -> str:
        char = match.group()
        if len(char) == 2:
            kinds["joined {} split surrogate pair(s)"] += 1
            return char.encode("utf-16", "surrogatepass").decode("utf-16")
        if char == "\x00":
            kinds["removed {} NUL character(s)"] += 1
        elif "\ud800" <= char <= "\udfff":
            kinds["removed {} half/halves of a broken character (lone surrogate)"] += 1
        elif "\x80" <= char <= "\x9f":
            meant = char.encode("latin-1").decode("cp1252", "ignore")
            verb = "replaced" if meant else "removed"
            kinds[verb + " {} control character(s) left over from Windows-1252"] += 1
            return meant
        else:
            kinds["removed {} control character(s)"] += 1
        return ""

    text = _SURROGATE_PAIR.sub(replace, text)
    text = _UNWANTED.sub(replace, text)
    return text, [_count_in(sentence, times) for sentence, times in kinds.items()]


def _count_in(sentence: str, times: int) -> str:
    sentence = sentence.format(times)
    if times == 1:
        return sentence.replace("(s)", "").replace("half/halves", "half")
    return sentence.replace("(s)", "s").replace("half/halves", "halves")


def _plural(noun: str, times: int) -> str:
    if times == 1:
        return noun
    return noun + ("es" if noun.endswith("sh") else "s")


def _kind(after: str) -> str:
    if after in {"–", "—", "‒", "―"}:
        return "dash" if after else ""
    if after in {"‘", "’"}:
        return "apostrophe"
    if after in {"“", "”", "„", "«", "»"}:
        return "quotation mark"
    if len(after) == 1 and after.isalpha():
        return "letter"
    return "character" if len(after) == 1 else "word or sign"


def _short(text: str) -> str:
    text = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    return text if len(text) <= 40 else text[:39] + "…"
