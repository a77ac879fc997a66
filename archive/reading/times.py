"""Years and ages that a sentence gives, in its own words.

Nothing is computed: “in the 1990s” stays that. A number counts as a year only where the words
around it say so, since “in 1500 villages” dates nothing.
"""

from __future__ import annotations

import re

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_SEASONS = "spring|summer|autumn|fall|winter|new year|christmas|easter"
#: Words that stand before a year.
_BEFORE = (
    "in|since|until|till|by|from|of|before|after|during|around|about|circa|ca?\\.|between|and|to|"
    f"year|early|late|mid|{_MONTHS}|{_SEASONS}"
)
#: Lower-case words that may follow a year; any other makes of it a number of things.
_AFTER = (
    "a|after|again|along|also|although|an|and|are|as|at|because|before|but|by|during|for|from|had|"
    "has|he|her|his|i|in|into|is|it|its|just|my|of|on|or|our|she|so|that|the|their|then|there|"
    "they|this|through|to|until|was|we|were|when|where|which|while|who|with|without"
)
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2}|2100)"
_RANGE = rf"{_YEAR}\s?[–—-]\s?{_YEAR}"
_YEARS = re.compile(
    rf"(?:\b(?:{_BEFORE})\b,?\s+|\(|\b\d{{1,2}}\s+(?:{_MONTHS})\s+|\b(?:{_MONTHS})\s+\d{{1,2}},\s+|"
    rf"^|(?<![\w.,:-])(?={_RANGE}))(?<!age of )(?P<words>{_YEAR}(?:\s?[–—-]\s?(?:{_YEAR}|\d\d))?)"
    r"(?![\w.,:%-]*\d)(?!\s?[%°€$£])(?!-\w)",
    re.IGNORECASE,
)
_LOWER_NEXT = re.compile(rf"\s+(?!(?:{_AFTER})\b)[^\W\d_A-Z]")
_DECADE = re.compile(
    r"\b(?:in\s+)?the\s+(?:(?:early|mid|late|later)[\s-]+)?(?:(?:1[0-9]{2}|20[0-9])0|[’'‘][0-9]0)s\b",
    re.IGNORECASE,
)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_NUMBER = (
    rf"(?:(?:1[01]\d|\d{{1,2}})|(?:{_TENS})(?:[\s-](?:{_ONES}))?|ten|eleven|twelve|thirteen|"
    rf"fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|{_ONES})(?![\w])"
)
_PERSON = "boy|girl|child|woman|man|student|dancer|singer|son|daughter|mother|father|widow|orphan"
_AGE = re.compile(
    rf"\b(?:at\s+(?:the\s+)?age(?:\s+of)?\s+{_NUMBER}|aged\s+{_NUMBER}|"
    rf"{_NUMBER}\s+years?\s+old\b|"
    rf"{_NUMBER}[-‑]year[-‑]old(?=\s+(?:{_PERSON})\b|\s+(?-i:[A-Z])|[^\w\s]|$)|"
    rf"(?:when|before|after|until)\s+(?:he|she|i|they)\s+(?:was|were|turned)\s+{_NUMBER}"
    rf"(?!\s+(?:[a-z]+s|per)\b)(?!\s*[%€$£°])|"
    rf"turned\s+{_NUMBER}(?!\s+[a-z]+s\b))",
    re.IGNORECASE,
)


def times_in(sentence: str) -> tuple[str, ...]:
    """The years, decades and ages that *sentence* gives, as written, in its order."""
    found: list[tuple[int, int, str]] = []
    for pattern in (_DECADE, _AGE):
        found += [(*match.span(), match.group()) for match in pattern.finditer(sentence)]
    for match in _YEARS.finditer(sentence):
        if not _LOWER_NEXT.match(sentence, match.end()):
            found.append((*match.span("words"), match.group("words")))
    found.sort(key=lambda item: (item[0], -item[1]))
    words: list[str] = []
    reached = 0
    for start, end, text in found:
        if start >= reached:
            words.append(" ".join(text.split()))
            reached = end
    return tuple(dict.fromkeys(words))
