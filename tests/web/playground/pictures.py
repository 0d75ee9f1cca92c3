"""Pictures for the page of the documentation: `python -m tests.web.playground.pictures` writes them."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from tests.web.playground.chrome import chromium, opened, settled

IMAGES = Path(__file__).parents[3] / "docs" / "images"


def pictures(browser: Browser, url: str) -> Iterator[tuple[str, bytes]]:
    """Name and PNG of each."""
    page = opened(browser, url, width=1240, height=860)
    settled(page, "digit")
    yield "playground_digit.png", page.screenshot()
    page = opened(browser, f"{url}#build", width=1240, height=860, dark=True)
    page.select_option("#net-example", "Oscillator")
    settled(page, "net")
    page.locator("#net-at").evaluate("(slider) => { slider.value = 41; slider.dispatchEvent(new Event('input')); }")
    page.locator("[data-key=s4]").press("Enter")
    yield "playground_build.png", page.screenshot()


def main() -> None:
    with chromium() as (browser, url):
        for name, picture in pictures(browser, url):
            (IMAGES / name).write_bytes(picture)


if __name__ == "__main__":
    main()
