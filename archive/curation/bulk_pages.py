"""Asking before many stories are changed: the actions of the story list and their one page."""

from __future__ import annotations

import dataclasses
import tempfile
import zipfile
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db.models import Prefetch, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from archive.curation import bulk
from archive.curation.audit import record
from archive.curation.bulk import DEEDS, Chosen, Deed, Progress
from archive.curation.decisions import RefusedError
from archive.curation.review import desk_page, find_tags
from archive.models import KINDS, Collection, Story, Tag, Tagging
from archive.sharing.exports import markdown_of

#: Titles that the confirmation shows.
SHOWN = 10
#: Bytes of an export that are held in memory before it goes to a file.
IN_MEMORY = 1_000_000
#: Where a request keeps the deed that it agreed to.
_AGREED = "_dastan_agreed_deed"
#: What the form of a deed that goes on is signed with, and for how many seconds.
_SALT = "dastan.bulk"
_RESUMED = 3600


@dataclasses.dataclass(frozen=True, slots=True)
class _Agreed:
    """A deed that was agreed to, as it stands in the form."""

    deed: Deed
    stories: QuerySet[Story]
    chosen: Chosen
    target: Tag | Collection | None

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """Do it; a page that goes on, if it takes more than this request, or None."""
        before = _before(request, self.deed)
        try:
            done = bulk.perform(request.user, self.deed, self.chosen, self.target, before)  # type: ignore[arg-type]
            if done.left:
                return _ask(request, self.deed, bulk.choose(self.stories.all()), done)
        except RefusedError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, done.words)
        return None


def _before(request: HttpRequest, deed: Deed) -> Progress | None:
    """Where the request before this one had to stop, if it says so itself."""
    token = request.POST.get("so_far", "")
    try:
        facts = signing.loads(token, salt=_SALT, max_age=_RESUMED) if token else None
    except signing.BadSignature:
        return None
    if not facts or facts.pop("by") != [request.user.pk, deed.name]:
        return None
    return Progress(**facts)


class BulkActions:
    """Actions of the story list, for those who may do them to any story."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Do what was agreed to when the list is done: it makes a revision of its own around it."""
        answer: HttpResponseBase = super().changelist_view(request, extra_context)  # type: ignore[misc]
        agreed: _Agreed | None = getattr(request, _AGREED, None)
        return answer if agreed is None else agreed.answer(request) or answer

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The deeds that the account may do; they take the place of Django's own deletion."""
        return {
            name: (_action(deed), name, f"{deed.question}…")
            for name, deed in DEEDS.items()
            if request.user.has_perm(deed.permission)  # type: ignore[union-attr]
        }


def _action(deed: Deed) -> Callable[[Any, HttpRequest, QuerySet[Story]], HttpResponseBase | None]:
    def ask_or_do(
        page: Any, request: HttpRequest, stories: QuerySet[Story]
    ) -> HttpResponseBase | None:
        return _ask_or_do(request, deed, stories)

    return ask_or_do


def _ask_or_do(
    request: HttpRequest, deed: Deed, stories: QuerySet[Story]
) -> HttpResponseBase | None:
    """Show what would happen; do it if this page was answered and nothing changed since."""
    try:
        chosen = bulk.choose(stories)
        if "seal" not in request.POST:
            return _ask(request, deed, chosen)
        if request.POST["seal"] != chosen.seal:
            raise RefusedError(_("The list changed meanwhile. Look at what it holds now."))
        if deed.run is None:
            return _export(request, chosen)
        agreed = _Agreed(deed, stories, chosen, _target(request, deed))
        setattr(request, _AGREED, agreed)
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
        try:
            return _ask(request, deed, bulk.choose(stories))
        except RefusedError:
            return None
    return None


def _target(request: HttpRequest, deed: Deed) -> Tag | Collection | None:
    """The tag or collection that was named.

    Raises:
        RefusedError: none was named, or no single one is called so.
    """
    if deed.needs == "collection":
        slug = request.POST.get("collection", "")
        found = Collection.objects.filter(slug=slug.replace("\x00", "")).first()
        if slug and found is None:
            raise RefusedError(_("This collection is not there any more."))
        return found
    if deed.needs != "tag":
        return None
    kind = request.POST.get("kind", "")
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split())[:300]
    tags = find_tags(kind, name) if kind in KINDS and name else []
    if len(tags) == 1:
        return tags[0]
    if tags:
        names = "”, “".join(str(tag) for tag in tags[:5])
        raise RefusedError(_("Several tags are called so: “%(names)s”.") % {"names": names})
    raise RefusedError(_("No tag is called “%(name)s”.") % {"name": name})


def _ask(
    request: HttpRequest, deed: Deed, chosen: Chosen, done: Progress | None = None
) -> HttpResponse:
    """The page that says what would happen, or, if some is *done*, that it goes on."""
    rows = Story.objects.light().filter(pk__in=chosen.ids[:SHOWN]).order_by("pk")
    context = {
        "deed": deed,
        "count": len(chosen.ids),
        "shown": rows,
        "rest": len(chosen.ids) - len(chosen.ids[:SHOWN]),
        "seal": chosen.seal,
        "selected": request.POST.getlist("_selected_action"),
        "across": request.POST.get("select_across", "0"),
        "kinds": KINDS.values(),
        "collections": Collection.objects.order_by("name")[:500] if deed.needs else (),
        "typed": {name: request.POST.get(name, "") for name in ("name", "kind", "collection")},
        "address": request.get_full_path(),
        "done": done,
        "behind": done.total - done.left if done else 0,
        "so_far": done and signing.dumps(_facts(request, deed, done), salt=_SALT),
    }
    return desk_page(request, "admin/bulk.html", str(deed.question), context)


def _facts(request: HttpRequest, deed: Deed, done: Progress) -> dict[str, Any]:
    return {**dataclasses.asdict(done), "by": [request.user.pk, deed.name]}


def _export(request: HttpRequest, chosen: Chosen) -> HttpResponseBase:
    """The stories as Markdown with front matter in one .zip, which any archive imports."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the response closes it
    confirmed = Tagging.objects.filter(state=Tagging.State.CONFIRMED).select_related("tag")
    tags = Prefetch("taggings", confirmed.order_by("pk"), to_attr="confirmed")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for at in range(0, len(chosen.ids), bulk.BATCH):
            batch = chosen.ids[at : at + bulk.BATCH]
            stories = Story.objects.filter(pk__in=batch).select_related("collection")
            for story in stories.prefetch_related(tags).order_by("pk").iterator(bulk.BATCH):
                archive.writestr(f"{story.slug}.md", markdown_of(story))
    file.seek(0)
    record(request.user, "export", _("%d stories") % len(chosen.ids), stories=len(chosen.ids))
    return FileResponse(file, as_attachment=True, filename="stories.zip")
