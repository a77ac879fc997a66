"""From what the tagger found to rows: the tag that is meant, made if the archive lacks it."""

from __future__ import annotations

from django.db.models import Q

from archive.models import Kind, OtherName, Story, Tag, Tagging
from archive.models.tag import NAME_LENGTH, name_key
from archive.tagging import gazetteer, themes
from archive.tagging.names import normalise
from archive.tagging.spans import FoundTag

_COPIED = (
    "name",
    "disambiguation",
    "definition",
    "notation",
    "authority_uri",
    "latitude",
    "longitude",
    "broader",
)


class TagResolver:
    """Looks tags up and makes those that are missing; remembers them for the length of a run.

    What it remembers can be overtaken by other processes: a tag deleted meanwhile makes the
    database refuse the story, and the caller tries once more with a fresh resolver.
    """

    def __init__(self) -> None:
        self._tags: dict[int, Tag] = {}
        self._by_notation: dict[tuple[str, str], Tag] = {}
        self._by_name: dict[tuple[str, str], list[Tag]] = {}
        self._names: dict[int, set[str]] = {}

    def resolve(self, found: FoundTag, story: Story) -> Tag:
        """The tag that *found* means in *story*; a new one, with what is broader, if need be."""
        tag = self._known(found)
        if tag is None and found.notation:
            tag = self._from_authority(found.kind, found.notation)
        if tag is None:
            tag = self._from_name(found, story)
        self._add_other_names(tag, _lasting_names(found))
        return tag

    def by_name(self, kind: str, name: str) -> Tag:
        """The one tag of *kind* that is called *name*; a new one if there is none.

        Of namesakes the oldest is taken: a name alone, written in a file, cannot tell them apart.
        """
        twins = self._called(kind, name)
        return twins[0] if twins else self._create(Tag(kind=kind, name=name[:NAME_LENGTH]))

    def _known(self, found: FoundTag) -> Tag | None:
        """The tag that the lexicon named, if it is still there."""
        if found.ref is None:
            return None
        if found.ref not in self._tags:
            tag = Tag.objects.filter(pk=found.ref, kind=found.kind).first()
            if tag is None:
                return None
            self._tags[tag.pk] = tag
        return self._tags[found.ref]

    def _called(self, kind: str, name: str) -> list[Tag]:
        """Tags of *kind* with that name or other name, oldest first."""
        key = (kind, name_key(name))
        if key not in self._by_name:
            self._by_name[key] = list(Tag.objects.called(kind, name).order_by("pk"))
        return self._by_name[key]

    def _from_name(self, found: FoundTag, story: Story) -> Tag:
        """The same full name is the same person; a surname alone is somebody of this story."""
        twins = self._called(found.kind, found.name)
        if len(twins) > 1 or (twins and _could_be_anybody(found)):
            here = set(
                Tagging.objects.filter(story=story, tag__in=twins).values_list("tag", flat=True)
            )
            twins = [tag for tag in twins if tag.pk in here] or twins
            if _could_be_anybody(found) and twins[0].pk not in here:
                return self._create(
                    Tag(
                        kind=found.kind,
                        name=found.name[:NAME_LENGTH],
                        disambiguation=f"in {story.title}"[:100],
                    )
                )
        return (
            twins[0] if twins else self._create(Tag(kind=found.kind, name=found.name[:NAME_LENGTH]))
        )

    def _from_authority(self, kind: str, notation: str) -> Tag:
        """The tag for an entry of the gazetteer or vocabulary, with those it lies below."""
        key = (kind, notation)
        if key not in self._by_notation:
            named = Q(notation=notation) | Q(other_notations__notation=notation)
            tag = Tag.objects.filter(named, kind=kind).order_by("pk").first()
            self._by_notation[key] = tag or self._create_from_authority(kind, notation)
        return self._by_notation[key]

    def _create_from_authority(self, kind: str, notation: str) -> Tag:
        """Make that tag, or give its notation to the one that curators made under the same name.

        A namesake that stands for something else makes the broader tag tell them apart
        (Paris, Texas).
        """
        tag, broader = _entry(kind, notation)
        if broader:
            tag.broader = self._from_authority(kind, broader)
        twins = Tag.objects.named(kind, tag.name)
        own = twins.filter(disambiguation_key=normalise(tag.disambiguation)).first()
        if own is not None and not own.notation:
            own.notation = notation
            own.save(update_fields=["notation", "name_key", "disambiguation_key"])
            return own
        if own is not None:
            tag.disambiguation = (tag.broader.name if tag.broader else notation)[:100]
            if twins.filter(disambiguation_key=normalise(tag.disambiguation)).exists():
                tag.disambiguation = notation
        return self._create(tag)

    def _create(self, tag: Tag) -> Tag:
        """Save *tag* as new; if another process was faster, take its row."""
        tag.set_keys()
        made, _ = Tag.objects.get_or_create(
            kind=tag.kind,
            name_key=tag.name_key,
            disambiguation_key=tag.disambiguation_key,
            defaults={field: getattr(tag, field) for field in _COPIED},
        )
        known = self._by_name.setdefault((tag.kind, tag.name_key), [])
        if made not in known:
            known.append(made)
        return made

    def _add_other_names(self, tag: Tag, names: tuple[str, ...]) -> None:
        """Keep further names that the text used."""
        if not names:
            return
        if tag.pk not in self._names:
            others = OtherName.objects.filter(tag=tag).values_list("name_key", flat=True)
            self._names[tag.pk] = {tag.name_key, *others}
        for name in names:
            key = name_key(name)
            if key and key not in self._names[tag.pk]:
                self._names[tag.pk].add(key)
                OtherName.objects.get_or_create(
                    tag=tag, name_key=key, defaults={"name": name[:NAME_LENGTH]}
                )
                self._by_name.pop((tag.kind, key), None)


def _could_be_anybody(found: FoundTag) -> bool:
    """Whether many bear the name: one word, or a title and one word."""
    return found.kind == Kind.PERSON and not _is_full(found, found.name)


def _is_full(found: FoundTag, name: str) -> bool:
    """Whether *name* has a word more than a given name, a surname, or a title and a surname."""
    titled = any(m.rule == "honorific" and m.quote == name for m in found.mentions)
    return len(name.split()) > (2 if titled else 1)


def _lasting_names(found: FoundTag) -> tuple[str, ...]:
    """Other names worth keeping: “Giulia” is one person in this story, another in the next."""
    if found.kind != Kind.PERSON:
        return found.other_names
    return tuple(name for name in found.other_names if _is_full(found, name))


def _entry(kind: str, notation: str) -> tuple[Tag, str | None]:
    """An entry of the gazetteer or vocabulary as an unsaved tag, and what it lies below."""
    if kind == Kind.THEME:
        theme = next(entry for entry in themes.vocabulary() if entry.notation == notation)
        tag = Tag(kind=kind, name=theme.name, definition=theme.definition, notation=notation)
        return tag, theme.broader
    place = gazetteer.place(notation)
    tag = Tag(
        kind=kind,
        name=place.name,
        disambiguation=place.disambiguation,
        notation=notation,
        authority_uri=place.authority_uri,
        latitude=place.latitude,
        longitude=place.longitude,
    )
    return tag, place.broader
