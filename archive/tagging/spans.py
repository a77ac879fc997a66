"""What the tagger hands back: mentions in a text, and the tags that they support."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["person", "place", "theme"]
Role = Literal["subject", "mentioned"]

RULES: dict[str, str] = {
    "known-name": "The archive already knows this name.",
    "gazetteer": "The gazetteer of the world's places lists this name.",
    "country": "This is the name of a country, a continent or a part of one.",
    "historical-name": "This is a former name of a place, or a state that is no more.",
    "address": "The place is named together with the larger place that it lies in.",
    "preposition": "A word such as “in”, “near” or “moved to” shows that this is a place.",
    "feature": "The name says itself what kind of place it is: a lake, a street, a cemetery.",
    "given-name+surname": "A given name that many people bear is followed by a surname.",
    "name-shape": "These words have the shape of a person's full name.",
    "honorific": "A title such as “Madame” or “Dr” stands before the name.",
    "particle": "A part such as “van”, “de” or an initial stands inside the name.",
    "given-name": "This is a given name, used for one person here.",
    "apposition": "A word such as “sister” or “teacher” says who bears this name.",
    "acts": "This name speaks, feels or acts as only a person does.",
    "short-name": "A part of a fuller name that the text gives elsewhere.",
    "other-name": "The text says that this is another name of the same person.",
    "cue": "Words of the text speak of this theme.",
    "curator": "A curator said who or what is meant in this place.",
}
"""For every rule that a mention can carry: the reason in plain words."""


class Mention(NamedTuple):
    """Words in the text that support a tag: ``text[start:end] == quote``."""

    kind: Kind
    name: str
    start: int
    end: int
    quote: str
    rule: str
    confidence: float


class FoundTag(NamedTuple):
    """A person, place or theme that the text speaks of, with its evidence in text order."""

    kind: Kind
    name: str
    other_names: tuple[str, ...]
    notation: str
    ref: int | None
    role: Role
    confidence: float
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class TaggedText:
    """Everything that was found in one text."""

    tags: tuple[FoundTag, ...] = ()
    subject: str | None = None

    def _of(self, kind: Kind) -> tuple[FoundTag, ...]:
        return tuple(tag for tag in self.tags if tag.kind == kind)

    @property
    def people(self) -> tuple[FoundTag, ...]:
        """The people, the subject first, then by how often they are mentioned."""
        return self._of("person")

    @property
    def places(self) -> tuple[FoundTag, ...]:
        """The places, those mentioned most often first."""
        return self._of("place")

    @property
    def themes(self) -> tuple[FoundTag, ...]:
        """The themes, the best supported first."""
        return self._of("theme")
