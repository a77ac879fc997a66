"""Words find the same stories on both databases."""

from __future__ import annotations

import pytest
from django.db import connection

from archive.models import Story
from archive.search import fulltext, looking, results
from archive.search.fulltext.stem import beginnings, fold, stem
from archive.search.memory import Memory
from tests.search.conftest import START, add_story, ask, titles

TEXTS = {
    "opera": "She sang at the Opéra Garnier, and danced.",
    "dancer": "The dancers’ dances; Giulia's dance school, founded in 1986.",
    "school": "A cross-cultural school. E-mail: anna@example.com, see www.example.com/a_b.",
    "steppe": "Қазақстан даласында туған. Алматы қаласы.",
    "russian": "Она родилась в Москве зимой. ЁЛКА и йод.",
    "tokyo": "東京へ行きました。",
    "numbers": "In 1986 and 1e5 and 3.14 and -7 and 50% of 007.",
    "greek": "Ο κόσμος. كتاب. Universities for generations; a martial art.",
    "straße": "Die Straße nach Zürich; naïve café; Łódź; Ørsted; İstanbul.",
}


@pytest.fixture
def texts(db) -> None:
    for title, body in TEXTS.items():
        add_story(title, body)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("opera", {"opera"}),
        ("OPÉRA", {"opera"}),
        ("opéra", {"opera"}),
        ("ope*", {"opera"}),
        ("oper", set()),  # whole words
        ("dance", {"opera", "dancer"}),
        ("dancing", {"opera", "dancer"}),
        ("giulia", {"dancer"}),
        ("Giulia's", {"dancer"}),
        ("Giulia’s dance", {"dancer"}),
        ("the", {"opera", "dancer"}),  # no word is too common
        ('"the dancers"', {"dancer"}),
        ('"dancers the"', set()),
        ('"dance school"', {"dancer"}),
        ('"school dance"', set()),
        ("school -cross", {"dancer"}),
        ("school -dance", {"school"}),
        ("-school", set(TEXTS) - {"dancer", "school"}),
        ("opera OR steppe", {"opera", "steppe"}),
        ("opera OR москве", {"opera", "russian"}),
        ("dance opera", {"opera"}),
        ("cross-cultural", {"school"}),
        ("cultural", {"school"}),
        ("example", {"school"}),
        ("anna@example.com", {"school"}),
        ("a_b", {"school"}),
        ("1986", {"dancer", "numbers"}),
        ("1e5", {"numbers"}),
        ("3.14", {"numbers"}),
        ("007", {"numbers"}),
        ("7", {"numbers"}),
        ("қазақстан", {"steppe"}),
        ("ҚАЗАҚСТАН", {"steppe"}),
        ("москве", {"russian"}),
        ("МОСКВЕ", {"russian"}),
        ("моск*", {"russian"}),
        ("йод", {"russian"}),
        ("ёлка", {"russian"}),
        ("東京*", {"tokyo"}),
        ("zurich", {"straße"}),
        ("cafe", {"straße"}),
        ("naive", {"straße"}),
        # Accents of other letters than Latin ones.
        ("елка", {"russian"}),
        ("ЕЛКА", {"russian"}),
        ("елк*", {"russian"}),
        ('"елка и йод"', {"russian"}),
        ("ёлка -елка", set()),
        ("и\u0306од", {"russian"}),  # a letter and its sign
        ("كِتَاب", {"greek"}),
        ("κοσμος", {"greek"}),
        ("ΚΌΣΜΟΣ", {"greek"}),
        # Beginnings within an ending, and behind one.
        ("universit*", {"greek"}),
        ("generati*", {"greek"}),
        ("universe*", {"greek"}),
        ("marti*", {"greek"}),
        ("martin*", set()),
        ('"dance scho*"', {"dancer"}),
        ('"dance sch" school', set()),
        ('"a* dance"', set()),
        # The title counts.
        ("tokyo", {"tokyo"}),
        ("straße", {"straße"}),
    ],
)
def test_hits(texts, query, expected):
    assert set(titles(f"q={query}")) == expected


@pytest.mark.parametrize(
    "query",
    [
        "NEAR(a b)", "title:opera", "title : opera", "{title}: opera", "^opera", "opera + dance",
        "opera & dance", "opera | dance", "!opera", "opera <-> dance", "opera:*", "opera:A",
        "'opera'", "opera''", '"opera" "dance', "opera\\", "(opera", "opera)", "opera AND", "NOT",
        "AND OR NOT", "a:b:c", "%opera%", "opera; --", "$$", "\\'", "’", "opera*dance", "**opera",
        "-", "--", "-\"", "-*", "*-", "opera OR", "OR OR OR", "\u0301", "ﬁ", "ǅ", "𝒪pera", "½",
        "²", "a" * 290, " ".join("abcdefgh"), "👩‍👩‍👧",
    ],
)  # fmt: skip
def test_nothing_typed_is_syntax(texts, query):
    from django.http import QueryDict

    params = QueryDict(mutable=True)
    params["q"] = query
    for sort in ("relevance", "newest"):
        params["sort"] = sort
        assert results.search(params).total <= len(TEXTS)


def test_edits_are_found_at_once(texts):
    story = Story.objects.get(title="opera")
    story.body = "A quiet life."
    story.save()
    assert titles("q=garnier") == []
    assert titles("q=quiet") == ["opera"]
    Story.objects.filter(pk=story.pk).update(title="Melody", summary="About a garden.")
    assert titles("q=melody") == titles("q=gardens") == ["Melody"]
    assert titles("q=opera") == []
    story.delete()
    assert titles("q=quiet") == []


def test_drafts_are_not_found(cast):
    assert titles("q=secret") == []
    assert titles("q=later") == []


def test_titles_weigh_more_than_bodies(db):
    add_story("A long walk", "The opera. " + "Other words follow. " * 20)
    add_story("Opera", "A life of music, and of a few other things.")
    add_story("Nothing", "No such word.", summary="The opera of Paris.")
    assert titles("q=opera") == ["Opera", "Nothing", "A long walk"]


@pytest.mark.parametrize(("often", "long"), [(1, 10), (10, 500), (200, 5), (200, 20_000)])
def test_no_number_of_words_outweighs_a_title(db, often, long):
    for number in range(20):
        add_story(f"Filler {number}", "Nothing of the kind.")
    rest = " Other words follow here." * (long // 4)
    add_story("A life", "Opera! " * often)
    add_story("A life in letters", "Winter letters. " * often)
    add_story("Notes", "The rest." + rest, summary="Of the opera.")
    add_story("Opera", "The rest." + rest)
    add_story("The great opera of a city of light", "Opera.")
    add_story("Winter letters", "The rest." + rest)
    assert set(titles("q=opera")[:2]) == {"Opera", "The great opera of a city of light"}
    assert titles("q=opera")[2:] == ["Notes", "A life"]
    assert titles("q=winter letters") == ["Winter letters", "A life in letters"]


def test_relevance_of_very_many_hits_is_bounded(db, monkeypatch):
    monkeypatch.setattr(looking, "RANK_LIMIT", 2)
    for number in range(30):
        add_story(f"Life {number:02}", "A winter in the steppe.")
    add_story("Winter", "Snow.")
    add_story("Two winters", "Ice.")
    page = ask("q=winter")
    assert page.total == 32
    order = [entry.story.title for entry in page.entries]
    assert set(order[:2]) == {"Winter", "Two winters"}
    assert order[2:5] == ["Life 29", "Life 28", "Life 27"]
    rest = [entry.story.title for entry in ask("q=winter&page=2").entries]
    assert sorted(order + rest) == sorted(Story.objects.values_list("title", flat=True))


@pytest.mark.parametrize(
    ("word", "root"),
    # Porter's own examples.
    [
        ("caresses", "caress"), ("ponies", "poni"), ("cats", "cat"), ("agreed", "agre"),
        ("plastered", "plaster"), ("motoring", "motor"), ("conflated", "conflat"),
        ("hopping", "hop"), ("falling", "fall"), ("filing", "file"), ("happy", "happi"),
        ("relational", "relat"), ("digitizer", "digit"), ("hopefulness", "hope"),
        ("formalize", "formal"), ("electrical", "electr"), ("adjustment", "adjust"),
        ("adoption", "adopt"), ("probate", "probat"), ("controll", "control"), ("roll", "roll"),
        ("москве", "москве"), ("1986", "1986"), ("is", "is"),
    ],
)  # fmt: skip
def test_stem(word, root):
    assert stem(word) == root


def test_stems_are_those_of_the_engine(db):
    """Words marked in a text are the words found: every word of some texts, both ways."""
    text = (
        "Despite generalizations, relational hopefulness troubles communities; she persevered, "
        "mesmerizing audiences who praised, traditionally, electricity, skies, dying, lying, "
        "happily, sensibility, callousness, triplicate, goodness, revival, allowance, inference, "
        "airliner, gyroscopic, defensible, irritant, replacement, dependent, communism, activate, "
        "effective, bowdlerize, running, agreed, feed, controlling, sized, crying, enjoyed, says, "
        "hoping, rating, rational, rationalization"
    )
    words = [word.strip(",;") for word in text.split()]
    with connection.cursor() as cursor:
        for word in words:
            root = stem(fold(word))
            assert root == engine_stem(cursor, fold(word)), word
            assert fold(word).startswith(beginnings(root)), word


def engine_stem(cursor, word: str) -> str:
    """What the database's own stemmer makes of *word*."""
    if connection.vendor == "postgresql":
        cursor.execute("SELECT (ts_lexize('dastan_stem', %s))[1]", [word])
        return cursor.fetchone()[0]
    cursor.execute("DROP TABLE IF EXISTS temp.stems_row")
    cursor.execute("DROP TABLE IF EXISTS temp.stems")
    cursor.execute("CREATE VIRTUAL TABLE temp.stems USING fts5(t, tokenize='porter unicode61')")
    cursor.execute("CREATE VIRTUAL TABLE temp.stems_row USING fts5vocab('temp', 'stems', 'row')")
    cursor.execute("INSERT INTO temp.stems VALUES (%s)", [word])
    cursor.execute("SELECT term FROM temp.stems_row")
    return cursor.fetchone()[0]


def test_another_database_is_refused():
    class Other:
        vendor = "oracle"

    with pytest.raises(NotImplementedError, match="oracle"):
        fulltext.engine(Other())


@pytest.fixture
def far_east(cast):
    add_story("東京の祖母", "祖母は東京で生まれました。大阪に行きました。", language="ja")
    add_story("北京", "我在北京出生，后来去了上海。", language="zh")
    add_story("Osaka", "Born in Osaka; in Japanese 大阪.", language="en")
    add_story("秘密", "東京の秘密。", language="ja", status="draft")
    add_story(
        "Video", "昔、DVD映画館と2019年の祭り。writing。7月のwriterの終わりは駅", language="ja"
    )
    add_story("𠮷野家", "ﾗｰﾒﾝ", language="ja")
    add_story("Thai", "เขาเกิดที่บ้านเกิดในกรุงเทพ", language="th")
    add_story("Khmer", "គាត់កើតនៅភ្នំពេញ", language="km")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("東京", {"東京の祖母"}),
        ("大阪", {"東京の祖母", "Osaka"}),
        ("上海", {"北京"}),
        ("京", {"東京の祖母", "北京"}),
        ("京東", set()),
        ("大阪 東京", {"東京の祖母"}),
        ("大阪 -東京", {"Osaka"}),
        ("上海 OR 東京", {"北京", "東京の祖母"}),
        ("大阪 born", {"Osaka"}),
        ('"で生まれ"', {"東京の祖母"}),
        ("-大阪 -上海 -born -kazakhstan -kokand", {"Video", "𠮷野家", "Thai", "Khmer"}),
        # Behind letters and digits, and with them; at the end; one sign.
        ("映画", {"Video"}),
        ("映画館", {"Video"}),
        ("dvd映画", {"Video"}),
        ("2019年", {"Video"}),
        ("年の祭", {"Video"}),
        ("駅", {"Video"}),
        ("映画駅", set()),
        ("映画、", {"Video"}),
        ("「映画」", {"Video"}),
        ("(dvd映画)", {"Video"}),
        ('"終わりは 駅"', {"Video"}),
        ('"昔 dvd映画"', {"Video"}),
        ('"駅 昔"', set()),
        ('"in japanese 大阪"', {"Osaka"}),
        # Other words right beside such signs.
        ("2019", {"Video"}),
        ("dvd", {"Video"}),
        ("dv", set()),
        ("vd", set()),
        ("dv*", {"Video"}),
        ("201*", {"Video"}),
        ("wri*", {"Video"}),
        ("writti*", set()),
        ("19", set()),
        ("dvd -2019", set()),
        ("7", {"Video"}),
        ("dvd 大阪", set()),
        ("大阪 OR dvd", {"東京の祖母", "Osaka", "Video"}),
        ("𠮷", {"𠮷野家"}),
        ("𠮷野", {"𠮷野家"}),
        ("ﾗｰﾒﾝ", {"𠮷野家"}),
        ("บ้าน", {"Thai"}),
        ("บาน", set()),  # another word
        ("ที่", {"Thai"}),
        ("กรุงเทพ", {"Thai"}),
        ("ភ្នំ", {"Khmer"}),
    ],
)
def test_scripts_without_spaces(far_east, query, expected):
    assert set(titles(f"q={query}&per_page=100")) == expected


def test_scripts_without_spaces_follow_every_write(far_east):
    story = Story.objects.get(title="Video")
    Story.objects.filter(pk=story.pk).update(body="静かな生活。")
    assert (titles("q=映画"), titles("q=静か")) == ([], ["Video"])
    Story.objects.filter(pk=story.pk).update(body="A quiet life.")
    assert titles("q=静か") == []
    Story.objects.filter(pk=story.pk).update(summary="映画")
    assert titles("q=映画") == ["Video"]
    Story.objects.filter(pk=story.pk).update(title="映画の人", summary="")
    assert titles("q=映画") == ["映画の人"]
    story.delete()
    assert titles("q=映画") == []


def test_each_range_of_signs_is_indexed(db):
    """Every such script, whatever other signs a text holds."""
    for sign in ("ก", "ກ", "က", "ក", "々", "あ", "漢", "\ufa0e", "ｱ", "𠀀"):
        add_story(f"“{sign}” – é", "한국 ქართული 😀")
        assert titles(f"q={sign}") == [f"“{sign}” – é"], sign


def test_scripts_without_spaces_are_marked(far_east):
    add_story("東京", "別の話。", published_at=START)
    page = ask("q=東京")
    assert {entry.story.title for entry in page.entries} == {"東京", "東京の祖母"}
    marked = {words for entry in page.entries for words, mark in entry.evidence if mark}
    assert marked == {"東京"}
    [video] = ask("q=dvd映画").entries
    assert [words for words, mark in video.evidence if mark] == ["DVD映画"]


def test_what_is_remembered_is_forgotten_when_a_text_changes(cast):
    for _ in range(2):
        assert titles("q=choreographer") == ["Lily"]
        assert titles("q=-choreographer&sort=title") == ["Giulia", "Romy", "Thierry"]
    Story.objects.filter(title="Romy").update(body="A choreographer in Paris.")
    assert set(titles("q=choreographer")) == {"Lily", "Romy"}
    assert titles("q=-choreographer&sort=title") == ["Giulia", "Thierry"]
    Story.objects.filter(title="Lily").update(body="Nothing.", summary="A choreographer.")
    assert set(titles("q=choreographer")) == {"Lily", "Romy"}
    Story.objects.filter(title="Lily").update(summary="")
    assert titles("q=choreographer") == ["Romy"]


def test_few_answers_are_remembered():
    memory = Memory()
    for number in range(100):
        memory.remember(number, str(number), 1)
    assert memory.recall(99, 1) == "99"
    assert memory.recall(0, 1) is None
    assert memory.recall(99, 2) is None


def test_phrases_are_found_in_the_longest_texts(db):
    """Whatever places of words an index knows: far behind, and behind many of the same word."""
    long = "The way of the river. " * 400 + "Then the steppe train left. " + "Other words. " * 9_000
    story = add_story("Long", long + "A silver samovar, 東京の映画館。")
    add_story("Short", "A samovar of silver. The train. 京東")
    expected = {
        '"the steppe"': ["Long"], '"steppe train"': ["Long"], '"silver samovar"': ["Long"],
        "映画館": ["Long"], "東京 river": ["Long"], '"silver train"': [], '"river the"': ["Long"],
        'train -"silver samovar"': ["Short"], '"silver samov*"': ["Long"], "館の": [],
        '"silver samovar" OR short': ["Long", "Short"],
    }  # fmt: skip
    for query, found in expected.items():
        assert sorted(titles(f"q={query}")) == found, query
    Story.objects.filter(pk=story.pk).update(body=long)
    assert titles('q="silver samovar"') == titles("q=映画館") == []
    story.delete()
    assert titles('q="the steppe"') == []


def test_phrases_lie_on_the_edges_of_parts(db):
    words = [f"word{number}" for number in range(6_000)]
    add_story("Long", "the " * 300 + " ".join(words))
    for place in (*range(1_680, 1_720), *range(3_690, 3_710), 5_990):
        assert titles(f'q="{" ".join(words[place : place + 9])}"') == ["Long"], place
