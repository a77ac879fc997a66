"""What curators edit: importing this registers it with the desk."""

from archive.curation import sources, stories, tags

__all__ = ["sources", "stories", "tags"]
