"""What is kept: stories, tags, taggings, mentions and sources."""

from archive.models.change import Change
from archive.models.mention import CONTEXT_CHARS, Mention
from archive.models.slugs import SLUG_LENGTH, slug_for, unique_slug
from archive.models.source import Import, Source
from archive.models.story import Collection, OldSlug, Story, StoryQuerySet
from archive.models.tag import (
    KINDS,
    Kind,
    KindInfo,
    OtherName,
    Person,
    Place,
    StopName,
    Tag,
    TagQuerySet,
    Theme,
)
from archive.models.tagging import Tagging

__all__ = [
    "CONTEXT_CHARS",
    "KINDS",
    "SLUG_LENGTH",
    "Change",
    "Collection",
    "Import",
    "Kind",
    "KindInfo",
    "Mention",
    "OldSlug",
    "OtherName",
    "Person",
    "Place",
    "Source",
    "StopName",
    "Story",
    "StoryQuerySet",
    "Tag",
    "TagQuerySet",
    "Tagging",
    "Theme",
    "slug_for",
    "unique_slug",
]
