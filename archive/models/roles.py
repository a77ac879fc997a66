"""The roles of people who work on the archive, as groups with permissions.

``make_roles`` runs in migrations. It adds what is missing and takes nothing away, so that an
administrator's own changes to a role stay. A permission that is new in ``ROLES`` needs a
migration that calls it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: Kinds of rows that are tags, or belong to them.
_TAGS = ("tag", "person", "place", "theme", "othername")
_ALL = ("view", "add", "change", "delete")


def _each(actions: tuple[str, ...], *models: str, app: str = "archive") -> Iterator[str]:
    return (f"{app}.{action}_{model}" for model in models for action in actions)


#: Sees drafts, and changes nothing.
READER = frozenset(_each(("view",), "story", "collection", "tagging", "mention", *_TAGS))
#: Writes drafts, sees no others, publishes nothing.
CONTRIBUTOR = frozenset({"archive.write_own_story", "archive.view_collection"})
#: Stories, tags, review, uploads.
CURATOR = READER | {
    *_each(_ALL, "story", "collection", "tagging", "stopname", *_TAGS),
    *_each(("view", "add"), "import"),
    "archive.view_source",
    "archive.publish_story",
    "archive.write_own_story",
}
#: All that, and people, settings, imports of whole archives, the audit log.
ADMINISTRATOR = CURATOR | {
    *_each(_ALL, "user", app="auth"),
    *_each(("view",), "group", app="auth"),
    *_each(("change",), "import"),
    *_each(("view",), "auditentry"),
    *_each(("view", "delete"), "accessattempt", app="axes"),
}
ROLES: dict[str, frozenset[str]] = {
    "reader": READER,
    "contributor": CONTRIBUTOR,
    "curator": CURATOR,
    "administrator": ADMINISTRATOR,
}


def make_roles(apps: Any, schema_editor: Any = None) -> None:
    """Make the groups of ``ROLES``, or add what they lack; run as a step of a migration.

    Permissions and content types are made here where Django, which does so only after all
    migrations, has not yet come to it.
    """
    group_model = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    content_type = apps.get_model("contenttypes", "ContentType")
    for role, names in ROLES.items():
        group, _ = group_model.objects.get_or_create(name=role)
        for name in sorted(names):
            app, _, codename = name.partition(".")
            model = "story" if codename in _OF_STORY else codename.partition("_")[2]
            kind, _ = content_type.objects.get_or_create(app_label=app, model=model)
            words = _OF_STORY.get(codename) or f"Can {codename.replace('_', ' ')}"
            row, _ = permission.objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": words}
            )
            group.permissions.add(row)


#: Permissions that are no view, add, change or delete, with the names of ``Story.Meta``.
_OF_STORY = {
    "publish_story": "Can publish stories and take them back",
    "write_own_story": "Can write stories and edit own drafts",
}
