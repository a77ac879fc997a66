import pytest

from archive.tagging.lexicon import KnownName, Lexicon
from archive.tagging.tagger import tag


def names(text: str) -> list[str]:
    return [person.name for person in tag(text).people]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Dr. William Glennie taught there.", ["William Glennie"]),
        ("She met Madame Petrova.", ["Madame Petrova"]),
        ("Her mother and her friend were there.", []),
        ("After Bedřich Smetana died, they wept.", ["Bedřich Smetana"]),
        ("The Russian composer Ivan Ladov came.", ["Ivan Ladov"]),
        ("We read J. M. Barrie aloud.", ["J. M. Barrie"]),
        ("He served under Tsar Peter the Great.", ["Peter the Great"]),
        ("They saw Vincent van Gogh.", ["Vincent van Gogh"]),
        ("My sister Aigul wept.", ["Aigul"]),
        ("She joined the Royal Ballet and the Vaganova Academy.", []),
        ("He read The Old Man and the Sea (1952).", []),
        ("She starred in “Anna Karenina”.", []),
        ("They were Kazakh, Russian and Polish.", []),
    ],
)
def test_who_is_named(text, wanted):
    assert names(text) == wanted


def test_a_surname_belongs_to_the_fullest_name():
    found = tag("Antonín Leopold Dvořák was born. Dvořák wrote. Antonín Dvořák died.")
    [person] = found.people
    assert person.name == "Antonín Leopold Dvořák"
    assert len(person.mentions) == 3


def test_a_surname_that_two_persons_share_belongs_to_neither():
    found = tag("Anna Petrova and Boris Petrova came. Petrova laughed.")
    assert [len(person.mentions) for person in found.people] == [1, 1]


def test_a_name_taught_before_its_namesake_came_keeps_its_bearer():
    text = "Jeanne Moreau sang. Moreau was young. Her father, Anatole Moreau, wept. Moreau left."
    by_name = {person.name: len(person.mentions) for person in tag(text).people}
    assert by_name == {"Jeanne Moreau": 3, "Anatole Moreau": 1}


def test_four_of_one_family_are_four_people():
    text = "Giulia Baktybekova, Lily Baktybekova, Romy Baktybekova and Thierry Baktybekova danced."
    assert len(tag(text).people) == 4


def test_the_text_joins_two_names_of_one_person():
    text = "Mary Ann Evans, better known as George Eliot, wrote novels."
    [person] = tag(text).people
    assert set(person.other_names) | {person.name} == {"Mary Ann Evans", "George Eliot"}


def test_possessives_are_not_part_of_a_name():
    [person] = tag("We read Maria Ladova's letters.").people
    assert person.mentions[0].quote == "Maria Ladova"


def test_the_teller_is_the_subject_when_the_text_gives_the_name():
    assert tag("My name is Francisco Duarte. I was born poor. I worked.").subject == (
        "Francisco Duarte"
    )
    assert tag("I was born poor. I worked. My father knew Ivan Ladov. I left him.").subject is None


KNOWN = [
    KnownName("person", "Toktogul the Singer", ("the Nightingale of Ketmen-Tobo",), "", 7),
    KnownName("person", "Anna Petrova", (), "", 1),
    KnownName("person", "Anna Petrova", (), "", 2),
]


def test_a_known_name_is_found_with_its_other_names():
    lexicon = Lexicon(KNOWN)
    [person] = tag("They called him the Nightingale of Ketmen-Tobo.", lexicon).people
    assert (person.name, person.ref) == ("Toktogul the Singer", 7)
    assert person.mentions[0].rule == "known-name"


def test_a_known_name_that_two_share_is_ambiguous():
    [person] = tag("Anna Petrova sang.", Lexicon(KNOWN)).people
    assert person.ref is None


def test_known_names_are_whole_words():
    lexicon = Lexicon([KnownName("person", "Hampton", (), "", 3)])
    assert not tag("The Hamptone was played.", lexicon).people


def test_refused_names_are_never_proposed():
    lexicon = Lexicon(stop=[("person", "MADAME  Petrova"), ("place", "paris"), ("theme", "Dance")])
    found = tag("Madame Petrova danced in Paris with dancers and a ballerina.", lexicon)
    assert not found.people
    assert not found.places
    assert "dance" not in {theme.notation for theme in found.themes}


def test_a_name_known_as_person_and_place_is_left_to_the_text():
    lexicon = Lexicon(
        [KnownName("person", "Florence", (), "", 1), KnownName("place", "Florence", (), "", 2)]
    )
    found = tag("My sister Florence wept and laughed.", lexicon)
    assert [person.name for person in found.people] == ["Florence"]
    assert not found.places


def test_the_parts_of_a_known_name_belong_to_it():
    lexicon = Lexicon([KnownName("person", "Giulia Baktybekova", (), "", 8)])
    [giulia] = tag("Giulia Baktybekova danced. Giulia sang.", lexicon).people
    assert giulia.ref == 8
    assert [mention.rule for mention in giulia.mentions] == ["known-name", "short-name"]
