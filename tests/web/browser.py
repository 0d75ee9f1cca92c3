"""Chromium, driven by Playwright, for tests of pages."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.debian import found


@contextmanager
def browser() -> Iterator[Browser]:
    """The Chromium of this machine, without a window. It may run as root, where its own sandbox cannot."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=found("chromium"), args=["--no-sandbox", "--disable-gpu"])
        try:
            yield made
        finally:
            made.close()
