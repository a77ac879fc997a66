"""How to cite a story: in words, as BibTeX and as RIS.

BibTeX as in Patashnik, "BibTeXing" (1988), with biblatex's `@online`; RIS as in the specification
of Research Information Systems (2001).
"""

from __future__ import annotations

import dataclasses
import datetime
import re

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from archive.models import Story

#: Formats that can be downloaded, with the media type of each.
FORMATS = {"bib": "application/x-bibtex", "ris": "application/x-research-info-systems"}
#: Signs that BibTeX reads as commands. Left out, as escapes differ between programs.
_BIBTEX_SIGNS = re.compile(r"[\\{}$%#&_^~]")
_LINES = re.compile(r"\s+")
_YEAR = re.compile(r"\b(1\d{3}|20\d{2})\b")


@dataclasses.dataclass(frozen=True, slots=True)
class Citation:
    """What a citation of a story says."""

    creator: str
    title: str
    site: str
    collection: str
    date: str  # as written
    url: str
    language: str
    rights: str
    slug: str
    published: datetime.date | None
    accessed: datetime.date

    @property
    def plain(self) -> str:
        """One sentence for a footnote or a list of sources."""
        parts = [f"{self.creator}." if self.creator else "", f"“{self.title}”."]
        if self.date:
            parts.append(f"{self.date}.")
        where = f"{self.site}, {self.collection}" if self.collection else self.site
        read = _("read on %(date)s") % {"date": date_format(self.accessed, "j F Y")}
        parts.append(f"{where}. {self.url} ({read}).")
        return " ".join(filter(None, parts)).replace("..", ".")

    @property
    def year(self) -> str:
        """The year that the date names, if it names one."""
        found = _YEAR.search(self.date)
        return found[1] if found else ""

    @property
    def bib(self) -> str:
        """A BibTeX entry."""
        fields = {
            "author": self.creator,
            "title": self.title,
            "year": self.year,
            "note": self.date if self.date != self.year else "",
            "organization": self.site,
            "series": self.collection,
            "langid": self.language,
            "url": self.url,
            "urldate": self.accessed.isoformat(),
        }
        lines = [
            f"  {name} = {{{value if name == 'url' else _bibtex(value)}}},"
            for name, value in fields.items()
            if value
        ]
        return "\n".join([f"@online{{{self.slug},", *lines, "}", ""])

    @property
    def ris(self) -> str:
        """A RIS record; its lines end as the specification asks."""
        fields = [
            ("TY", "ELEC"),
            ("AU", self.creator),
            ("TI", self.title),
            ("PY", self.year),
            ("DA", self.date if self.date != self.year else ""),
            ("PB", self.site),
            ("T2", self.collection),
            ("LA", self.language),
            ("UR", self.url),
            ("Y2", self.accessed.strftime("%Y/%m/%d")),
            ("C1", self.rights),
        ]
        lines = [f"{tag}  - {_one_line(value)}" for tag, value in fields if value]
        return "\r\n".join([*lines, "ER  - ", ""])


def citation(story: Story, url: str) -> Citation:
    """The citation of *story*, whose full address is *url*, as of today."""
    return Citation(
        creator=_one_line(story.creator),
        title=_one_line(story.title),
        site=settings.SITE_NAME,
        collection=_one_line(story.collection.name) if story.collection else "",
        date=_one_line(story.date),
        url=url,
        language=story.language,
        rights=_one_line(story.rights),
        slug=story.slug,
        published=story.published_at.date() if story.published_at else None,
        accessed=timezone.localdate(),
    )


def _one_line(text: str) -> str:
    return _LINES.sub(" ", text).strip()


def _bibtex(text: str) -> str:
    return _one_line(_BIBTEX_SIGNS.sub("", text))
