"""Accounts: administrators make them and choose their roles."""

from __future__ import annotations

from typing import Any, ClassVar

from axes.models import AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import User
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from archive.curation.audit import record

#: What only an owner of the whole archive (a superuser) may give away.
OWNERS_ALONE = ("is_superuser", "user_permissions")

admin.site.unregister(User)
# The audit log tells the same, and more.
admin.site.unregister([AccessLog, AccessFailureLog])


class NewPersonForm(AdminUserCreationForm):
    """A new account may enter the desk: that is what accounts are for here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.is_staff = True


@admin.register(User)
class PersonAccountAdmin(UserAdmin):
    """Accounts and their roles. Nobody can give, or take, more than they have themselves."""

    add_form = NewPersonForm
    list_display: ClassVar = [
        "username",
        "first_name",
        "last_name",
        "roles",
        "is_active",
        "last_login",
    ]
    list_filter: ClassVar = ["groups", "is_active"]
    search_help_text = _("Searches names and e-mail addresses.")
    fieldsets: ClassVar = [
        (None, {"fields": ["username", "password"]}),
        (_("Name"), {"fields": ["first_name", "last_name", "email"]}),
        (_("What they may do"), {"fields": ["is_active", "is_staff", "groups", *OWNERS_ALONE]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets: ClassVar = [
        (None, {"fields": ["username", "usable_password", "password1", "password2", "groups"]}),
    ]
    readonly_fields: ClassVar = ["last_login", "date_joined"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their roles at hand."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Administrators choose roles; single permissions are for owners of the archive."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else [*fields, *OWNERS_ALONE]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An owner's account (and its password) is changed by owners alone."""
        return super().has_change_permission(request, obj) and self._within(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for changing; nobody deletes their own account by mistake."""
        allowed = super().has_delete_permission(request, obj) and self._within(request, obj)
        return bool(allowed and (obj is None or obj.pk != request.user.pk))

    def _within(self, request: HttpRequest, obj: Any) -> bool:
        return bool(obj is None or not obj.is_superuser or request.user.is_superuser)

    def get_actions(self, request: HttpRequest) -> Any:
        """Accounts are deleted one by one, each after a look."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_related(self, request: Any, form: ModelForm, formsets: Any, change: bool) -> None:
        """Note which roles the account has now."""
        super().save_related(request, form, formsets, change)
        record(
            request.user,
            "person.changed",
            form.instance.get_username(),
            roles=sorted(form.instance.groups.values_list("name", flat=True)),
            active=form.instance.is_active,
        )

    def user_change_password(self, request: Any, id: str, form_url: str = "") -> Any:  # noqa: A002
        """Note that somebody set a password for another account."""
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            record(request.user, "person.changed", self.get_object(request, id), set="password")
        return response

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Note that the account is gone."""
        record(request.user, "person.deleted", obj.get_username())
        super().delete_model(request, obj)

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        """The names of the account's roles."""
        names = [group.name for group in user.groups.all()]
        if user.is_superuser:
            names.insert(0, str(_("owner")))
        return ", ".join(names) or "–"
