"""The places of the world: where they lie, what they are called, what they lie in."""

import gzip
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, cast

from archive.tagging.names import normalise
from archive.tagging.wordlists import DATA

Sort = Literal[
    "continent", "macro-region", "country", "historical state", "region", "district", "city",
    "water", "mountain", "site",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the gazetteer. ``broader`` is the notation of what it lies in."""

    notation: str
    name: str
    disambiguation: str
    other_names: tuple[str, ...]
    sort: Sort
    broader: str | None
    latitude: float | None
    longitude: float | None
    population: int
    authority_uri: str


@cache
def _rows() -> list[str]:
    packed = (DATA / "gazetteer.tsv.gz").read_bytes()
    return gzip.decompress(packed).decode("utf-8").split("\n")


@cache
def _by_notation() -> dict[str, int]:
    return {row[: row.index("\t")]: number for number, row in enumerate(_rows())}


@cache
def index() -> dict[str, int | tuple[int, ...]]:
    """Return for each normalised name the rows that bear it, the most populous first."""
    found: dict[str, int | tuple[int, ...]] = {}
    for number, row in enumerate(_rows()):
        for key in row[row.rindex("\t") + 1 :].split(";"):
            before = found.get(key)
            if before is None:
                found[key] = number
            else:
                found[key] = (*((before,) if isinstance(before, int) else before), number)
    return found


@cache
def longest_by_first() -> dict[str, int]:
    """Return for each first word of a name of several words how many words it may have."""
    longest: dict[str, int] = {}
    for key in index():
        if " " in key:
            words = key.replace(",", "").split(" ")
            if len(words) > longest.get(words[0], 1):
                longest[words[0]] = len(words)
    return longest


@lru_cache(maxsize=20_000)
def _place(number: int) -> Place:
    cells = _rows()[number].split("\t")
    notation, name, disambiguation, sort, broader, lat, lon, population, authority, others, _ = (
        cells
    )
    scheme, _, identifier = notation.partition(":")
    if scheme == "geonames":
        uri = f"https://sws.geonames.org/{identifier}/"
    else:
        uri = authority and f"http://www.wikidata.org/entity/{authority.partition(':')[2]}"
    return Place(
        notation=notation,
        name=name,
        disambiguation=disambiguation,
        other_names=tuple(others.split(";")) if others else (),
        sort=cast(Sort, sort),
        broader=broader or None,
        latitude=float(lat) if lat else None,
        longitude=float(lon) if lon else None,
        population=int(population),
        authority_uri=uri,
    )


def knows(notation: str) -> bool:
    """Tell whether the gazetteer has a place with this notation."""
    return notation in _by_notation()


def place(notation: str) -> Place:
    """Return the place with this notation. KeyError when the gazetteer has none."""
    return _place(_by_notation()[notation])


@lru_cache(maxsize=20_000)
def ancestors(notation: str) -> tuple[Place, ...]:
    """Return what the place lies in, the nearest first."""
    found: list[Place] = []
    broader = place(notation).broader
    while broader:
        found.append(place(broader))
        broader = found[-1].broader
    return tuple(found)


@lru_cache(maxsize=20_000)
def bearers(name: str) -> tuple[Place, ...]:
    """Return the places that bear this name, the most populous first."""
    found = index().get(normalise(name), ())
    return tuple(map(_place, (found,) if isinstance(found, int) else found))


@lru_cache(maxsize=20_000)
def own_names(notation: str) -> frozenset[str]:
    """Return the names under which a place is known in English, normalised."""
    found = place(notation)
    return frozenset(map(normalise, (found.name, *found.other_names)))
