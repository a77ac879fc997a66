"""Every type of page: nothing for axe to find, in every theme and width; no sideways scroll."""

from __future__ import annotations

import itertools
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import Site

pytestmark = pytest.mark.browser

#: One address for each type of page that visitors see; a new type of page is added here.
PAGES = {
    "home": "/",
    "list": "/stories/",
    "filtered list": "/stories/?place=kazakhstan&place=paris&not_theme=fame",
    "empty list": "/stories/?place=kokand&place=paris&q=dance",
    "story": "/stories/thierry-baktybekova/",
    "people": "/people/",
    "places": "/places/",
    "themes": "/themes/",
    "person": "/people/madame-petrova/",
    "place": "/places/new-york-city/",
    "theme": "/themes/mental-health/",
    "person with a story": "/people/romy-baktybekova/",
    "wide place": "/places/central-asia/?place_exact=1",
    "concordance": "/themes/dance/?sort=left",
    "found in an index": "/places/?q=k",
    "lives to compare": "/compare/giulia-baktybekova/",
    "lives side by side": "/compare/giulia-baktybekova/romy-baktybekova/lily-baktybekova/",
    "values of a facet": "/stories/values/place/",
    "map": "/map/",
    "map of a region": "/map/?region=europe&theme=dance",
    "network": "/network/",
    "about": "/about/",
    "not found": "/nowhere/",
    "sign in": "/admin/login/",
}
#: What axe looks for of itself, and the size of targets, which came with WCAG 2.2.
EVERYTHING = {
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
#: All that differs between themes; everything else is judged once for each width.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
    "resultTypes": ["violations"],
}


def find_faults(page: Page, options: dict[str, object] | None = None) -> None:
    results = Axe().run(page, options=options or EVERYTHING)
    assert results.violations_count == 0, results.generate_report()


def wear(page: Page, theme: str) -> None:
    """The theme of the reader's choice, or that of the system."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.evaluate(
        "theme => { const root = document.documentElement; window.own ??= root.dataset.theme;"
        "if (theme === 'sepia' || window.own) root.dataset.theme = theme === 'sepia' ? theme : own;"
        "else delete root.dataset.theme; }",
        theme,
    )


def find_faults_in_every_theme(page: Page) -> None:
    find_faults(page)
    for theme in ("dark", "sepia"):
        wear(page, theme)
        find_faults(page, COLOURS)
    wear(page, "light")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_in_every_theme_and_width(page: Page, name: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(PAGES[name])
    find_faults_in_every_theme(page)
    # Twice the size of text on a desktop, the narrowest phone, an ordinary one.
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert overflow(page) <= 0, "sideways at 200 % text"
    page.evaluate("document.documentElement.style.removeProperty('font-size')")
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) <= 0, "sideways at 320 px"
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) <= 0, "sideways at 390 px"
    find_faults_in_every_theme(page)
    outline = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
        "all => all.map(heading => [Number(heading.localName[1]), heading.textContent.trim()])"
    )
    levels = [level for level, _ in outline]
    assert levels.count(1) == 1
    assert all(words for _, words in outline)
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    names = page.locator("nav, section[aria-label]").evaluate_all(
        "all => all.map(part => part.getAttribute('aria-label')"
        " || document.getElementById(part.getAttribute('aria-labelledby'))?.textContent || '')"
    )
    assert len(set(names)) == len(names), f"landmarks that cannot be told apart: {names}"
    # Names without spaces: every heading and link that holds nothing but words becomes one.
    page.set_viewport_size({"width": 320, "height": 700})
    page.locator("main :is(h1, h2, h3, a, a > span:first-child)").evaluate_all(
        "all => all.filter(it => !it.children.length && !it.closest('svg, .visually-hidden')"
        " && it.textContent.trim().length > 3).forEach(it => it.textContent = 'Ж'.repeat(90))"
    )
    assert overflow(page) <= 0, "a long name pushes the page sideways"


def test_the_page_of_components(page: Page, site: Site) -> None:
    page.goto("/about/design/")
    page.get_by_label("Username").fill(site.user)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Components")
    find_faults(page)
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) <= 0


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str, limit: int = 60) -> None:
    """Tab on until the control whose words begin with *name* has the focus."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        words = page.evaluate("document.activeElement.innerText || ''")
        if words.strip().startswith(name):
            return
    raise AssertionError(f"{name} cannot be reached")


def test_a_journey_by_keyboard_alone(page: Page) -> None:
    """Find Paris, open Thierry, follow a place, come back to the same spot of the list."""
    page.goto("/stories/?sort=title")
    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
    press(page, "Enter")
    tab_to(page, "Paris")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"\?place=paris&sort=title$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Two stories about Paris")
    # The focus is where it was, and the new heading was read out.
    expect(page.locator(".facet .value:focus")).to_contain_text("Paris")
    expect(page.locator("#announcer")).to_have_text("Two stories about Paris")
    press(page, "j", "k", "j", "j")
    expect(page.locator(".entry h2 a:focus")).to_have_text("Thierry Baktybekova")
    scrolled = page.evaluate("scrollY")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thierry Baktybekova")
    tab_to(page, "Kazakhstan")
    assert page.evaluate("document.activeElement.matches('.prose .mark-place')")
    press(page, "Enter")
    expect(page).to_have_url(re.compile("/places/kazakhstan/$"))
    # Alt and ← belong to the browser, and one without a window has no such keys.
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Two stories about Paris")
    expect(page.locator(".entry")).to_have_count(2)
    assert page.evaluate("scrollY") == scrolled
    # Back by the link on the page itself: at the entry, and the next Tab goes on from there.
    page.go_forward()
    tab_to(page, "← Back to the results")
    press(page, "Enter")
    entry = page.locator(".entry", has_text="Thierry Baktybekova")
    expect(entry.locator("h2 a:target")).to_be_in_viewport()
    press(page, "Tab")
    expect(entry.locator(":focus")).to_have_count(1)


def test_keys_help_and_can_be_switched_off(page: Page) -> None:
    page.goto("/stories/")
    press(page, "/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("j?k/")
    expect(page.locator("#q")).to_have_value("j?k/")
    page.locator("#q").fill("")
    page.locator("#main").focus()
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    find_faults(page)
    press(page, "j")
    expect(page.locator(".entry :focus")).to_have_count(0)
    dialog.get_by_role("checkbox").uncheck()
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    page.reload()
    press(page, "/", "?", "j")
    expect(page.locator("#q")).not_to_be_focused()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Close").click()
    press(page, "j")
    expect(page.locator(".entry :focus")).to_have_count(1)


def test_still_and_in_the_colours_of_the_system(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce", forced_colors="active")
    for path in ("/", "/stories/?place=paris", "/stories/thierry-baktybekova/"):
        page.goto(path)
        moving = page.evaluate(
            "[...document.querySelectorAll('*')].filter(element => {"
            "const style = getComputedStyle(element);"
            "return parseFloat(style.animationDuration) || parseFloat(style.transitionDuration)"
            "|| style.scrollBehavior === 'smooth' }).map(element => element.outerHTML)"
        )
        assert moving == []
    page.goto("/stories/?place=paris")
    box = page.locator(".value.is-selected").first
    chosen = box.evaluate("it => getComputedStyle(it, '::before').content")
    assert "✓" in chosen, "what is chosen shows by more than its colour"


def test_everything_works_without_scripts(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/stories/")
    page.get_by_label("Search the stories").fill("paris")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/stories/\?q=paris$"))
    page.locator(".facet .value", has_text="Kazakhstan").click()
    expect(page.locator(".chip")).to_have_count(3)
    page.locator(".menu > summary").click()
    page.get_by_role("link", name="Oldest first").click()
    expect(page).to_have_url(re.compile("sort=oldest"))
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".filters > summary").click()
    page.locator(".facet .value", has_text="Kazakhstan").click()
    expect(page.locator(".chip")).to_have_count(1)
    context.close()
