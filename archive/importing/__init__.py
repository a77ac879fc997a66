"""From bytes to drafts of stories: pure Python, no Django, nothing else of ours.

`read` walks files and folders, `read_bytes` takes one upload; both yield a `StoryDraft` for each
story found and a `Refusal`, with the reason and what to do, for whatever could not be taken.
"""

from archive.importing.drafts import count, read, read_bytes
from archive.importing.values import Limits, Refusal, SourceFile, StoryDraft

__all__ = ["Limits", "Refusal", "SourceFile", "StoryDraft", "count", "read", "read_bytes"]
