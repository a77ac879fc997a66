"""What was damaged is repaired and told; what was right is not touched."""

import pytest

from archive.importing.repair import clean
from tests.importing import languages as lang


@pytest.mark.parametrize(
    ("damaged", "text", "told"),
    [
        ("her calling â€“ dance", "her calling – dance", 'repaired 1 damaged dash: "â€“" → "–"'),
        ("Itâ€™s weâ€™re", "It’s we’re", 'repaired 2 damaged apostrophes: "â€™" → "’"'),
        ("OpÃ©ra", "Opéra", 'repaired 1 damaged letter: "Ã©" → "é"'),
        ("ÃƒÂ©tÃƒÂ©", "été", 'repaired 2 damaged letters: "ÃƒÂ©" → "é"'),
        ("Ã\xa0 Paris, fiancé", "à Paris, fiancé", 'repaired 1 damaged letter: "Ã\\xa0" → "à"'),
        ("â€œHiâ€\x9d", "“Hi”", 'repaired 1 damaged quotation mark: "â€œ" → "“"'),
        (
            "РџСЂРёРІРµС‚, РјРёСЂ",
            "Привет, мир",
            'repaired 1 damaged word or sign: "РџСЂРёРІРµС‚" → "Привет"',
        ),
        ("a\x00b", "ab", "removed 1 NUL character"),
        ("a\ud800b", "ab", "removed 1 half of a broken character (lone surrogate)"),
        ("\ud83d\ude00", "😀", "joined 1 split surrogate pair"),
        ("it\x92s", "it’s", 'repaired 1 damaged apostrophe: "\\x92" → "’"'),
        ("a\x81b", "ab", "removed 1 control character left over from Windows-1252"),
        ("a\x1b\x07b", "ab", "removed 2 control characters"),
        ("a\ufffdb", "a\ufffdb", "kept 1 replacement character"),
    ],
)
def test_damage_is_repaired_and_told(damaged, text, told):
    cleaned = clean(damaged)
    assert cleaned.text == text
    assert any(sentence.startswith(told) for sentence in cleaned.repairs), cleaned.repairs


RIGHT = [
    *(value for name, value in vars(lang).items() if name.isupper()),
    "CORAÇÃO, NÃO, MÃE, VOCÊ, IRMÃ, AVÓ’S, “JOSÉ” disse: É…",
    "LÀ… À « PARIS », RÉSUMÉ, Ça, Ô toi – ÉTÉ",
    "Ângela Â. Ãndia",
    "Қазақ тілі, ӘҒҚҢӨҰҮҺІ, Ўзбек, Ҳаёт, Ғарб, oʻzbek, gʻalaba",
    "Рим — «С…», В «Правде», Р’, С†",
    "ﬁancé, ﬂower, ½, ①, Ｆｕｌｌｗｉｄｔｈ, ㎏, Å Å",
    "e\u0301 is not é, and 각 is not 각",
    "שלום, مرحبا بالعالم, \u202bright to left\u202c, \u200fmark",
    "👩\u200d👩\u200d👧 👍🏽 ❤️ 🇰🇿 non\xa0break soft\xadhyphen zero\u200bwidth \u2028line",
    "‘single’ “double” „low“ «Guillemets» 'straight' \"straight\" &amp; &eacute; <b>",
    "trailing  \n\n\n   spaces\t\n",
    "ª º ¿Qué? ¡Ay! 5 µm ± 3°, 10 €, £5, ¥",
    "Đặng Thị, Ṭ Ḥ Ẓ, Ꙗ ѣ, ა ბ გ, Հայ",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_comes_out_as_it_went_in(text):
    assert clean(text) == type(clean(""))(text, ())


def test_line_ends_become_one_sort_without_a_word():
    assert clean("a\r\nb\rc\n") == type(clean(""))("a\nb\nc\n", ())


def test_many_different_repairs_are_summed_up():
    letters = "éèêëçàâäôöûüùîïñÄÖÜßåø"
    damaged = " and ".join(letter.encode().decode("cp1252") for letter in letters)
    repairs = clean(damaged).repairs
    assert len(repairs) == 13
    assert repairs[-1] == "repaired 10 more damaged places of the same sort"
