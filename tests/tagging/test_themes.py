import pytest

from archive.tagging.lexicon import KnownName, Lexicon
from archive.tagging.tagger import tag
from archive.tagging.themes import Theme, forms, vocabulary


def themes(text: str) -> set[str]:
    return {theme.notation for theme in tag(text).themes}


def test_the_vocabulary_is_a_tree():
    by_notation = {theme.notation: theme for theme in vocabulary()}
    assert 90 <= len(by_notation) <= 120
    assert len({theme.name.casefold() for theme in vocabulary()}) == len(by_notation)
    for theme in vocabulary():
        assert theme.definition.endswith(".")
        assert theme.sure or theme.strong
        above, steps = theme.broader, 0
        while above:
            above, steps = by_notation[above].broader, steps + 1
            assert steps < 5


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("dance", {"dance", "dances", "danced", "dancing"}),
        ("study", {"study", "studies", "studied", "studying"}),
        ("paint", {"paint", "paints", "painted", "painting"}),
    ],
)
def test_regular_forms(word, wanted):
    assert set(forms(word)) == wanted


def test_one_weak_word_is_no_theme():
    assert themes("There was a garden behind the school.") == set()


def test_a_theme_shows_its_words():
    [theme] = tag("She became a weaver; weaving fed them.").themes
    assert theme.notation == "crafts"
    assert [mention.quote for mention in theme.mentions] == ["weaver", "weaving"]


def test_a_name_is_no_cue():
    assert "farming" not in themes("Anna Shepherd met Ivan Farmer. Anna Shepherd smiled.")


def test_a_known_theme_gives_its_reference_and_its_name():
    lexicon = Lexicon([KnownName("theme", "Textile crafts", (), "crafts", 4)])
    [theme] = tag("She was a weaver.", lexicon).themes
    assert (theme.ref, theme.name) == (4, "Textile crafts")


def test_a_vocabulary_of_ones_own():
    lexicon = Lexicon(themes=[Theme("bees", "Bees", "Bees.", sure=("beekeep*", "bee~"))])
    [theme] = tag("The beekeepers came. Dance and ballet!", lexicon).themes
    assert theme.notation == "bees"
