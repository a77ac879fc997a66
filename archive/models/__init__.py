"""What is kept: stories, tags, taggings, mentions and sources."""

from archive.models.audit import AuditEntry
from archive.models.change import Change
from archive.models.desk import CUE_LENGTH, Decision, NotSame, OtherNotation, Preference, ThemeCue
from archive.models.mention import CONTEXT_CHARS, Mention
from archive.models.presence import OpenEdit
from archive.models.sharing import ShareLink
from archive.models.slugs import SLUG_LENGTH, Slugs, slug_for, unique_slug
from archive.models.source import Import, ImportedFile, Source
from archive.models.story import Collection, OldSlug, Story, StoryQuerySet
from archive.models.tag import (
    KINDS,
    Kind,
    KindInfo,
    OldTagSlug,
    OtherName,
    Person,
    Place,
    StopName,
    Tag,
    TagQuerySet,
    Theme,
)
from archive.models.tagging import Tagging
from archive.models.workflow import ReviewNote

__all__ = [
    "CONTEXT_CHARS",
    "CUE_LENGTH",
    "KINDS",
    "SLUG_LENGTH",
    "AuditEntry",
    "Change",
    "Collection",
    "Decision",
    "Import",
    "ImportedFile",
    "Kind",
    "KindInfo",
    "Mention",
    "NotSame",
    "OldSlug",
    "OldTagSlug",
    "OpenEdit",
    "OtherName",
    "OtherNotation",
    "Person",
    "Place",
    "Preference",
    "ReviewNote",
    "ShareLink",
    "Slugs",
    "Source",
    "StopName",
    "Story",
    "StoryQuerySet",
    "Tag",
    "TagQuerySet",
    "Tagging",
    "Theme",
    "ThemeCue",
    "slug_for",
    "unique_slug",
]
