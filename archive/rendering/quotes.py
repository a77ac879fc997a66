"""The quotation marks of languages, for those who type straight ones.

From the delimiters of the Unicode CLDR (`quotationStart` and `quotationEnd`). Single ones stay as
in English: a straight single sign is an apostrophe more often than a quotation in a quotation.
"""

# Languages that are not listed quote as English does.
_MARKS = {
    "«»": "be kk ky ru tg tk uk hy el es it fr az fa ca eu gl nb nn no pt-PT de-CH",
    "„“": "de et lt lv cs sk sl hr bg is mk sr ka sq",
    "„”": "pl ro hu",
    "””": "sv fi",
}
_BY_LANGUAGE = {language: marks for marks, all_of in _MARKS.items() for language in all_of.split()}
_ENGLISH = "“”"
#: Every sign that may be written for a straight double one.
DOUBLE = "".join(sorted({*"".join(_MARKS), *_ENGLISH}))


def quotation_marks(language: str) -> dict[str, str]:
    """Return what smart typography writes for straight quotes in a `language` (a tag)."""
    short = language.partition("-")[0].lower()
    marks = _BY_LANGUAGE.get(language) or _BY_LANGUAGE.get(short) or _ENGLISH
    return {"left-double-quote": marks[0], "right-double-quote": marks[1]}
