"""Where a life took place: which names are places, and which place of that name is meant."""

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from archive.tagging.context import person_evidence, place_evidence, possessive
from archive.tagging.gazetteer import Place, ancestors, own_names
from archive.tagging.lexicon import KnownName
from archive.tagging.parse import Candidate, is_given, is_plain
from archive.tagging.scan import words_before
from archive.tagging.wordlists import word_class

_BASE = {
    "continent": 3.0, "macro-region": 3.0, "country": 3.0, "historical state": 2.5, "region": 2.5,
    "district": 2.0, "water": 2.0, "mountain": 2.0, "site": 2.5,
}  # fmt: skip
_WEIGHT = {"continent": 8.0, "macro-region": 7.0, "country": 7.2, "historical state": 7.0,
           "region": 5.6, "district": 5.5, "water": 5.5, "mountain": 5.5, "site": 6.0}  # fmt: skip
_ENOUGH = 1.5
_COMPANY = 0.6
_CONFIRMED = 2.0
# A text about the United States that says "Paris" means the capital of France, which is eighty
# times larger than its namesake in Texas, unless it says Texas; "Birmingham" may well be Alabama's.
_AT_HOME = 1.3
# "from Texas to Paris": what is left behind does not say where the other place lies.
_KIND_AFTER = re.compile(
    r" (?:district|province|region|village|valley|mountains|river|lake|island|county|oblast|desert|"
    r"steppe|pass|bay|peninsula)\b"
)
_LEAVING = re.compile(r"from .+ to ", re.DOTALL)


@dataclass(slots=True, eq=False)
class Spot:
    """One place of the text and where it is named."""

    place: Place | None
    name: str
    found: list[tuple[Candidate, str, float]] = field(default_factory=list)
    known: KnownName | None = None


def base(candidate: Candidate) -> float:
    """Return how much the name alone speaks for a place, before any context."""
    best = 0.0
    for place in candidate.notations:
        if place.sort == "city":
            size = math.log10(place.population + 1)
            known = 0.5 if candidate.key in own_names(place.notation) else 0.0
            best = max(best, (size - 4.2) * 1.2 + known)
        else:
            best = max(best, _BASE[place.sort])
    return best


def _address(text: str, first: Candidate, second: Candidate) -> bool:
    """Tell whether the second place says where the first one lies: "Aktau, Kazakhstan"."""
    between = text[first.end : second.start]
    return between in (", ", " (", ", in ", ",\n", " in ", ", northern ", ", southern ", " ")


def _inside(inner: Place, outer: Place) -> bool:
    return any(place.notation == outer.notation for place in ancestors(inner.notation))


def addresses(text: str, candidates: list[Candidate]) -> dict[int, list[Candidate]]:
    """Return by candidate the neighbours that it forms an address with, on either side."""
    found: dict[int, list[Candidate]] = defaultdict(list)
    located = [c for c in candidates if c.notations]
    for first, second in pairwise(located):
        if not 0 <= second.start - first.end <= 12 or not _address(text, first, second):
            continue
        if any(_inside(a, b) for a in first.notations for b in second.notations):
            found[id(first)].append(second)
            found[id(second)].append(first)
    return found


def accepted(
    text: str, candidates: list[Candidate], people_keys: set[str], confirmed: set[str]
) -> list[Candidate]:
    """Return the candidates of the gazetteer that are places here: one verdict for each name.

    ``confirmed`` holds the names that the archive already knows as places.
    """
    by_key: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.notations and candidate.sort != "person":
            by_key[candidate.key].append(candidate)
    near = addresses(text, candidates)
    scores = {
        key: _score(text, key, group, near, people_keys) + (_CONFIRMED if key in confirmed else 0)
        for key, group in by_key.items()
    }
    company: set[str] = set()
    for key, score in scores.items():
        if score >= _ENOUGH:
            company.update(one.notation for one in ancestors(by_key[key][0].notations[0].notation))
    kept: list[Candidate] = []
    for key, group in by_key.items():
        # A small town is likelier in a text that is already in its country.
        above = ancestors(group[0].notations[0].notation)
        at_home = any(one.sort == "country" and one.notation in company for one in above)
        if scores[key] + (_COMPANY if at_home else 0.0) >= _ENOUGH:
            kept.extend(c for c in group if not c.run.titled)
    return sorted(kept, key=lambda c: c.start)


def _score(
    text: str,
    key: str,
    group: list[Candidate],
    near: dict[int, list[Candidate]],
    people_keys: set[str],
) -> float:
    """Return how much everything together speaks for a place: the name, and where it stands."""
    counted = [c for c in group if not c.run.titled and not c.run.dated]
    if not counted:
        return -9.0
    score = base(group[0])
    strongest = max(place_evidence(text, c) for c in counted)
    addressed = any(id(c) in near for c in counted)
    if group[0].sort == "single":
        word = group[0].core[0]
        score -= 2.5 if is_plain(word) else 0.0
        if is_given(word):
            score -= 1.0 if score >= 2 else 1.5
        if not addressed:
            score -= sum(person_evidence(text, c) for c in counted) / len(counted)
            score -= 2.0 if key in people_keys else 0.0
    return score + strongest + (2.0 if addressed else 0.0)


def settle(text: str, candidates: list[Candidate]) -> list[Spot]:
    """Choose for each name the place that is meant, and join names of one place."""
    near = addresses(text, candidates)
    certain: Counter[str] = Counter()
    named: set[str] = set()
    for candidate in candidates:
        places = candidate.notations
        if len(places) == 1 or places[0].population > 1_000_000 or places[0].sort != "city":
            top = max(places, key=_weight_alone)
            if not _LEAVING.fullmatch(text[max(0, candidate.start - 5) : candidate.end + 4]):
                named.add(top.notation)
            certain.update({top.notation, *(p.notation for p in ancestors(top.notation))})
    spots: dict[str, Spot] = {}
    by_key: dict[str, Place] = {}
    for candidate in candidates:
        choice = _chosen(text, candidate, near.get(id(candidate), []), certain, named, by_key)
        spot = spots.setdefault(choice.notation, Spot(choice, choice.name))
        spot.found.append((candidate, _rule(text, candidate, choice, near), 0.0))
    return list(spots.values())


def _weight_alone(place: Place) -> float:
    return _WEIGHT.get(place.sort) or math.log10(place.population + 1)


def _chosen(
    text: str,
    candidate: Candidate,
    neighbours: list[Candidate],
    certain: Counter[str],
    named: set[str],
    by_key: dict[str, Place],
) -> Place:
    """Return the bearer of the name that is meant: by its address, its company, its size."""
    if len(candidate.notations) == 1:
        return candidate.notations[0]
    if not neighbours and candidate.key in by_key:
        return by_key[candidate.key]

    def fitness(place: Place) -> float:
        score = _weight_alone(place)
        above = {p.notation for p in ancestors(place.notation)}
        for other in neighbours:
            if any(other_place.notation in above for other_place in other.notations):
                score += 4.0 if other.start > candidate.start else 1.0
            elif any(_inside(other_place, place) for other_place in other.notations):
                score += 4.0
        at_home = 0.0
        for one in ancestors(place.notation):
            if one.notation in named and one.sort == "region":
                score += 2.6
            elif one.notation in named:
                at_home += 1.5 if one.sort == "country" else 0.3
        country = next((p for p in ancestors(place.notation) if p.sort == "country"), place)
        score += min(_AT_HOME, at_home + 0.4 * certain[country.notation])
        if candidate.key in own_names(place.notation):
            score += 1.6
        return score

    best = max(candidate.notations, key=fitness)
    by_key.setdefault(candidate.key, best)
    return best


def _rule(text: str, candidate: Candidate, place: Place, near: dict[int, list[Candidate]]) -> str:
    if id(candidate) in near:
        return "address"
    if place.sort == "historical state" or candidate.key not in own_names(place.notation):
        return "historical-name" if place.sort == "historical state" else "gazetteer"
    if place.sort in ("continent", "macro-region", "country"):
        return "country"
    return "gazetteer" if base(candidate) >= _ENOUGH else "preposition"


def unlisted(
    text: str,
    candidates: list[Candidate],
    placed: list[Candidate],
    taken: set[str],
) -> list[Spot]:
    """Return places that the gazetteer lacks but the grammar shows: "near Ellon", "in Dulwich".

    A place that names its own kind (a lake, a street) needs no grammar.
    """
    spots: dict[str, Spot] = {}
    starts = {c.start for c in placed}
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.sort == "place" and candidate.rule == "feature":
            if not candidate.run.titled and not candidate.run.dated:
                spot = spots.setdefault(candidate.key, Spot(None, candidate.text))
                spot.found.append((candidate, "feature", 0.65))
        elif candidate.sort == "single" and candidate.start not in starts:
            groups[candidate.key].append(candidate)
    for key, group in groups.items():
        word = group[0].core[0]
        counted = [c for c in group if not c.run.titled and not c.run.dated]
        if key in taken or not counted or is_plain(word) or is_given(word) or len(word.text) < 4:
            continue
        if word.text.isupper():
            continue
        shown = [c for c in counted if _shown(text, c, placed)]
        against = [c for c in counted if person_evidence(text, c) and c not in shown]
        if shown and len(shown) * 2 >= len(counted) and len(against) <= len(shown):
            spots[key] = Spot(None, word.text, [(c, "preposition", 0.6) for c in group])
    return list(spots.values())


def _shown(text: str, candidate: Candidate, placed: list[Candidate]) -> bool:
    """Tell whether the grammar around an unlisted name shows a place."""
    if possessive(text, candidate.end):
        return False
    if _KIND_AFTER.match(text, candidate.end):
        return True
    before = [word.strip(".,;:\"“”'’()").lower() for word in words_before(text, candidate.start)]
    if len(before) > 1 and before[-1] == "of" and before[-2] in word_class("settlement-noun"):
        return True
    if text[candidate.end : candidate.end + 2] == ", " and any(
        c.start == candidate.end + 2 for c in placed
    ):
        return True
    return place_evidence(text, candidate) >= 2.0
