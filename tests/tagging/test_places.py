import pytest

from archive.tagging import gazetteer
from archive.tagging.lexicon import KnownName, Lexicon
from archive.tagging.tagger import tag


def names(text: str) -> list[str]:
    return [place.name for place in tag(text).places]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Born in Alma-Ata, he moved to Leningrad.", ["Almaty", "St. Petersburg"]),
        ("They lived in Frunze, then in Constantinople.", ["Bishkek", "Istanbul"]),
        ("She left the USSR for the US.", ["Soviet Union", "United States"]),
        ("He taught at the University of California.", []),
        ("The New York City Ballet danced.", []),
        ("The Kazakh singer met a Central Asian poet.", []),
        ("She was a nice reading teacher. Reading was her joy.", []),
        ("They rested by Lake Tana.", ["Lake Tana"]),
        ("She grew up in the village of Zhalgyzagash.", ["Zhalgyzagash"]),
        ("They drove from Buffalo, New York, to Ohio.", ["Buffalo", "New York", "Ohio"]),
    ],
)
def test_which_places_are_named(text, wanted):
    assert names(text) == wanted


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("He was born in Paris.", "geonames:2988507"),
        ("He was born in Paris, Texas.", "geonames:4717560"),
        ("All his life in Texas he said that Paris was big enough for him.", "geonames:4717560"),
        ("She came from Tbilisi in Georgia.", "geonames:614540"),
        ("She came from Atlanta, Georgia.", "geonames:4197000"),
    ],
)
def test_the_company_of_a_place_decides_which_is_meant(text, notation):
    assert notation in {place.notation for place in tag(text).places}


@pytest.mark.parametrize(
    ("name", "above"),
    [
        ("Kokand", ["Uzbekistan", "Central Asia", "Asia"]),
        ("Aktau", ["Kazakhstan", "Central Asia", "Asia"]),
        ("Moscow", ["Russia", "Eastern Europe", "Europe"]),
        ("Paris", ["France", "Western Europe", "Europe"]),
        ("New York City", ["New York", "United States", "North America"]),
        ("Soviet Union", []),
    ],
)
def test_the_hierarchy_leads_to_the_continent(name, above):
    found = [place.name for place in gazetteer.ancestors(gazetteer.bearers(name)[0].notation)]
    assert [place for place in found if place in above] == above


def test_every_broader_place_exists_and_no_place_lies_in_itself():
    numbers = gazetteer._by_notation()
    assert len(numbers) == len(gazetteer._rows())
    for notation in list(numbers)[:1000]:
        chain = [place.notation for place in gazetteer.ancestors(notation)]
        assert notation not in chain
        assert len(chain) == len(set(chain))


def test_names_and_disambiguations_tell_all_places_apart():
    seen = set()
    for row in gazetteer._rows():
        _, name, disambiguation, *_ = row.split("\t")
        assert (name.casefold(), disambiguation.casefold()) not in seen
        seen.add((name.casefold(), disambiguation.casefold()))


def test_an_unknown_notation_is_a_key_error():
    with pytest.raises(KeyError):
        gazetteer.place("geonames:0")


def test_a_place_knows_where_it_is():
    kokand = gazetteer.place("geonames:1512979")
    assert (kokand.name, kokand.sort) == ("Kokand", "city")
    assert kokand.authority_uri == "https://sws.geonames.org/1512979/"
    assert kokand.latitude == pytest.approx(40.53, abs=0.01)


def test_a_known_place_gives_its_reference():
    lexicon = Lexicon([KnownName("place", "Paris", (), "geonames:2988507", 5)])
    [paris] = tag("She went to Paris.", lexicon).places
    assert (paris.ref, paris.notation) == (5, "geonames:2988507")


def test_a_name_the_archive_taught_is_found_beside_the_gazetteer():
    lexicon = Lexicon([KnownName("place", "Old Orchard", ("the Orchard",), "", 9)])
    [orchard] = tag("We met behind Old Orchard.", lexicon).places
    assert orchard.ref == 9


def test_a_known_place_does_not_swallow_its_namesake():
    lexicon = Lexicon([KnownName("place", "Paris", (), "geonames:2988507", 5)])
    [paris] = [p for p in tag("He lived in Paris, Texas.", lexicon).places if p.name == "Paris"]
    assert (paris.ref, paris.notation) == (None, "geonames:4717560")


def test_a_confirmed_name_needs_less_evidence():
    text = "Karakol is cold."
    assert not tag(text).places
    [place] = gazetteer.bearers("Karakol")[:1]
    lexicon = Lexicon([KnownName("place", place.name, (), place.notation, 6)])
    assert [found.ref for found in tag(text, lexicon).places] == [6]
