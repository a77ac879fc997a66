"""What curators edit: importing this registers it with the desk."""

from archive.curation import audit, people, sources, stories, tags

__all__ = ["audit", "people", "sources", "stories", "tags"]
