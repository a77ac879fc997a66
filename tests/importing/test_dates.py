"""Dates as people write them."""

from datetime import date

import pytest

from archive.importing.dates import ImpossibleDateError, bounds


@pytest.mark.parametrize(
    ("written", "earliest", "latest"),
    [
        ("1986", "1986-01-01", "1986-12-31"),
        ("1986-03", "1986-03-01", "1986-03-31"),
        ("1986-03-12", "1986-03-12", "1986-03-12"),
        ("1986-03-12T10:00:00Z", "1986-03-12", "1986-03-12"),
        ("12 March 1986", "1986-03-12", "1986-03-12"),
        ("12th of March, 1986", "1986-03-12", "1986-03-12"),
        ("March 12, 1986", "1986-03-12", "1986-03-12"),
        ("March 1986", "1986-03-01", "1986-03-31"),
        ("Sept. 1986", "1986-09-01", "1986-09-30"),
        ("12.03.1986", "1986-03-12", "1986-03-12"),
        ("12 марта 1986 г.", "1986-03-12", "1986-03-12"),
        ("1986 год", "1986-01-01", "1986-12-31"),
        ("12 наурыз 1986", "1986-03-12", "1986-03-12"),
        # March or December: both are inside.
        ("12/03/1986", "1986-03-12", "1986-12-03"),
        ("25/03/1986", "1986-03-25", "1986-03-25"),
        ("c. 1986", "1986-01-01", "1986-12-31"),
        ("about 1950?", "1950-01-01", "1950-12-31"),
        ("1980s", "1980-01-01", "1989-12-31"),
        ("the late 1980s", "1987-01-01", "1989-12-31"),
        ("1914–1918", "1914-01-01", "1918-12-31"),
        ("1914-18", "1914-01-01", "1918-12-31"),
        ("c. 1914 – c. 1918", "1914-01-01", "1918-12-31"),
        ("1905–06", "1905-01-01", "1906-12-31"),
        ("March – May 1986", "1986-03-01", "1986-05-31"),
        ("12 March 1986 to 3 April 1987", "1986-03-12", "1987-04-03"),
        ("spring 1943", "1943-03-01", "1943-05-31"),
        ("winter 1943", "1943-01-01", "1943-12-31"),
        ("winter 1943/44", "1943-12-01", "1944-02-29"),
        ("19th century", "1801-01-01", "1900-12-31"),
        ("early 20th century", "1901-01-01", "1934-12-31"),
        ("29 February 2000", "2000-02-29", "2000-02-29"),
    ],
)
def test_a_date_has_a_first_and_a_last_day(written, earliest, latest):
    assert bounds(written) == (date.fromisoformat(earliest), date.fromisoformat(latest))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "0000",
        "99th century",
        "1918–1914",
        "1900–present",
        "long ago " * 50,
        "before the war",
        "12.31.1986",
        "9999 century",
    ],
)
def test_what_cannot_be_told_has_no_bounds(written):
    assert bounds(written) is None


@pytest.mark.parametrize(
    "written",
    [
        *("2023-02-30", "1986-13", "1986-00", "1986-1-32", "0000-01-01"),
        *("31 February 1990", "February 30, 1990", "30 февраля 1990 г.", "31.02.1986"),
        *("31/02/1986", "29 February 1900", "40 March 1986", "28 – 31 February 1990"),
    ],
)
def test_a_written_date_that_is_in_no_calendar_is_impossible(written):
    with pytest.raises(ImpossibleDateError):
        bounds(written)
