"""How two spellings of one name are recognised as the same name."""

import unicodedata

_UNIFIED = str.maketrans(
    dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("‘’ʻʼʹ′`´ʿʾ", "'")
    | {"ı": "i", "ł": "l", "Ł": "L"}
    | {
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
    }
)


def normalise(name: str) -> str:
    """Return what is compared instead of ``name``: no case, no accents, single spaces.

    Dashes and apostrophes have many shapes in old files, so each kind is reduced to one.
    """
    if name.isascii():
        return " ".join(name.lower().replace("`", "'").split())
    decomposed = unicodedata.normalize("NFKD", name.translate(_UNIFIED))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().translate(_UNIFIED).split())
