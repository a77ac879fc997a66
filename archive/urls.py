"""The site's table of contents."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from archive.models import KINDS
from archive.reading import views

readers: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("stories/", views.stories, name="stories"),
    path("stories/<slug:slug>/", views.story, name="story"),
    path("about/", views.about, name="about"),
    path("favicon.ico", views.favicon),
]
for info in KINDS.values():
    readers += [
        path(f"{info.plural}/", views.tag_index, {"kind": info.kind}, name=info.plural),
        path(
            f"{info.plural}/<slug:slug>/", views.tag_page, {"kind": info.kind}, name=info.parameter
        ),
    ]

curators: list[URLPattern | URLResolver] = [
    path("admin/originals/<int:source_id>/", views.original, name="original"),
    path("admin/", admin.site.urls),
]

urlpatterns = readers + curators
