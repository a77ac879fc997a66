"""From one life to another in a real browser: reasons, tags, concordance, indexes, side by side."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_reason_leads_to_its_sentences_and_they_to_the_other_life(page: Page) -> None:
    page.goto("/stories/giulia-baktybekova/")
    page.get_by_role("link", name="The only two stories here tagged with mental health").click()
    expect(page).to_have_url(re.compile("/themes/mental-health/$"))
    expect(page.locator(".told")).to_have_count(2)
    page.locator(".told", has_text="Romy").locator(".told-words a").first.click()
    expect(page).to_have_url(
        re.compile(r"/stories/romy-baktybekova/\?in=theme%3Dmental-health#m-\d+$")
    )
    lit = page.locator(".mark:target")
    expect(lit).to_have_text("pressure")
    expect(lit).to_be_in_viewport()


def test_the_concordance_is_sorted_by_links_and_stands_in_columns(page: Page) -> None:
    page.goto("/themes/dance/")
    page.get_by_role("link", name="Every mention in its context").click()
    expect(page.locator(".kwic tbody tr")).to_have_count(40)
    page.get_by_role("link", name="By the words after").click()
    expect(page.locator(".sorts [aria-current]")).to_have_text("By the words after")
    places = page.locator(".kwic-words").evaluate_all(
        "cells => cells.map(cell => cell.getBoundingClientRect().x)"
    )
    assert len(set(places)) == 1
    with page.expect_download() as download:
        page.get_by_role("link", name="All mentions as a table (CSV)").click()
    assert download.value.suggested_filename == "dance-words.csv"


def test_through_the_tree_by_keyboard(page: Page) -> None:
    page.goto("/places/")
    fold = page.locator("summary", has_text="Below Europe")
    fold.focus()
    expect(page.get_by_role("link", name="Moscow").last).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".tag-tree").get_by_role("link", name="Moscow")).to_be_hidden()
    page.get_by_label("Find a place").fill("kok")
    page.keyboard.press("Enter")
    page.locator(".tag-list").get_by_role("link", name="Kokand").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kokand")
    page.goto("/people/")
    letter, name = page.locator(".letter").first, page.locator(".by-letter a").first
    edges = letter.bounding_box(), name.bounding_box()
    assert edges[0] and edges[1]
    assert edges[0]["x"] + edges[0]["width"] < edges[1]["x"]  # the letter stands beside the name


def lefts(page: Page) -> list[float]:
    """Where the heads of the columns begin."""
    return page.locator(".compare-head").evaluate_all(
        "heads => heads.map(head => head.getBoundingClientRect().x)"
    )


def test_from_a_story_to_three_lives_side_by_side(page: Page) -> None:
    page.goto("/stories/giulia-baktybekova/")
    page.get_by_role("link", name="Compare with another life").click()
    page.get_by_label("Words, names or titles of the life to add").fill("Vaganova")
    page.keyboard.press("Enter")
    page.locator(".picks").get_by_role("link", name="Romy Baktybekova").click()
    expect(page).to_have_url(re.compile("/compare/giulia-baktybekova/romy-baktybekova/$"))
    expect(page.locator(".shared-row h3").first).to_have_text("Mental health")
    expect(page.locator(".compare .atlas-route.route-2").first).to_be_attached()
    page.get_by_role("link", name="Add another life").click()
    page.locator(".picks").get_by_role("link", name="Thierry Baktybekova").click()
    expect(page.locator(".compare-head")).to_have_count(3)
    left = [
        box["x"]
        for box in (one.bounding_box() for one in page.locator(".compare-head").all())
        if box
    ]
    assert left == sorted(left) and len(set(left)) == 3
    page.set_viewport_size({"width": 390, "height": 844})
    left = [
        box["x"]
        for box in (one.bounding_box() for one in page.locator(".compare-head").all())
        if box
    ]
    assert len(set(left)) == 1
    page.get_by_role("link", name="Leave out Romy Baktybekova").click()
    expect(page).to_have_url(re.compile("/compare/giulia-baktybekova/thierry-baktybekova/$"))


@pytest.mark.parametrize("width", [1280, 390])
def test_letters_stand_beside_the_names(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/people/")
    letters = page.locator(".letter")
    expect(letters).to_have_text(["B", "P"])
    for letter in letters.all():
        a, b = letter.bounding_box(), letter.locator("xpath=../a").bounding_box()
        assert a
        assert b
        assert a["x"] + a["width"] <= b["x"]
