"""The page of the playground in Chromium, served from the tree."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from ganglion.web.playground.serve import address, server
from tests.web.browser import browser

READY = "html[data-ready]"

IDLE = 60_000
"""Milliseconds that a busy machine may take."""


@contextmanager
def chromium() -> Iterator[tuple[Browser, str]]:
    """The browser, and the address of the page."""
    with server() as pages, browser() as made:
        thread = threading.Thread(target=pages.serve_forever)
        thread.start()
        try:
            yield made, address(pages)
        finally:
            pages.shutdown()
            thread.join()


def opened(of: Browser, url: str, *, width: int = 1360, height: int = 900, dark: bool = False) -> Page:
    """The page at an address, once it runs. What it asks for elsewhere, or an error in it, fails the test."""
    scheme = "dark" if dark else "light"
    page = of.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    page.set_default_timeout(IDLE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    origin = url.partition("#")[0]
    page.on("request", lambda r: None if r.url.startswith((origin, "data:", "blob:")) else wrong.append(r.url))
    page.goto(url)
    page.wait_for_selector(READY)
    assert not wrong, wrong
    return page


def settled(page: Page, view: str) -> str:
    """The hash that a view shows once it has run what is there, and the address holds its state."""
    shown = "id => { const hash = document.getElementById(id).textContent; return hash.length === 64 && hash; }"
    hash_: str = page.wait_for_function(shown, arg=f"{view}-hash").json_value()
    return hash_
