"""The last touches on sanitised HTML: links out, pictures, and the direction of the writing."""

import html
import re

_LINK_OUT = re.compile(r'<a (?=[^>]*href="(?:https?:)?//)', re.IGNORECASE)
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*</p>\n?")
_LINK_OR_PICTURE = re.compile(r"<(a)\s[^>]*>|<(/a)>|<(img)\b([^>]*)>")
_ALONE = re.compile(r"<p>(<img\b[^>]*>)</p>")
_ATTRIBUTE = re.compile(r'\s(alt|src|title)="([^"]*)"')
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_BLOCK_START = re.compile(
    r"<(p|li|blockquote|h[1-6]|td|th|dt|dd|figcaption)(?=[ >])(?![^>]*\bdir=)"
)


def finish(page: str) -> str:
    """Mark links that leave the archive, replace pictures from elsewhere, let text run its way.

    The archive does not vouch for links inside the texts it keeps, hence `ugc nofollow`;
    `noopener` costs nothing.
    """
    page = _EMPTY_PARAGRAPH.sub("", page)
    if "<img" in page:
        page = _pictures(_ALONE.sub(_figure, page))
    page = _LINK_OUT.sub('<a rel="nofollow ugc noopener" ', page)
    if _RIGHT_TO_LEFT.search(page):
        page = _BLOCK_START.sub(r'<\1 dir="auto"', page)
    return page


def _figure(match: re.Match[str]) -> str:
    """A picture on its own with a title is a picture with a caption."""
    given = dict(_ATTRIBUTE.findall(match[1]))
    if not given.get("title") or not _is_ours(given.get("src", "")):
        return match[0]
    picture = match[1].replace(f' title="{given["title"]}"', "")
    return f"<figure>{picture}<figcaption>{given['title']}</figcaption></figure>"


def _pictures(page: str) -> str:
    """Leave pictures of this site; of others a link remains, as pages load nothing from there.

    To load a picture from another host would tell that host who reads what.
    """
    links = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal links
        if match[1]:
            links += 1
        elif match[2]:
            links -= 1
        else:
            return _picture(match[0], dict(_ATTRIBUTE.findall(match[4])), in_link=links > 0)
        return match[0]

    return _LINK_OR_PICTURE.sub(replace, page)


def _picture(tag: str, given: dict[str, str], in_link: bool) -> str:
    address = given.get("src", "")
    if _is_ours(address):
        return tag.replace("<img", '<img loading="lazy"', 1)
    words = given.get("alt") or given.get("title") or html.escape(_file_name(address), quote=False)
    if in_link or not address.startswith(("http://", "https://", "//")):
        return words
    return f'<a href="{address}">{words or address}</a>'


def _is_ours(address: str) -> bool:
    return address.startswith("/") and not address.startswith(("//", "/\\"))


def _file_name(address: str) -> str:
    """What a picture without words is called: the end of its address."""
    return html.unescape(address).split("?")[0].rstrip("/").rpartition("/")[2]
