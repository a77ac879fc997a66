"""Pages for the tools of tags: merging, near-duplicates, splitting."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archive.curation import merging, queue, splitting, twins
from archive.curation.decisions import RefusedError
from archive.curation.review import desk_page, find_tags
from archive.models import KINDS, NotSame, Tag, Tagging

#: Pairs on a page of near-duplicates.
PAIRS = 50
REASONS = {
    "words": gettext_lazy("the same words"),
    "letters": gettext_lazy("nearly the same letters"),
    "name": gettext_lazy("a name in common"),
}
may_change = permission_required("archive.change_tag", raise_exception=True)
may_merge = permission_required(["archive.change_tag", "archive.delete_tag"], raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_merge
def merge(request: HttpRequest) -> HttpResponse:
    """Choose tags, see what merging them would do, merge them."""
    values = request.POST if request.method == "POST" else request.GET
    ids = [pk for pk in map(queue.number, values.getlist("tag")) if pk]
    ids += [tag.pk for tag in _added(request, values.get("add", ""), values.get("kind", ""))]
    try:
        tags = merging.chosen(ids)
    except RefusedError as refusal:
        tags = list(Tag.objects.filter(pk__in=ids[: merging.MOST]).order_by("pk"))
        return _merge_page(request, tags, said=str(refusal) if ids else "")
    into = queue.number(values.get("into", ""))
    kept = next((tag for tag in tags if tag.pk == into), None)
    if request.method != "POST" or kept is None:
        return _merge_page(request, tags, kept or merging.best(tags, merging.usage(tags)))
    try:
        decision = merging.merge(request.user, kept, tags, values.get("seen", "-"))  # type: ignore[arg-type]
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
        return redirect(f"{reverse('admin:merge')}?{urlencode([('tag', pk) for pk in ids])}")
    messages.success(request, decision.words)
    return redirect(f"admin:archive_{kept.kind}_change", kept.pk)


def _added(request: HttpRequest, name: str, kind: str) -> list[Tag]:
    """Tags that were added by typing a name; says so if there is none."""
    name = " ".join(name.replace("\x00", "").split())[:300]
    if not name or kind not in KINDS:
        return []
    found = find_tags(kind, name)
    if not found:
        messages.warning(request, _("No tag is called “%(name)s”.") % {"name": name})
    return found


def _merge_page(
    request: HttpRequest, tags: list[Tag], kept: Tag | None = None, said: str = ""
) -> HttpResponse:
    context = {
        "tags": tags,
        "kept": kept,
        "preview": merging.preview(kept, tags) if kept else None,
        "kind": tags[0].kind if tags else request.GET.get("kind", ""),
        "kinds": KINDS.values(),
        "said": said,
    }
    if kept and context["preview"]:
        counts = context["preview"].counts  # type: ignore[attr-defined]
        context["rows"] = [(tag, counts[tag.pk]) for tag in tags]
    return desk_page(request, "admin/merge.html", _("Merge tags"), context)


@require_safe
@may_change
def near(request: HttpRequest) -> HttpResponse:
    """Tags that look like the same."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else "place"
    found = twins.near(kind)
    pairs = found[:PAIRS]
    tags = Tag.objects.in_bulk({pk for pair in pairs for pk in (pair.first, pair.second)})
    rows = Tagging.objects.filter(tag__in=tags).exclude(state=Tagging.State.REJECTED)
    counts = dict(rows.order_by().values_list("tag").annotate(Count("pk")))
    lines = [
        {
            "first": tags[pair.first],
            "second": tags[pair.second],
            "counts": (counts.get(pair.first, 0), counts.get(pair.second, 0)),
            "reason": REASONS[pair.reason],
        }
        for pair in pairs
        if pair.first in tags and pair.second in tags
    ]
    context = {
        "lines": lines,
        "total": len(found),
        "kinds": [(info, info.kind.value == kind) for info in KINDS.values()],
        "kind": kind,
    }
    return desk_page(request, "admin/near.html", _("Tags that look alike"), context)


@require_POST
@may_change
def not_same(request: HttpRequest) -> HttpResponse:
    """Remember that two tags are not the same, or forget it."""
    ids = sorted({queue.number(value) for value in request.POST.getlist("tag")[:2]})
    tags = list(Tag.objects.filter(pk__in=ids).order_by("pk"))
    kind = tags[0].kind if tags else ""
    if len(tags) == 2 and tags[0].kind == tags[1].kind:
        pair = {"first": tags[0], "second": tags[1]}
        if request.POST.get("forget"):
            NotSame.objects.filter(**pair).delete()
        else:
            NotSame.objects.get_or_create(**pair, defaults={"user": request.user})
            words = _("“%(first)s” and “%(second)s” are not the same: noted.")
            messages.success(request, words % pair)
    return redirect(f"{reverse('admin:near')}?kind={kind}")


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose stories of a tag that mean somebody or something else, and say whom."""
    tag = get_object_or_404(Tag, pk=pk)
    values = request.POST if request.method == "POST" else request.GET
    after = queue.number(values.get("after", ""))
    typed = {name: values.get(name, "") for name in ("to", "apart")}
    if request.method == "POST":
        chosen = [queue.number(value) for value in request.POST.getlist("seen")]
        try:
            decision = splitting.split(request.user, tag, chosen, **_target(tag, typed))  # type: ignore[arg-type]
        except RefusedError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, decision.words)
            return redirect("admin:split", tag.pk)
    context = {
        "tag": tag,
        "page": splitting.page(request.user, tag, after),  # type: ignore[arg-type]
        "typed": typed,
        "ticked": set(request.POST.getlist("seen")),
        "after": after,
    }
    title = _("Split “%(tag)s”") % {"tag": tag}
    return desk_page(request, "admin/split.html", title, context)


def _target(tag: Tag, typed: dict[str, Any]) -> dict[str, Any]:
    """Whom the chosen stories mean: a tag that is there, or one told apart from *tag*.

    Raises:
        RefusedError: nothing was said, or no single tag bears the name.
    """
    name = " ".join(typed["to"].replace("\x00", "").split())[:300]
    if not name:
        return {"apart": typed["apart"].replace("\x00", "")}
    found = [other for other in find_tags(tag.kind, name) if other.pk != tag.pk]
    if len(found) == 1:
        return {"to": found[0]}
    if found:
        names = ", ".join(f"“{other}”" for other in found[:5])
        raise RefusedError(_("Several tags are called so: %(names)s.") % {"names": names})
    raise RefusedError(_("No other tag is called “%(name)s”.") % {"name": name})
