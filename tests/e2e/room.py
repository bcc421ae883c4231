"""Whether everything in a part of a page can be seen and reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_UNREACHABLE = """selector => {
    const part = document.querySelector(selector);
    const kinds = 'button, a[href], input, select, textarea, summary, [role=tab], [role=treeitem]';
    const controls = part.querySelectorAll(kinds);
    return [...controls].filter((one) => {
        if (!one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || one.closest('[inert]')) {
            return false;
        }
        one.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        const { left, top, width, height } = one.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        const own = [one, ...(one.labels ?? [])];
        return hit === null || !(hit.contains(one) || own.some((each) => each.contains(hit)));
    }).map((one) => one.outerHTML.slice(0, 200));
}"""
_WIDER = """selector => {
    const part = document.querySelector(selector);
    return [part, ...part.querySelectorAll('*')].filter((one) => {
        const { overflowX, textOverflow } = getComputedStyle(one);
        return one.checkVisibility() && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1
            && overflowX !== 'auto' && overflowX !== 'scroll' && textOverflow !== 'ellipsis'
            && one.textContent.trim() !== '' && one.tagName !== 'SELECT' && getComputedStyle(one).display !== 'inline';
    }).map((one) => `${one.outerHTML.slice(0, 160)} ${one.scrollWidth} > ${one.clientWidth}`);
}"""


def cut_off(page: Page, selector: str) -> list[str]:
    """Tell of controls that something lies over or that are cut off, and of what is wider than its place.

    Parameters
    ----------
    page
        The page.
    selector
        The part.
    """
    return page.evaluate(_UNREACHABLE, selector) + page.evaluate(_WIDER, selector)
