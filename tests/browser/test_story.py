"""Reading a story in a real browser: names, index, choices, place, print."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.serving import Site

pytestmark = pytest.mark.browser

STORY = "/stories/thierry-baktybekova/"
#: Kazakh, Uzbek (both alphabets), Tajik, Russian, Turkish, a transliteration.
LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі ʻʼOʻGʻЎўҚқҒғҲҳ ӢӣӮӯҶҷ ЁёЪъЭэ ŞşĞğİıČčŽž ḤḥṬṭĀāʿ"


def covers(card: Locator, word: Locator) -> bool:
    """Whether a card lies over any part of a word."""
    a, b = card.bounding_box(), word.bounding_box()
    assert a
    assert b
    apart = a["x"] >= b["x"] + b["width"] or a["x"] + a["width"] <= b["x"]
    return not (apart or a["y"] >= b["y"] + b["height"] or a["y"] + a["height"] <= b["y"])


def test_a_name_explains_itself_and_lights_up(page: Page) -> None:
    page.goto(STORY)
    card = page.locator(".card")
    for word in page.locator(".prose .mark-place").all()[:3]:
        word.hover()
        expect(card).to_be_visible()
        assert not covers(card, word)
        page.mouse.move(5, 5)
        expect(card).to_have_count(0)
    # By keyboard: the card is right behind its word, and Escape leads back.
    paris = page.locator(".prose .mark-place", has_text="Paris").first
    page.locator(".prose .mark").first.focus()
    while not paris.evaluate("node => node === document.activeElement"):
        page.keyboard.press("Tab")
    expect(card).to_contain_text("In 1 other story")
    expect(paris).to_have_accessible_description(re.compile("Paris"))
    page.keyboard.press("Tab")
    expect(card.get_by_role("link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(paris).to_be_focused()
    # The index lights all the words of a tag up, with a way from one to the next.
    entry = page.locator(".in-story").get_by_role("link", name=re.compile("^Kazakhstan"))
    entry.click()
    expect(page.locator(".prose .is-lit")).to_have_text(["Kazakhstan"] * 4)
    expect(page.locator("#steps")).to_contain_text("Kazakhstan 1 of 4")
    page.get_by_role("button", name="Previous mention").click()
    expect(page.locator("#steps")).to_contain_text("4 of 4")
    expect(page.locator(".prose .mark:target")).to_be_in_viewport()
    page.get_by_role("button", name="Turn the lights off").click()
    expect(page.locator(".is-lit")).to_have_count(0)
    expect(entry).to_be_focused()


def test_choices_hold_without_a_flash(page: Page) -> None:
    page.goto(STORY)
    page.get_by_role("button", name="How pages look").first.click()
    sheet = page.get_by_role("dialog", name="How pages look")
    for choice in ("Sepia", "Large", "Wide", "Sans", "Not marked"):
        sheet.get_by_role("radio", name=choice, exact=True).check(force=True)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => {"
        " window.seen = { ...document.documentElement.dataset } })"
    )
    page.goto("/stories/lily-baktybekova/")
    assert page.evaluate("window.seen") | {"keys": ""} == {
        "theme": "sepia", "size": "large", "measure": "wide", "face": "sans", "names": "plain",
        "keys": "",
    }  # fmt: skip
    expect(page.locator("body")).to_have_css("background-color", "rgb(242, 230, 207)")
    assert not [url for url in asked if "sepia" in url]
    page.get_by_role("button", name="How pages look").first.click()
    page.get_by_role("button", name="Forget it all").click()
    assert page.evaluate("localStorage.getItem('dastan.reader')") is None
    expect(page.locator("body")).to_have_css("background-color", "rgb(251, 247, 239)")


def test_a_place_in_a_story_is_kept_and_forgotten(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto(STORY)
    offer = page.get_by_role("group", name="Where you stopped")
    expect(offer).to_be_hidden()
    page.evaluate(
        "document.querySelector('.prose > p:nth-child(5)').scrollIntoView({ behavior: 'instant' })"
    )
    expect(page.locator(".progress span")).not_to_have_css("transform", "matrix(0, 0, 0, 1, 0, 0)")
    page.wait_for_timeout(600)
    page.goto("/stories/")
    page.goto(STORY)
    offer.get_by_role("link").click()
    expect(page.locator(".prose > p:nth-child(5)")).to_be_in_viewport()
    page.goto("/stories/")
    page.goto(STORY)
    offer.get_by_role("button", name="Forget my place").click()
    assert page.evaluate("localStorage.getItem('dastan.places')") is None


def test_a_finger_opens_a_card_and_its_link_leads_on(browser: Browser, site: Site) -> None:
    context = browser.new_context(
        base_url=site.url, viewport={"width": 390, "height": 800}, has_touch=True
    )
    page = context.new_page()
    page.goto(STORY)
    paris = page.locator(".prose .mark-place", has_text="Paris").first
    paris.tap()
    card = page.locator(".card")
    expect(card).to_be_visible()
    assert not covers(card, paris)
    assert page.url.endswith(STORY)
    box = card.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    card.get_by_role("link").tap()
    expect(page).to_have_url(re.compile("/places/paris/$"))
    context.close()


def test_without_scripts_it_is_a_page_with_links(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(STORY)
    expect(page.locator(".reader-button")).to_be_hidden()
    expect(page.locator(".pill:visible")).to_have_count(0)
    page.locator(".in-story").get_by_role("link", name=re.compile("^Central Asia")).click()
    expect(page.locator(".prose .mark:target")).to_be_in_viewport()
    page.locator(".prose .mark-place", has_text="Paris").first.click()
    expect(page).to_have_url(re.compile("/places/paris/$"))
    context.close()


def test_what_folds_and_the_sheet_are_accessible(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.add_init_script("localStorage.setItem('dastan.reader', '{\"theme\": \"sepia\"}')")
    page.goto(STORY)
    for fold in page.locator(".fold > summary").all():
        fold.click()
    page.get_by_role("button", name="How pages look").first.click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_on_paper_it_is_a_text_with_its_source(page: Page) -> None:
    page.goto(STORY)
    page.emulate_media(media="print")
    expect(page.locator(".print-source")).to_contain_text(f"{STORY} (read on")
    for gone in (".site-header", ".site-footer", ".in-story", ".beyond", ".story-foot", ".pill"):
        for element in page.locator(gone).all():
            expect(element).to_be_hidden()
    expect(page.locator(".prose .mark").first).to_have_css("text-decoration-line", "none")


def test_the_face_has_the_letters(page: Page) -> None:
    page.goto(STORY)
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    for letters in (LETTERS, f"<em>{LETTERS}</em>"):
        page.evaluate(
            "words => { document.querySelector('.prose').innerHTML = `<p>${words}</p>` }", letters
        )
        page.evaluate("document.fonts.ready.then(() => {})")
        page.wait_for_load_state("networkidle")
        root = devtools.send("DOM.getDocument")["root"]["nodeId"]
        selector = ".prose em" if "<em>" in letters else ".prose p"
        node = devtools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        used = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        assert {font["familyName"] for font in used} == {"Source Serif 4"}
