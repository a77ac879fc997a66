"""Pages on which the cues of themes are read and changed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from archive.curation import cues, queue
from archive.curation.decisions import RefusedError
from archive.curation.review import desk_page
from archive.curation.tag_tools import may_change
from archive.models import Kind, Tag
from archive.pipeline.cues import OWN, cue_changes, theme_with, themes_here
from archive.tagging.themes import STRENGTHS

#: Themes that curators made, shown on the page of all themes.
MOST_OWN = 500


@require_safe
@may_change
def themes(request: HttpRequest) -> HttpResponse:
    """All themes with the number of their cues."""
    changed = cue_changes()
    lines = [
        {
            "theme": theme,
            "count": sum(len(getattr(theme, strength)) for strength in STRENGTHS),
            "changed": len(changed.get(theme.notation, ())),
        }
        for theme in themes_here()
    ]
    tags = Tag.objects.filter(kind=Kind.THEME, notation="").order_by("name_key", "pk")
    own = [(tag, f"{OWN}{tag.pk}") for tag in tags[:MOST_OWN]]
    context = {"lines": lines, "own": own}
    return desk_page(request, "admin/themes.html", _("Cues of themes"), context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def edit(request: HttpRequest, notation: str) -> HttpResponse:
    """Change the cues of one theme; look first at what that would change."""
    theme = theme_with(notation)
    if theme is None:
        raise Http404
    user: Any = request.user
    posted = request.method == "POST"
    typed = {
        strength: request.POST.get(strength, "")[:60_000].replace("\x00", "")
        if posted
        else ", ".join(getattr(theme, strength))
        for strength in STRENGTHS
    }
    context: dict[str, Any] = {"theme": theme, "own": notation.startswith(OWN)}
    if posted:
        try:
            wanted = cues.read(typed)
            if request.POST.get("save"):
                again = tuple(map(queue.number, request.POST.getlist("again")[:200]))
                changed = cues.save(user, notation, wanted, again)
                said = _("The cues of “%(theme)s” are saved. Stories that changed at once: %(n)d.")
                messages.success(request, said % {"theme": theme.name, "n": changed})
                return redirect("admin:cues", notation)
            context["preview"] = cues.preview(user, theme, wanted)
        except RefusedError as refusal:
            context["refusal"] = str(refusal)
    hints = {
        "sure": _("One of them is enough in a short text; a longer one must say more."),
        "strong": _("Needs company: another cue, or the same one again."),
        "weak": _("Only counts beside others."),
    }
    labels = {"sure": _("Sure"), "strong": _("Strong"), "weak": _("Weak")}
    context["fields"] = [(s, labels[s], hints[s], typed[s]) for s in STRENGTHS]
    title = _("Cues of “%(theme)s”") % {"theme": theme.name}
    return desk_page(request, "admin/cues.html", title, context)
