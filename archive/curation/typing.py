"""Tags by typing: a kind and a name become a tag, known or new."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from archive.curation.roles import OWN, sees_all
from archive.models import KINDS, Story, Tag, Tagging
from archive.models.tag import NAME_LENGTH, name_key
from archive.search.index import index

#: Tags offered while a name is typed.
OFFERED = 10


def resolve(kind: str, typed: str, seen: QuerySet[Tag] | None = None) -> Tag:
    """The tag of *kind* called *typed*, by its name or another one; a new, unsaved one if none is.

    ``Anna Petrova (doctor)`` means the Anna Petrova whom the word in brackets tells apart. Where
    several are meant, only those among *seen* are named.

    Raises:
        ValidationError: several bear the name, or it is none.
    """
    name, _bracket, rest = typed.strip().partition(" (")
    word = rest.removesuffix(")").strip() if rest.endswith(")") else ""
    exact = [tag for tag in Tag.objects.called(kind, name) if word] if word else []
    named = [tag for tag in exact if name_key(tag.disambiguation) == name_key(word)]
    if len(named) == 1:
        return named[0]
    known = list(Tag.objects.called(kind, typed)[: OFFERED + 1])
    if len(known) > 1:
        # The one whose own name it is goes before those that are also called so.
        own = [tag for tag in known if tag.name_key == name_key(typed)]
        known = own if len(own) == 1 else known
    if len(known) == 1:
        return known[0]
    if known:
        if seen is not None:
            shown = set(seen.filter(pk__in=[tag.pk for tag in known]).values_list("pk", flat=True))
            known = [tag for tag in known if tag.pk in shown]
        if not known:
            raise ValidationError(_("Several are called so: add in brackets who or what it is."))
        choices = "”, “".join(str(tag) for tag in known[:OFFERED])
        raise ValidationError(_("Several are called so: write “%(them)s”.") % {"them": choices})
    tag = Tag(kind=kind, name=name if word else typed.strip(), disambiguation=word)
    tag.full_clean(exclude=["slug"])
    return tag


def tags_for(request: HttpRequest) -> QuerySet[Tag] | None:
    """The tags that the account may learn of; None for all of them."""
    if sees_all(request):
        return None
    used = Tagging.objects.filter(story__in=Story.objects.visible_to(request.user))
    return Tag.objects.filter(Q(reviewed=True) | Q(pk__in=used.values("tag")))


def offered(request: HttpRequest, typed: str) -> QuerySet[Tag]:
    """Tags whose name, or another name, begins with *typed*; contributors meet no other drafts'."""
    key = name_key(typed[:NAME_LENGTH])
    tags = Tag.objects.filter(
        Q(name_key__startswith=key)
        | Q(name_key__contains=f" {key}")
        | Q(other_names__name_key__startswith=key)
    )
    seen = tags_for(request)
    return (tags if seen is None else tags.filter(pk__in=seen.values("pk"))).distinct()


@require_safe
def find_tags(request: HttpRequest) -> JsonResponse:
    """Tags for a name that is being typed, as JSON: kind, name and what tells them apart."""
    user = request.user
    if not (user.has_perm(OWN) or user.has_perm("archive.change_story")):
        raise PermissionDenied
    typed = " ".join(request.GET.get("q", "").replace("\x00", "").split())
    kind = request.GET.get("kind", "")
    found: Any = offered(request, typed) if name_key(typed) else Tag.objects.none()
    if kind in KINDS:
        found = found.filter(kind=kind)
    counts = index.tag_counts()
    some = found.prefetch_related("other_names")[: OFFERED * 5]
    best = sorted(some, key=lambda tag: (-counts.get(tag.pk, 0), tag.pk))[:OFFERED]
    key = name_key(typed)
    return JsonResponse({"tags": [_item(tag, key, counts.get(tag.pk, 0)) for tag in best]})


def _item(tag: Tag, key: str, stories: int) -> dict[str, str]:
    """What is said of an offered tag: its kind, how often it is used, which name was meant."""
    many = ngettext("%(n)d story", "%(n)d stories", stories) % {"n": stories}
    detail = f"{tag.get_kind_display()}, {many}"
    also = [name.name for name in tag.other_names.all() if name.name_key.startswith(key)]  # type: ignore[attr-defined]
    if also and not tag.name_key.startswith(key):
        detail += ", " + _("also called %(name)s") % {"name": also[0]}
    return {"kind": tag.kind, "name": str(tag), "detail": detail}
