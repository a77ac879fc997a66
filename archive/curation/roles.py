"""Who may do what with which story at the desk: contributors have their own drafts, no more."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from archive.models import Collection, Story

#: The permission of contributors (``archive.models.roles``).
OWN = "archive.write_own_story"


def sees_all(request: HttpRequest) -> bool:
    """Whether the account may see everybody's drafts."""
    user = request.user
    return user.has_perm("archive.view_story") or user.has_perm("archive.change_story")


def may_publish(request: HttpRequest) -> bool:
    """Whether the account decides what visitors see."""
    return request.user.has_perm("archive.publish_story")


class OwnDrafts:
    """Permissions of the story pages: Django's own, and for contributors their own stories."""

    def get_queryset(self, request: HttpRequest) -> Any:
        """All stories, or those that the account wrote."""
        stories: QuerySet[Story] = super().get_queryset(request)  # type: ignore[misc]
        return stories if sees_all(request) else stories.filter(owner=request.user.pk)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show stories at the desk also to contributors."""
        return bool(super().has_module_permission(request)) or request.user.has_perm(OWN)  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Contributors may begin a story."""
        return bool(super().has_add_permission(request)) or request.user.has_perm(OWN)  # type: ignore[misc]

    def has_view_permission(self, request: HttpRequest, obj: Story | None = None) -> bool:
        """Contributors see what they wrote, also when it is published."""
        if super().has_view_permission(request, obj):  # type: ignore[misc]
            return True
        return request.user.has_perm(OWN) and (obj is None or obj.owner_id == request.user.pk)

    def has_change_permission(self, request: HttpRequest, obj: Story | None = None) -> bool:
        """Contributors change their own drafts."""
        if super().has_change_permission(request, obj):  # type: ignore[misc]
            return True
        own = obj is None or (obj.owner_id == request.user.pk and obj.status == Story.Status.DRAFT)
        return request.user.has_perm(OWN) and own


class OfTheStory:
    """Permissions of what belongs to a story: whoever may change the story may change it too."""

    def has_add_permission(self, request: HttpRequest, obj: Story | None = None) -> bool:
        """As the story."""
        return self._story_allows(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Story | None = None) -> bool:
        """As the story."""
        return self._story_allows(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Story | None = None) -> bool:
        """Whoever sees the story's form sees what belongs to it."""
        return True

    def _story_allows(self, request: HttpRequest, obj: Story | None) -> bool:
        page: Any = self.admin_site.get_model_admin(Story)  # type: ignore[attr-defined]
        if obj is None:
            return bool(page.has_add_permission(request))
        return bool(page.has_change_permission(request, obj))


def collections_for(request: HttpRequest, collections: QuerySet[Collection]) -> Any:
    """*collections* without those that only drafts of others know."""
    if sees_all(request):
        return collections
    seen = Story.objects.visible_to(request.user)
    return collections.filter(pk__in=seen.values("collection"))
