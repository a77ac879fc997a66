"""Years and ages in the words of a sentence."""

from __future__ import annotations

import pytest

from archive.reading.times import times_in

TABLE = {
    "In 1986 she moved to Paris.": ["1986"],
    "She was born in Kokand on 12 March 1986.": ["1986"],
    "On March 12, 1986, she left Kokand.": ["1986"],
    "They lived in Aktau 1914–1918 and left.": ["1914–1918"],
    "Between 1990 and 1995 he was in Moscow.": ["1990", "1995"],
    "In the winter of 1986–87 Paris was cold.": ["1986–87"],
    "Paris (1990) changed her.": ["1990"],
    "In 1900 Paris was another town.": ["1900"],
    "In the early 1990s she came to Moscow.": ["In the early 1990s"],
    "It was the ’90s in Almaty.": ["the ’90s"],
    "At the age of five she saw Paris.": ["At the age of five"],
    "At age 18 she saw Paris.": ["At age 18"],
    "Aged 12, she saw Paris in 1998.": ["Aged 12", "1998"],
    "At the age of twenty-one he left.": ["At the age of twenty-one"],
    "When she was twelve, they left.": ["When she was twelve"],
    "A 12-year-old girl from Kokand.": ["12-year-old"],
    "She turned eighteen in Moscow.": ["turned eighteen"],
    # Numbers of other things
    "In 1500 villages they danced.": [],
    "Since 2000 students came to Paris.": [],
    "The 1,500 people of Aktau.": [],
    "Call 1234-5678.": [],
    "Room 1984 of the hotel.": [],
    "It cost by 1500 € more.": [],
    "A 300-year-old town near Kokand.": [],
    "When he was 12 kilometres from Moscow.": [],
    "At the age of 1500.": [],
    "No time at all.": [],
}


@pytest.mark.parametrize(("sentence", "times"), TABLE.items())
def test_times(sentence, times) -> None:
    assert list(times_in(sentence)) == times


def test_hostile_text_is_read_quickly() -> None:
    assert times_in("in " * 20_000 + "1986") == ("1986",)
    assert times_in("1986-" * 5_000) is not None
