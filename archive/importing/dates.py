"""Dates as people write them, and the first and last day that they can mean."""

from __future__ import annotations

import calendar
import re
from datetime import date

Bounds = tuple[date, date]

# Each month by its names in English, Russian (also in the genitive), Kazakh, French, German and
# Spanish; abbreviations are recognised as beginnings of three letters or more.
_MONTH_NAMES = """
january январь января қаңтар janvier januar enero
february февраль февраля ақпан février februar febrero
march март марта наурыз mars märz marzo
april апрель апреля сәуір avril abril
may май мая мамыр mai mayo
june июнь июня маусым juin juni junio
july июль июля шілде juillet juli julio
august август августа тамыз août agosto
september сентябрь сентября қыркүйек septembre septiembre
october октябрь октября қазан octobre oktober octubre
november ноябрь ноября қараша novembre noviembre
december декабрь декабря желтоқсан décembre dezember diciembre
"""
_MONTHS = {
    name: number
    for number, line in enumerate(_MONTH_NAMES.strip().splitlines(), start=1)
    for name in line.split()
}
_ABBREVIATED = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep,sept", "oct", "nov", "dec"),
        start=1,
    )
    for name in names.split(",")
}
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11)}
_THIRDS = {"early": 0, "mid": 1, "late": 2}

_YEAR = r"(?P<year>\d{4})"
_ISO = re.compile(rf"{_YEAR}-(?P<month>\d{{1,2}})(?:-(?P<day>\d{{1,2}}))?(?:[t ]\d\d:\d\d.*)?")
_DOTTED = re.compile(rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}")
_SLASHED = re.compile(rf"(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}})/{_YEAR}")
_DAY_FIRST = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?)?"
    rf"(?P<month>[^\W\d_]+)\.?,?\s+(?:de\s+)?{_YEAR}"
)
_MONTH_FIRST = re.compile(
    rf"(?P<month>[^\W\d_]+)\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}"
)
_SEASON = re.compile(rf"(?:in\s+)?(?:the\s+)?(?P<season>[a-z]+)\s+(?:of\s+)?{_YEAR}")
_WINTER = re.compile(rf"(?:the\s+)?winter\s+(?:of\s+)?{_YEAR}[–/-](?P<next>\d{{2}}|\d{{4}})")
_DECADE = re.compile(
    r"(?:the\s+)?(?:(?P<third>early|mid|late)[\s-]+)?(?:the\s+)?(?P<year>\d{3}0)['’]?(?:s|-е|х)"
)
_CENTURY = re.compile(
    r"(?:the\s+)?(?:(?P<third>early|mid|late)[\s-]+)?(?:the\s+)?"
    r"(?P<number>\d{1,2})(?:st|nd|rd|th)\s+century"
)
_YEARS = re.compile(rf"{_YEAR}\s*[–—/-]\s*(?P<next>\d{{2}}|\d{{4}})")
_ABOUT = re.compile(r"^(?:c\.?|ca\.?|circa|about|around|approx\.?|approximately|~|in)\s*(?=\d|\b)")
_RANGE = re.compile(r"\s+(?:to|until|till)\s+|\s*[–—]\s*|\s+-\s+")
_ENDING = re.compile(r"[\s?.]*(?:\bгода?|\bг\.?|\bжыл[ы]?|\bж\.?)?[\s?.]*$")


class ImpossibleDateError(ValueError):
    """A day that is written in full but is in no calendar."""


def bounds(text: str) -> Bounds | None:
    """Return the first and last day that `text` can mean, or None when it cannot be told.

    "c. 1986" is the whole of 1986: how far "about" reaches is not for us to say. Raises
    ImpossibleDateError for a day that is none, however it is written: 2023-02-30, 31.02.1986,
    31 February 1990.
    """
    text = " ".join(text.split()).casefold()
    if len(text) > 100:
        return None
    text = _ABOUT.sub("", text.strip("()[] ")).strip()
    text = _ENDING.sub("", text)
    single = _single(text)
    if single:
        return single
    ends = _RANGE.split(text)
    if len(ends) != 2:
        return None
    first, last = _first_of_range(ends[0], ends[1]), _single(_ABOUT.sub("", ends[1]))
    if first is None or last is None or first[0] > last[1]:
        return None
    return first[0], last[1]


def _first_of_range(first: str, last: str) -> Bounds | None:
    """Read the first end of a range, which may leave its year ("March – May 1986") to the last."""
    bounds_of_first = _single(first)
    if bounds_of_first is None:
        year = re.search(r"\d{4}", last)
        bounds_of_first = _single(f"{first} {year.group()}") if year else None
    return bounds_of_first


def _single(text: str) -> Bounds | None:
    if re.fullmatch(r"\d{4}", text):
        return _span(int(text), 1, int(text), 12)
    for pattern, read in _READERS:
        match = pattern.fullmatch(text)
        if match:
            found = read(match)
            if found:
                return found
    return None


def _iso(match: re.Match[str]) -> Bounds | None:
    year, month = int(match["year"]), int(match["month"])
    # 1914-18 is a pair of years: there is no eighteenth month.
    if match["day"] is None and month > 12 and month > year % 100 and len(match["month"]) == 2:
        return None
    return _day(year, month, match["day"]) or _impossible(match)


def _impossible(match: re.Match[str]) -> Bounds:
    raise ImpossibleDateError(f"there is no day {match.group()!r} in the calendar")


def _dotted(match: re.Match[str]) -> Bounds | None:
    year, month = int(match["year"]), int(match["month"])
    if month > 12 and _day(year, int(match["day"]), match["month"]):
        return None  # the month first, as nobody does with dots: a slip, but a day all the same
    return _day(year, month, match["day"]) or _impossible(match)


def _slashed(match: re.Match[str]) -> Bounds | None:
    """12/03/1986 is March in one country and December in another: both are inside the bounds."""
    year = int(match["year"])
    readings = [
        day
        for month, text in ((match["two"], match["one"]), (match["one"], match["two"]))
        if (day := _day(year, int(month), text))
    ]
    return (min(readings)[0], max(readings)[1]) if readings else _impossible(match)


def _named_month(match: re.Match[str]) -> Bounds | None:
    name = match["month"]
    month = _MONTHS.get(name) or _ABBREVIATED.get(name)
    if not month:
        return None
    return _day(int(match["year"]), month, match["day"]) or _impossible(match)


def _season(match: re.Match[str]) -> Bounds | None:
    year = int(match["year"])
    if match["season"] == "winter":
        # The winter of a year may be the one at its beginning or the one at its end.
        return _span(year, 1, year, 12)
    months = _SEASONS.get(match["season"])
    return _span(year, months[0], year, months[1]) if months else None


def _winter(match: re.Match[str]) -> Bounds | None:
    year, following = int(match["year"]), int(match["next"])
    return _span(year, 12, year + 1, 2) if following % 100 == (year + 1) % 100 else None


def _decade(match: re.Match[str]) -> Bounds | None:
    first = int(match["year"])
    starts = {0: (0, 3), 1: (4, 6), 2: (7, 9)}
    start, end = starts[_THIRDS[match["third"]]] if match["third"] else (0, 9)
    return _span(first + start, 1, first + end, 12)


def _century(match: re.Match[str]) -> Bounds | None:
    if not 1 <= int(match["number"]) <= 21:
        return None
    first = (int(match["number"]) - 1) * 100 + 1
    starts = {0: (0, 33), 1: (33, 66), 2: (66, 99)}
    start, end = starts[_THIRDS[match["third"]]] if match["third"] else (0, 99)
    return _span(first + start, 1, first + end, 12)


def _years(match: re.Match[str]) -> Bounds | None:
    year, following = int(match["year"]), int(match["next"])
    if following < 100:
        following += year - year % 100
    return _span(year, 1, following, 12) if following >= year else None


def _day(year: int, month: int, day: str | None) -> Bounds | None:
    """Return the bounds of a day, or of a month when `day` is None; None if there is no such."""
    if day is None:
        return _span(year, month, year, month)
    try:
        exact = date(year, month, int(day))
    except ValueError:
        return None
    return exact, exact


def _span(year: int, month: int, last_year: int, last_month: int) -> Bounds | None:
    try:
        last_day = calendar.monthrange(last_year, last_month)[1]
        return date(year, month, 1), date(last_year, last_month, last_day)
    except ValueError:
        return None


_READERS = (
    (_ISO, _iso),
    (_YEARS, _years),
    (_DOTTED, _dotted),
    (_SLASHED, _slashed),
    (_SEASON, _season),
    (_WINTER, _winter),
    (_DAY_FIRST, _named_month),
    (_MONTH_FIRST, _named_month),
    (_DECADE, _decade),
    (_CENTURY, _century),
)
