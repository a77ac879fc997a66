"""From what the tagger found to rows: the tag that is meant, made if the archive lacks it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from operator import itemgetter

from archive.models import Kind, OldTagSlug, OtherName, OtherNotation, Slugs, Tag
from archive.models.tag import NAME_LENGTH, name_key
from archive.tagging import gazetteer, themes
from archive.tagging.names import normalise
from archive.tagging.spans import FoundTag

#: What tells one tag from another: kind and the normalised keys.
TagKey = tuple[str, str, str]

#: Codes whose tags are remembered from one batch of stories to the next.
REMEMBERED = 20_000


def tag_key(tag: Tag) -> TagKey:
    """What tells *tag* from others, saved or not."""
    return (tag.kind, tag.name_key, tag.disambiguation_key)


class TagResolver:
    """Looks tags up and makes those that are missing, for a story or for many at once.

    `look_up` asks the database for all names of a batch, `resolve` and `by_name` answer from
    memory, `keep` writes what was missing. What is remembered can be overtaken by other processes:
    a tag made or deleted meanwhile makes the database refuse the batch, and the caller tries once
    more with a fresh resolver.
    """

    def __init__(self) -> None:
        self._by_notation: dict[tuple[str, str], Tag] = {}
        self._by_ref: dict[int, Tag] = {}
        self._by_name: dict[tuple[str, str], list[Tag]] = {}
        self._asked: set[tuple[str, str]] = set()
        self._new: dict[TagKey, Tag] = {}
        self._used: dict[tuple[TagKey, str], tuple[Tag, str]] = {}

    def look_up(self, found: Iterable[FoundTag], named: Iterable[tuple[str, str]] = ()) -> None:
        """Ask for everything that *found* and *named* (kind and name) may mean: a few statements.

        Tags that an earlier batch resolved by their code are remembered, all others asked for anew.
        """
        self._by_ref, self._by_name, self._asked = {}, {}, set()
        if len(self._by_notation) > REMEMBERED:
            self._by_notation = {}
        keys = {(kind, name_key(name)) for kind, name in named}
        notations, refs = set(), set()
        for item in found:
            if item.ref is not None:
                refs.add(item.ref)
            if item.notation:
                notations.add((item.kind, item.notation))
            else:
                keys.add((item.kind, name_key(item.name)))
        if refs:
            self._by_ref = Tag.objects.in_bulk(refs)
        keys |= self._look_up_chains(notations)
        self._look_up_names(keys)

    def _look_up_chains(self, notations: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Look up codes and, for those without a tag, all that they lie below.

        Returns:
            Kind and key of the names of the tags that will have to be made.
        """
        keys = set()
        asking = notations - self._by_notation.keys()
        while asking:
            self._look_up_notations(asking)
            above = set()
            for kind, notation in asking - self._by_notation.keys():
                tag, broader = _entry(kind, notation)
                keys.add((kind, name_key(tag.name)))
                if broader:
                    above.add((kind, broader))
            asking = above - self._by_notation.keys() - self._asked
        return keys

    def _look_up_notations(self, notations: set[tuple[str, str]]) -> None:
        self._asked |= notations
        codes = {notation for _, notation in notations}
        if not codes:
            return
        others = OtherNotation.objects.filter(notation__in=codes).select_related("tag")
        for other in others.order_by("-tag_id"):
            self._by_notation[other.kind, other.notation] = other.tag
        for tag in Tag.objects.filter(notation__in=codes).order_by("-pk"):
            known = self._by_notation.get((tag.kind, tag.notation))
            if known is None or known.pk > tag.pk:
                self._by_notation[tag.kind, tag.notation] = tag

    def _look_up_names(self, keys: set[tuple[str, str]]) -> None:
        """Find the tags that bear each of *keys* as their name or another name, oldest first."""
        if not keys:
            return
        names = {key for _, key in keys}
        tags = {tag.pk: tag for tag in Tag.objects.filter(name_key__in=names)}
        bearers = [(tag.name_key, tag.pk) for tag in tags.values()]
        others = OtherName.objects.filter(name_key__in=names).values_list("name_key", "tag_id")
        bearers += others
        tags |= Tag.objects.in_bulk({pk for _, pk in bearers} - tags.keys())
        self._by_name = {key: [] for key in keys}
        for key, pk in sorted(set(bearers), key=itemgetter(1)):
            called = self._by_name.get((tags[pk].kind, key))
            if called is not None:
                called.append(tags[pk])

    def resolve(self, found: FoundTag, title: str, here: Collection[TagKey] = ()) -> Tag:
        """The tag that *found* means in a story; a new one, with what is broader, if need be.

        Args:
            found: from the texts that were looked up.
            title: of the story; it tells apart who has nothing but a surname.
            here: tags that the story has already.
        """
        tag = self._known(found)
        if tag is None and found.notation:
            tag = self._from_authority(found.kind, found.notation)
        if tag is None:
            tag = self._from_name(found, title, here)
        for name in _lasting_names(found):
            key = name_key(name)
            if key and key != tag.name_key:
                self._used.setdefault((tag_key(tag), key), (tag, name))
                called = self._by_name.get((tag.kind, key))
                if called is not None and tag not in called:
                    called.append(tag)
                    called.sort(key=lambda tag: tag.pk or math.inf)
        return tag

    def by_name(self, kind: str, name: str) -> Tag:
        """The one tag of *kind* that is called *name*; a new one if there is none.

        Of namesakes the oldest is taken: a name alone, written in a file, cannot tell them apart.
        """
        twins = self._called(kind, name)
        return twins[0] if twins else self._add(Tag(kind=kind, name=name[:NAME_LENGTH]))

    def keep(self) -> None:
        """Write the tags and other names that were missing."""
        waiting, self._new = list(self._new.values()), {}
        by_kind: dict[str, list[Tag]] = {}
        for tag in waiting:
            by_kind.setdefault(tag.kind, []).append(tag)
        for kind, tags in by_kind.items():
            slugs = Slugs(kind, Tag.objects.filter(kind=kind), OldTagSlug.objects.filter(kind=kind))
            names = [f"{tag.name} {tag.disambiguation}" for tag in tags]
            slugs.look_up(names)
            for tag, name in zip(tags, names, strict=True):
                tag.slug = slugs.take(name)
        while waiting:  # what is broader first: level by level
            ready = [tag for tag in waiting if tag.broader is None or tag.broader.pk]
            waiting = [tag for tag in waiting if tag.broader is not None and not tag.broader.pk]
            Tag.objects.bulk_create(ready)
        self._keep_other_names()

    def _keep_other_names(self) -> None:
        """Keep further names that the texts used."""
        used = {(tag.pk, key): name for (_, key), (tag, name) in self._used.items()}
        self._used = {}
        if not used:
            return
        there = set(
            OtherName.objects.filter(tag__in={pk for pk, _ in used}).values_list(
                "tag_id", "name_key"
            )
        )
        OtherName.objects.bulk_create(
            OtherName(tag_id=pk, name_key=key, name=name[:NAME_LENGTH])
            for (pk, key), name in used.items()
            if (pk, key) not in there
        )

    def _known(self, found: FoundTag) -> Tag | None:
        """The tag that the lexicon named, if it is still there."""
        tag = self._by_ref.get(found.ref) if found.ref is not None else None
        return tag if tag is not None and tag.kind == found.kind else None

    def _called(self, kind: str, name: str) -> list[Tag]:
        """Tags of *kind* with that name or other name, oldest first."""
        key = (kind, name_key(name))
        if key not in self._by_name:
            self._by_name[key] = list(Tag.objects.called(kind, name).order_by("pk"))
        return self._by_name[key]

    def _from_name(self, found: FoundTag, title: str, here: Collection[TagKey]) -> Tag:
        """The same full name is the same person; a surname alone is somebody of this story."""
        twins = self._called(found.kind, found.name)
        new = Tag(kind=found.kind, name=found.name[:NAME_LENGTH])
        anybody = _could_be_anybody(found)
        if len(twins) > 1 or (twins and anybody):
            twins = [tag for tag in twins if tag_key(tag) in here] or twins
            if anybody and tag_key(twins[0]) not in here:
                new.disambiguation = f"in {title}"[:100]
                return self._add(new)
        return twins[0] if twins else self._add(new)

    def _add(self, tag: Tag) -> Tag:
        """Remember *tag* as new, or the one that is there with the same name."""
        tag.set_keys()
        known = self._called(tag.kind, tag.name)
        same = next((twin for twin in known if tag_key(twin) == tag_key(tag)), None)
        if same is not None:
            return same
        self._new[tag_key(tag)] = tag
        known.append(tag)
        return tag

    def _from_authority(self, kind: str, notation: str) -> Tag:
        """The tag for an entry of the gazetteer or vocabulary, with those it lies below."""
        key = (kind, notation)
        if key not in self._by_notation and key not in self._asked:
            self._look_up_notations({key})
        if key not in self._by_notation:
            self._by_notation[key] = self._create_from_authority(kind, notation)
        return self._by_notation[key]

    def _create_from_authority(self, kind: str, notation: str) -> Tag:
        """Make that tag, or give its notation to the one that curators made under the same name.

        A namesake that stands for something else makes the broader tag tell them apart
        (Paris, Texas).
        """
        tag, broader = _entry(kind, notation)
        if broader:
            tag.broader = self._from_authority(kind, broader)
        tag.set_keys()
        twins = {
            twin.disambiguation_key: twin
            for twin in self._called(kind, tag.name)
            if twin.name_key == tag.name_key
        }
        own = twins.get(tag.disambiguation_key)
        if own is not None and not own.notation:
            own.notation = notation
            if own.pk:
                own.save(update_fields=["notation", "name_key", "disambiguation_key"])
            return own
        if own is not None:
            tag.disambiguation = (tag.broader.name if tag.broader else notation)[:100]
            if normalise(tag.disambiguation)[:100] in twins:
                tag.disambiguation = notation
        return self._add(tag)


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
