"""Make the fonts and their style sheet from the complete families.

In an environment of its own, as nothing of this is needed to run the archive (the Liberation fonts
are measured: apt install fonts-liberation):

    pip install fonttools brotli fontpkg-source-serif-4 fontpkg-inter fontpkg-lexend
    python archive/reading/data/build_fonts.py

Each family is cut by alphabet, so that a page loads only the alphabets it shows, and to the weights
that pages use. The letters of Kazakh, Kyrgyz, Tajik and Uzbek are with the common Cyrillic ones: a
text in one of these languages needs all of them, and one file is sooner there than two.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

STATIC = Path(__file__).parents[3] / "static"
FONTS = STATIC / "fonts"
SHEET = STATIC / "css" / "fonts.css"

#: What each file is for, as the ranges of `unicode-range`.
ALPHABETS = {
    "latin": (
        "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DC, U+2000-200B, U+2010-2015, "
        "U+2018-201E, U+2020-2022, U+2026, U+202F, U+2030, U+2032-2033, U+2039-203A, U+2042, "
        "U+2044, U+20AC, U+2116, U+2122, U+2190-2193, U+2212, U+FEFF, U+FFFD"
    ),
    "latin-ext": (
        "U+0100-0130, U+0132-0151, U+0154-017F, U+018F, U+01A0-01A1, U+01AF-01B0, U+01CD-01DC, "
        "U+01E6-01E7, U+01EA-01EB, U+0218-021B, U+0232-0233, U+0259, U+02BD-02BF, U+02C7, "
        "U+02D8-02DB, U+02DD, U+0300, U+0302-0304, U+0306-030C, U+0323-0328, U+032E, U+0331, "
        "U+1E00-1EF9, U+20A4, U+20A6-20B3, U+20B5-20B7, U+20B9-20BC"
    ),
    "cyrillic": (
        "U+0301, U+0400-045F, U+0490-0493, U+0496-0497, U+049A-049B, U+04A0-04A3, U+04A8-04AB, "
        "U+04AE-04B3, U+04B6-04BB, U+04D8-04D9, U+04E2-04E3, U+04E8-04E9, U+04EE-04EF, U+20B4, "
        "U+20B8, U+20BD"
    ),
    "cyrillic-ext": (
        "U+0462-0463, U+0472-0475, U+048A-048F, U+0494-0495, U+0498-0499, U+049C-049F, "
        "U+04A4-04A7, U+04AC-04AD, U+04B4-04B5, U+04BC-04D7, U+04DA-04E1, U+04E4-04E7, "
        "U+04EA-04ED, U+04F0-0529"
    ),
}
FEATURES = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "case"]
FEATURES += ["lnum", "onum", "pnum", "tnum"]

#: Family, file of the package, style, weights, further axes (CSS pixels for `opsz`), alphabets.
FACES = [
    (
        "Source Serif 4",
        "fontpkg_source_serif_4/files/SourceSerif4[opsz,wght].ttf",
        "normal",
        (400, 700),
        {"opsz": (14, 60)},
        tuple(ALPHABETS),
    ),
    (
        "Source Serif 4",
        "fontpkg_source_serif_4/files/SourceSerif4-Italic[opsz,wght].ttf",
        "italic",
        (400, 600),
        {"opsz": 18},  # italics are words within the text, never a large title
        tuple(ALPHABETS),
    ),
    (
        "Inter",
        "fontpkg_inter/files/Inter[opsz,wght].ttf",
        "normal",
        (400, 700),
        {"opsz": 14},
        tuple(ALPHABETS),
    ),
    # For readers with dyslexia (Shaver-Troup and Pollock, 2000), and only for those who choose it.
    # It has no Cyrillic; those letters come from Inter.
    (
        "Lexend",
        "fontpkg_lexend/files/Lexend[wght].ttf",
        "normal",
        (400, 700),
        {},
        ("latin", "latin-ext"),
    ),
]

#: A face that most machines have, to stand in until ours is there: Liberation has the widths of
#: Times New Roman and Arial. Its lines are as long and as high as ours, so that nothing moves.
STAND_INS = {
    "Source Serif 4": ("Times New Roman", "Liberation Serif", "LiberationSerif-Regular.ttf"),
    "Inter": ("Arial", "Liberation Sans", "LiberationSans-Regular.ttf"),
}
LIBERATION = Path("/usr/share/fonts/truetype/liberation")
#: How often English prose has each letter, in thousandths (Norvig, "English Letter Frequency
#: Counts", 2012), and a space between words of 4.7 letters.
FREQUENCIES = dict(
    zip(
        " etaoinsrhldcumfpgwybvkxjqz",
        (213, 125, 93, 80, 76, 76, 72, 65, 63, 51, 41, 38, 33, 27, 25, 24, 21, 19, 17, 17, 15, 11,
         5, 2, 2, 1, 1),
        strict=True,
    )
)  # fmt: skip


def package_file(name: str) -> Path:
    """Where an installed package keeps the file that *name* says: package/path."""
    package, _, path = name.partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"Install {package.replace('_', '-')} first: see the top of this file.")
    return Path(spec.origin).parent / path


def cut(source: Path, ranges: str, axes: dict[str, object]) -> TTFont:
    """The font in *source* with the characters in *ranges*, its axes narrowed to *axes*."""
    font = TTFont(source)
    options = subset.Options()
    options.layout_features = FEATURES
    options.hinting = False
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(ranges.replace(" ", "")))
    cutter.subset(font)
    return instancer.instantiateVariableFont(font, axes)


def mean_width(font: TTFont) -> float:
    """The width of a letter of English prose, in ems."""
    widths, names = font["hmtx"], font.getBestCmap()
    total = sum(widths[names[ord(char)]][0] * share for char, share in FREQUENCIES.items())
    return total / sum(FREQUENCIES.values()) / font["head"].unitsPerEm


def stand_in(family: str, source: Path) -> str:
    """The rule of a local face that takes the same room as *family*."""
    names, file = STAND_INS[family][:2], STAND_INS[family][2]
    ours = TTFont(source)
    scale = mean_width(ours) / mean_width(TTFont(LIBERATION / file))
    line, em = ours["hhea"], ours["head"].unitsPerEm
    local = ", ".join(f'local("{name}")' for name in names)
    return (
        f'@font-face {{\n  font-family: "{family} stand-in";\n  src: {local};\n'
        f"  size-adjust: {scale:.2%};\n"
        f"  ascent-override: {line.ascent / em / scale:.2%};\n"
        f"  descent-override: {-line.descent / em / scale:.2%};\n"
        f"  line-gap-override: {line.lineGap / em / scale:.2%};\n}}\n"
    )


def rules() -> Iterable[str]:
    """Write the files; yield the style sheet's rules."""
    for family, name, style, weights, axes, alphabets in FACES:
        source = package_file(name)
        for alphabet in alphabets:
            slope = "" if style == "normal" else f"-{style}"
            file = FONTS / f"{family.lower().replace(' ', '-')}-{alphabet}{slope}.woff2"
            font = cut(source, ALPHABETS[alphabet], {"wght": weights, **axes})
            font.flavor = "woff2"
            font.save(file)
            yield (
                f'@font-face {{\n  font-family: "{family}";\n  font-style: {style};\n'
                f"  font-weight: {weights[0]} {weights[1]};\n  font-display: swap;\n"
                f'  src: url("../fonts/{file.name}") format("woff2");\n'
                f"  unicode-range: {ALPHABETS[alphabet]};\n}}\n"
            )
        if style == "normal" and family in STAND_INS:
            yield stand_in(family, source)


def main() -> None:
    """Make all files."""
    head = (
        "/* Made by archive/reading/data/build_fonts.py. Source Serif 4 (Adobe), Inter (Rasmus "
        "Andersson)\n   and Lexend (Bonnie Shaver-Troup, Thomas Jockin) under the SIL Open Font "
        "License 1.1; licences\n   beside the files. Cut by alphabet, so that a page loads only "
        "those it shows. */\n"
    )
    SHEET.write_text("\n".join([head, *rules()]))


if __name__ == "__main__":
    main()
