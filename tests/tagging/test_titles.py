"""Titles before names, and institutions named after somebody."""

import pytest

from archive.tagging.tagger import tag

PEOPLE = [
    # After "Mrs" or "Dr" stands a name, even if the word means something else as well.
    ("Mrs. Green lived there.", ["Mrs. Green"]),
    ("Dr. Young came with Mr. White.", ["Dr. Young", "Mr. White"]),
    # After an office, only words that are common surnames.
    ("In 1999 President Bush gave him the medal.", ["President Bush"]),
    ("The General Manager met the Chief Executive.", []),
    ("He joined General Motors and General Electric.", []),
    # A title and a number make a ruler, though each word is a place somewhere.
    ("King Hassan II received her.", ["Hassan II"]),
    ("Prime Minister Blair came.", ["Minister Blair"]),
    # What is named after a saint or a queen is neither person nor place.
    ("He died at St. Luke's Hospital.", []),
    ("She sang in St. Paul's Cathedral.", []),
    ("They walked down Queen Street.", []),
]


@pytest.mark.parametrize(("text", "people"), PEOPLE)
def test_titles(text, people) -> None:
    assert [found.name for found in tag(text).people] == people


def test_behind_an_institution_stands_where_it_is() -> None:
    found = tag("They stood outside the Royal Hotel, Penzance.")
    assert [place.name for place in found.places] == ["Penzance"]


def test_a_country_does_not_turn_a_metropolis_into_its_namesake() -> None:
    text = "She danced in Paris, then toured the United States and lived in New York City."
    assert "geonames:2988507" in {place.notation for place in tag(text).places}
    texan = tag("She was born in Paris, Texas, and left Texas only once.")
    assert "geonames:4717560" in {place.notation for place in texan.places}
