"""The review queue: pages for deciding on suggestions, from the keyboard or with buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from archive.curation import decisions, queue
from archive.curation.decisions import RefusedError, Seen
from archive.curation.queue import Filters
from archive.models import KINDS, Decision, Story, Tag
from archive.tagging.spans import RULES

#: Decisions that one action may take.
MAX_AT_ONCE = 500
#: Past decisions beside the queue.
RECENT = 6
DECISIONS_PER_PAGE = 50
CONFIDENCE_LABELS = {
    "high": gettext_lazy("quite sure"),
    "medium": gettext_lazy("fairly sure"),
    "low": gettext_lazy("not sure"),
}
may_review = permission_required("archive.change_tagging", raise_exception=True)


def desk_page(
    request: HttpRequest, template: str, title: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page of the desk that is not one of the admin's own."""
    return TemplateResponse(
        request,
        template,
        {**admin.site.each_context(request), "title": title, **context},
        status=status,
    )


@require_safe
@may_review
def review(request: HttpRequest) -> HttpResponse:
    """A page of the queue."""
    filters = Filters.read(request.GET)
    user = request.user
    page = queue.page(user, filters)  # type: ignore[arg-type]
    rows = queue.waiting(user, filters)  # type: ignore[arg-type]
    context = {
        "page": page,
        "filters": filters,
        "back": filters.query(after=filters.after),
        "next": filters.query(after=page.next) if page.next else "",
        "first": filters.query() if any(filters.after) else None,
        "count": queue.in_words(queue.bounded(rows)),
        "choices": _choices(user, filters),
        "subject": _subject(filters),
        "everything": filters.query(tag=0, story=0),
        "recent": Decision.objects.filter(user=user)[:RECENT],  # type: ignore[misc]
        "by_tag": filters.query(tag=0, story=0),
        "kinds": KINDS.values(),
    }
    return desk_page(request, "admin/review.html", _("Review"), context)


def _subject(filters: Filters) -> Tag | Story | None:
    """The tag or story whose batch this is."""
    if filters.tag:
        return Tag.objects.filter(pk=filters.tag).first()
    return Story.objects.light().filter(pk=filters.story).first() if filters.story else None


def _choices(user: Any, filters: Filters) -> list[dict[str, Any]]:
    """The selects above the queue; kinds with counts."""
    kinds = [
        (kind, f"{info.heading} ({_count(user, filters, kind)})") for kind, info in KINDS.items()
    ]
    collections = queue.collections()
    return [
        {
            "name": "kind", "label": _("Kind"), "all": _("All kinds"),
            "values": kinds, "chosen": filters.kind,
        },
        {
            "name": "confidence", "label": _("How sure"), "all": _("However sure"),
            "values": list(CONFIDENCE_LABELS.items()), "chosen": filters.confidence,
        },
        {
            "name": "rule", "label": _("Rule"), "all": _("Every rule"),
            "values": list(RULES.items()), "chosen": filters.rule,
        },
        {
            "name": "collection", "label": _("Collection"), "all": _("All collections"),
            "values": collections, "chosen": filters.collection,
        },
    ]  # fmt: skip


def _count(user: Any, filters: Filters, kind: str) -> str:
    params = QueryDict(filters.query(kind=kind))
    return queue.in_words(queue.bounded(queue.waiting(user, Filters.read(params))))


@require_safe
@may_review
def batches(request: HttpRequest, by: str) -> HttpResponse:
    """The queue gathered by tag or by story."""
    filters = Filters.read(request.GET)
    context = {
        "batches": queue.batches(request.user, filters, by),  # type: ignore[arg-type]
        "by": by,
        "filters": filters,
        "query": filters.query(),
    }
    title = _("Review by tag") if by == "tag" else _("Review by story")
    return desk_page(request, "admin/review_batches.html", title, context)


@require_POST
@may_review
def decide(request: HttpRequest) -> HttpResponse:
    """Take the decision that was posted, for one suggestion or several."""
    try:
        decision = _decide(request)
    except RefusedError as refusal:
        return _answer(request, str(refusal), refused=True)
    except ChoiceNeededError as question:
        return _ask(request, question)
    return _answer(request, decision.words, decision)


class ChoiceNeededError(Exception):
    """The name that was typed does not say which tag is meant."""

    def __init__(self, name: str, kind: str, tags: list[Tag]) -> None:
        super().__init__(name)
        self.name, self.kind, self.tags = name, kind, tags


def _decide(request: HttpRequest) -> Decision:
    user: Any = request.user
    verdict = request.POST.get("verdict", "")
    seen = [_seen(value) for value in request.POST.getlist("seen")[:MAX_AT_ONCE]]
    if not seen:
        raise RefusedError(_("Nothing was chosen."))
    if verdict == "confirm":
        return decisions.confirm(user, seen)
    if verdict in ("reject", "stop"):
        return decisions.reject(user, seen, for_good=verdict == "stop")
    if verdict == "split" and len(seen) == 1:
        places = [queue.number(value) for value in request.POST.getlist("place")[:MAX_AT_ONCE]]
        return decisions.split(user, seen[0], request.POST.get("apart", ""), places)
    if verdict == "change" and len(seen) == 1:
        return decisions.change(user, seen[0], _meant(request, seen[0]))
    raise RefusedError(_("This cannot be done here."))


def _seen(value: str) -> Seen:
    tagging, _dot, tag = value.partition(".")
    return Seen(queue.number(tagging), queue.number(tag))


def _meant(request: HttpRequest, seen: Seen) -> Tag:
    """The tag that was typed or chosen.

    Raises:
        ChoiceNeededError: several tags bear the name, or none does.
        RefusedError: nothing was typed.
    """
    if pk := queue.number(request.POST.get("to_id", "")):
        if tag := Tag.objects.filter(pk=pk).first():
            return tag
        raise RefusedError(_("This tag is not there any more."))
    name = " ".join(request.POST.get("to", "").replace("\x00", "").split())[:300]
    if not name:
        raise RefusedError(_("Write the name of the right tag."))
    suggested = Tag.objects.filter(pk=seen.tag).values_list("kind", flat=True).first()
    kind = request.POST.get("to_kind", "") or suggested or ""
    if kind not in KINDS:
        raise RefusedError(_("This kind of tag is not known."))
    if request.POST.get("new") and request.user.has_perm("archive.add_tag"):  # type: ignore[union-attr]
        return Tag.objects.named(kind, name).first() or Tag.objects.create(kind=kind, name=name)
    found = find_tags(kind, name)
    if len(found) == 1:
        return found[0]
    raise ChoiceNeededError(name, kind, found)


def find_tags(kind: str, name: str) -> list[Tag]:
    """Tags of *kind* that *name* may mean: the one it tells apart in brackets, or all so called."""
    bare, bracket, apart = name.rpartition(" (")
    if bracket and apart.endswith(")"):
        told = Tag.objects.named(kind, bare).filter(disambiguation__iexact=apart[:-1])[:2]
        if found := list(told):
            return found
    return list(Tag.objects.called(kind, name).order_by("name_key", "pk")[:20])


def _ask(request: HttpRequest, question: ChoiceNeededError) -> HttpResponse:
    """Ask which of several tags is meant, or whether to make a new one."""
    if _wants_json(request):
        words = _("Which “%(name)s”? The page asks.") % {"name": question.name}
        return JsonResponse({"ok": False, "ask": True, "words": words}, status=409)
    context = {
        "question": question,
        "seen": request.POST.getlist("seen")[:1],
        "back": _back(request),
        "info": KINDS[question.kind],
    }
    return desk_page(request, "admin/review_which.html", _("Which tag?"), context)


@require_POST
@may_review
def undo(request: HttpRequest) -> HttpResponse:
    """Take a decision back."""
    pk = queue.number(request.POST.get("decision", ""))
    decision = Decision.objects.filter(pk=pk).first()
    if decision and decision.action == Decision.Action.MERGE:
        needed = "archive.delete_tag"
    else:
        needed = "archive.change_tagging"
    if not request.user.has_perm(needed):  # type: ignore[union-attr]
        return _answer(request, _("You may not undo this."), refused=True)
    try:
        undone = decisions.undo(request.user, pk)  # type: ignore[arg-type]
    except RefusedError as refusal:
        return _answer(request, str(refusal), refused=True)
    return _answer(request, _("Undone: %(words)s") % {"words": undone.words})


@require_safe
@may_review
def history(request: HttpRequest) -> HttpResponse:
    """What was decided, by whom, the newest first; each can be undone."""
    rows = Decision.objects.select_related("user").defer("record")
    before = queue.number(request.GET.get("before", ""))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: DECISIONS_PER_PAGE + 1])
    shown = found[:DECISIONS_PER_PAGE]
    context = {"decisions": shown, "before": shown[-1].pk if len(found) > len(shown) else None}
    return desk_page(request, "admin/decisions.html", _("Decisions"), context)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _back(request: HttpRequest) -> str:
    """The filters to return to, as a query string that is ours."""
    filters = Filters.read(QueryDict(request.POST.get("back", "")[:2000]))
    return filters.query(after=filters.after)


def _answer(
    request: HttpRequest, words: str, decision: Decision | None = None, *, refused: bool = False
) -> HttpResponse:
    """Say what came of it: as JSON to the page's script, else by a message on the queue."""
    if _wants_json(request):
        data = {"ok": not refused, "words": words, "decision": decision.pk if decision else None}
        return JsonResponse(data, status=409 if refused else 200)
    messages.add_message(request, messages.WARNING if refused else messages.SUCCESS, words)
    if request.POST.get("to_list"):
        return redirect("admin:decisions")
    return redirect(f"{reverse('admin:review')}?{_back(request)}")
