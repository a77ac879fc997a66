"""The site's table of contents."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path, re_path

from archive.models import KINDS
from archive.reading import (
    compare,
    frame,
    front,
    map_views,
    network_views,
    search_views,
    shared,
    story_views,
    tag_indexes,
    tag_pages,
    views,
)
from archive.sharing import feeds

readers: list[URLPattern | URLResolver] = [
    path("", front.home, name="home"),
    path("stories/", front.stories, name="stories"),
    path("suggest/", search_views.suggest, name="suggest"),
    path("stories/values/<slug:kind>/", search_views.facet_values, name="values"),
    path("stories/<slug:slug>/", story_views.story, name="story"),
    path("stories/<slug:slug>/citation.bib", story_views.cite, {"format": "bib"}, name="cite_bib"),
    path("stories/<slug:slug>/citation.ris", story_views.cite, {"format": "ris"}, name="cite_ris"),
    path("compare/", compare.compare, name="compare"),
    re_path(r"^compare/(?P<slugs>(?:[-\w]+/){1,8})$", compare.compare, name="compare_lives"),
    path("shared/<str:token>/", shared.shared_story, name="shared"),
    path("feed/", feeds.feed, name="feed"),
    path("map/", map_views.map_page, name="map"),
    path("network/", network_views.network_page, name="network"),
    path("about/", front.about, name="about"),
    path("about/design/", front.design, name="design"),
    path("favicon.ico", views.favicon),
    path("robots.txt", frame.robots, name="robots"),
    path("sitemap.xml", frame.sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", frame.sitemap_part, name="sitemap_part"),
]
for info in KINDS.values():
    readers += [
        path(f"{info.plural}/", tag_indexes.tag_index, {"kind": info.kind}, name=info.plural),
        path(
            f"{info.plural}/<slug:slug>/",
            tag_pages.tag_page,
            {"kind": info.kind},
            name=info.parameter,
        ),
        path(
            f"{info.plural}/<slug:slug>/words.csv",
            tag_pages.tag_words,
            {"kind": info.kind},
            name=f"{info.parameter}_words",
        ),
        path(
            f"{info.plural}/<slug:slug>/feed/",
            feeds.tag_feed,
            {"kind": info.kind},
            name=f"{info.parameter}_feed",
        ),
    ]

curators: list[URLPattern | URLResolver] = [
    path("admin/originals/<int:source_id>/", views.original, name="original"),
    path("admin/", admin.site.urls),
]

urlpatterns = readers + curators

handler500 = "archive.reading.frame.server_error"
