"""Tags (people, places, themes) in the words of SKOS."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from archive.models.addresses import address
from archive.models.slugs import SLUG_LENGTH, unique_slug
from archive.tagging.names import normalise

#: Longest name of a tag, in characters.
NAME_LENGTH = 300


class Kind(models.TextChoices):
    """What a tag can be. A new kind is added here and in ``KINDS``, nowhere else."""

    PERSON = "person", "Person"
    PLACE = "place", "Place"
    THEME = "theme", "Theme"


@dataclasses.dataclass(frozen=True, slots=True)
class KindInfo:
    """How a kind is named in addresses and on pages."""

    kind: Kind
    parameter: str  # in query strings: ?person=…
    plural: str  # in addresses and on pages: /people/
    heading: str
    tree: bool  # whether tags of this kind stand below one another


KINDS: dict[str, KindInfo] = {
    info.kind.value: info
    for info in (
        KindInfo(Kind.PERSON, "person", "people", "People", tree=False),
        KindInfo(Kind.PLACE, "place", "places", "Places", tree=True),
        KindInfo(Kind.THEME, "theme", "themes", "Themes", tree=True),
    )
}


def name_key(name: str) -> str:
    """The form of *name* by which names are compared, no longer than its column."""
    return normalise(name)[:NAME_LENGTH]


class TagQuerySet(models.QuerySet["Tag"]):
    """The archive's vocabulary for choosing tags."""

    def named(self, kind: str, name: str) -> TagQuerySet:
        """Tags of *kind* whose name is *name*, whatever its case, spaces and accents."""
        return self.filter(kind=kind, name_key=name_key(name))

    def called(self, kind: str, name: str) -> TagQuerySet:
        """Tags of *kind* that bear *name* as their name or as another name."""
        key = name_key(name)
        return self.filter(Q(name_key=key) | Q(other_names__name_key=key), kind=kind).distinct()


class Tag(models.Model):
    """A person, place or theme that stories have in common (a SKOS concept)."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=NAME_LENGTH)
    disambiguation = models.CharField(
        max_length=100,
        blank=True,
        help_text="Tells namesakes apart: two people may both be called Anna Petrova.",
    )
    slug = models.SlugField(max_length=SLUG_LENGTH, blank=True)
    definition = models.TextField(blank=True, max_length=2000)
    broader = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="narrower",
        help_text="What it lies in, or is part of.",
    )
    notation = models.CharField(
        max_length=100,
        blank=True,
        editable=False,
        help_text="Its code in the gazetteer or in the vocabulary of themes.",
    )
    authority_uri = models.URLField(
        "authority URI",
        blank=True,
        max_length=300,
        help_text="The same thing in Wikidata, GeoNames…",
    )
    latitude = models.FloatField(null=True, blank=True, help_text="Degrees north. Places only.")
    longitude = models.FloatField(null=True, blank=True, help_text="Degrees east. Places only.")
    reviewed = models.BooleanField(default=False, help_text="A curator has looked at this tag.")
    name_key = models.CharField(max_length=NAME_LENGTH, editable=False)
    disambiguation_key = models.CharField(max_length=100, editable=False, default="")
    created = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name_key", "disambiguation_key", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="tag_kind_known"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(name_key=""), name="tag_name_given"),
            models.CheckConstraint(condition=~Q(slug=""), name="tag_slug_given"),
            models.UniqueConstraint(fields=["kind", "slug"], name="tag_slug_unique"),
            models.UniqueConstraint(
                fields=["kind", "name_key", "disambiguation_key"],
                name="tag_name_unique",
                violation_error_message="A tag with this name exists already. "
                "If it is someone or something else, tell them apart with a disambiguation.",
            ),
            models.UniqueConstraint(
                fields=["kind", "notation"], condition=~Q(notation=""), name="tag_notation_unique"
            ),
            models.CheckConstraint(
                condition=Q(broader__isnull=True) | ~Q(broader=F("id")), name="tag_not_below_itself"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    kind="place",
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="tag_coordinates_valid",
                violation_error_message="Coordinates are for places: latitude −90 to 90 and "
                "longitude −180 to 180, both or neither.",
            ),
        ]

    #: The kind of new rows; the proxies set it.
    KIND: ClassVar[Kind | None] = None
    #: Kind and slug under which the stored row is known; empty for a new one.
    known_address: tuple[str, str] = ("", "")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.kind and self.KIND:
            self.kind = self.KIND

    def __str__(self) -> str:
        return f"{self.name} ({self.disambiguation})" if self.disambiguation else self.name

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Tag:
        """Remember the address under which the tag is known, to redirect from it later."""
        tag = super().from_db(db, field_names, values)
        tag.known_address = (tag.__dict__.get("kind", ""), tag.__dict__.get("slug", ""))
        return tag

    @property
    def info(self) -> KindInfo:
        """How this tag's kind is named in addresses and on pages."""
        return KINDS[self.kind]

    def get_absolute_url(self) -> str:
        """Address of the tag's page."""
        return address(self.info.parameter, self.slug)

    def clean(self) -> None:
        """Complete the keys, so that the constraints judge them, and refuse a tree with a loop.

        Raises:
            ValidationError: the broader tag is of another kind or lies below this one.
        """
        self.complete()
        if self.broader_id and self.broader is not None:
            if self.broader.kind != self.kind:
                raise ValidationError({"broader": f"“{self.broader}” is not a {self.kind}."})
            if self.pk and self.pk in self.broader.lineage():
                raise ValidationError(
                    {"broader": f"“{self.broader}” lies below “{self}”: this would be a circle."}
                )

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Check the constraints, also where a form leaves kind and keys out.

        Raises:
            ValidationError: a constraint is violated.
        """
        ours = {"kind", "name_key", "disambiguation_key"}
        super().validate_constraints(exclude=set(exclude or ()) - ours)

    def lineage(self) -> list[int]:
        """Ids of this tag and of everything broader, nearest first; a circle ends it."""
        ids: list[int] = []
        tag: Tag | None = self
        while tag is not None and tag.pk not in ids:
            ids.append(tag.pk)
            tag = tag.broader
        return ids

    def set_keys(self) -> None:
        """Bring the normalised keys, by which twins are barred, in line with the names."""
        self.name_key = name_key(self.name)
        self.disambiguation_key = normalise(self.disambiguation)[:100]

    def complete(self) -> None:
        """Bring keys and slug in line with the names."""
        self.set_keys()
        if not self.slug:
            twins = Tag.objects.filter(kind=self.kind).exclude(pk=self.pk)
            old = OldTagSlug.objects.filter(kind=self.kind).exclude(tag=self.pk)
            name = f"{self.name} {self.disambiguation}"
            self.slug = unique_slug(name, twins, self.kind, taken=old)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with keys and slug in place; a changed address leaves the old one to redirect."""
        self.complete()
        super().save(*args, **kwargs)
        address = (self.kind, self.slug)
        if all(self.known_address) and self.known_address != address:
            OldTagSlug.objects.filter(kind=self.kind, slug=self.slug).delete()
            kind, slug = self.known_address
            OldTagSlug.objects.update_or_create(kind=kind, slug=slug, defaults={"tag_id": self.pk})
        self.known_address = address


class OldTagSlug(models.Model):
    """An address under which a tag was known before a rename or a merge; it redirects for ever."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    slug = models.SlugField(max_length=SLUG_LENGTH)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="old_slugs")
    since = models.DateField(default=datetime.date.today)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "slug"], name="old_tag_slug_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.slug}"


class Named(models.Model):
    """What other names and stop names share: a name, compared by its normalised key."""

    name = models.CharField(max_length=NAME_LENGTH)
    name_key = models.CharField(max_length=NAME_LENGTH, editable=False, db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Complete the key, so that the constraints judge it."""
        self.name_key = name_key(self.name)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Check the constraints, also where a form leaves the key out.

        Raises:
            ValidationError: a constraint is violated.
        """
        super().validate_constraints(exclude=set(exclude or ()) - {"name_key"})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the normalised key in place."""
        self.name_key = name_key(self.name)
        super().save(*args, **kwargs)


class OtherName(Named):
    """A further name of a tag (SKOS altLabel). Several tags may share one; the story decides."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="other_names")

    class Meta:
        ordering: ClassVar = ["name_key", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(name_key=""), name="other_name_given"
            ),
            models.UniqueConstraint(
                fields=["tag", "name_key"],
                name="other_name_once",
                violation_error_message="This other name is listed already.",
            ),
        ]


class StopName(Named):
    """A name that the tagger must never propose, in any story: what the archive learnt is wrong."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=300, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["kind", "name_key"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="stop_name_kind_known"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(name_key=""), name="stop_name_given"),
            models.UniqueConstraint(
                fields=["kind", "name_key"],
                name="stop_name_once",
                violation_error_message="This name is stopped already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display().lower()})"


class KindManager(models.Manager.from_queryset(TagQuerySet)):  # type: ignore[misc]
    """Tags of the one kind that a proxy stands for."""

    def get_queryset(self) -> TagQuerySet:
        """Only rows of the proxy's kind."""
        return super().get_queryset().filter(kind=self.model.KIND)  # type: ignore[no-any-return]


class Person(Tag):
    """A person whom stories tell of."""

    KIND = Kind.PERSON
    objects = KindManager()

    class Meta:
        proxy = True
        verbose_name_plural = "people"


class Place(Tag):
    """A place that stories name."""

    KIND = Kind.PLACE
    objects = KindManager()

    class Meta:
        proxy = True


class Theme(Tag):
    """What stories are about."""

    KIND = Kind.THEME
    objects = KindManager()

    class Meta:
        proxy = True
