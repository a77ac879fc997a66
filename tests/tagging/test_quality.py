"""How well people and places are found in texts written for this measure.

``gold/tuning.toml`` may be looked at when a rule is changed; ``gold/unseen.toml`` only measures, so
that a rule which merely fits the first shows itself on the second.
"""

import tomllib
from pathlib import Path

import pytest

from archive.tagging.names import normalise
from archive.tagging.spans import FoundTag
from archive.tagging.tagger import tag

GOLD = Path(__file__).parent / "gold"


def f1(found: list[tuple[FoundTag, ...]], wanted: list[list[list[str]]]) -> float:
    """Score tags against gold: one tag for one entity, right when one name is the entity's."""
    right = tags = entities = 0
    for tagged, gold in zip(found, wanted, strict=True):
        left = [{normalise(name) for name in names} for names in gold]
        tags += len(tagged)
        entities += len(left)
        for one in tagged:
            names = {normalise(name) for name in (one.name, *one.other_names)}
            match = next((entity for entity in left if entity & names), None)
            if match:
                left.remove(match)
                right += 1
    return 2 * right / (tags + entities)


@pytest.mark.parametrize("half", ["tuning", "unseen"])
@pytest.mark.parametrize(("kind", "least"), [("people", 0.85), ("places", 0.9)])
def test_most_people_and_places_are_found(half, kind, least):
    texts = tomllib.loads((GOLD / f"{half}.toml").read_text(encoding="utf-8"))["text"]
    found = [getattr(tag(text["text"]), kind) for text in texts]
    assert f1(found, [text[kind] for text in texts]) >= least
