"""The pages in a real browser: a job is submitted, watched, fetched, shown to the public and cancelled.

The pictures of docs/04_portal.md are made here: GANGLION_PICTURES=docs/images pytest tests/web/portal/test_pages.py
"""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import Trace
from ganglion.web.portal.examples import EXAMPLES
from ganglion.web.portal.job import Progress
from tests.web.browser import browser
from tests.web.portal.running import Running

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture
def page(chromium: Browser, portal: Running) -> Iterator[Page]:
    """A page of a new visitor; a script that is refused or fails is an error of the test."""
    context = chromium.new_context(base_url=portal.url, viewport={"width": 1180, "height": 860}, accept_downloads=True)
    said: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(portal.url) else said.append(request.url))
    yield page
    context.close()
    assert not [words for words in said if "status of 4" not in words]


def picture(page: Page, name: str) -> None:
    """A picture of a page for the documentation, where that is wanted."""
    if folder := os.environ.get("GANGLION_PICTURES"):
        page.screenshot(path=Path(folder, f"portal_{name}.png"), full_page=True)


def log_in(page: Page, token: str) -> None:
    page.goto("/")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="New job").first).to_be_visible()


def test_a_job_is_submitted_watched_fetched_and_another_cancelled(page: Page, portal: Running, tmp_path: Path) -> None:
    page.goto("/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in first, with a token")
    log_in(page, portal.token("grace", admin=True))
    with portal.worker("lab-1", ["reference"]):
        page.goto("/new")
        page.get_by_label("or an example").select_option("ring")
        page.get_by_label("Name").fill("Ring of 32 neurons")
        page.locator("label.target", has_text="reference").click()
        page.get_by_label("Membranes of neurons").fill("0 1 2")
        picture(page, "new")
        page.get_by_role("button", name="Submit").click()
        expect(page.locator("[data-state]")).to_have_text("done", timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ring of 32 neurons")
    expect(page.locator("img.raster")).to_have_js_property("complete", True)
    assert page.locator("img.raster").evaluate("image => image.naturalWidth") > 100
    picture(page, "job")
    with page.expect_download() as download:
        page.get_by_role("link", name="Trace").click()
    download.value.save_as(tmp_path / "trace.npz")
    program, events = EXAMPLES["ring"].make()
    local = Reference(program).run(events, probes={"v": [0, 1, 2]})
    assert not Trace.load(tmp_path / "trace.npz").differences(local)
    page.get_by_role("button", name="Make a public link").click()
    public = page.locator(".actions a").get_attribute("href")
    assert public
    stranger = page.context.browser.new_context(base_url=portal.url) if page.context.browser else None
    assert stranger
    other = stranger.new_page()
    other.goto(public)
    expect(other.locator("[data-state]")).to_have_text("done")
    expect(other.get_by_role("button")).to_have_count(0)
    stranger.close()
    page.goto("/new")
    page.get_by_label("or an example").select_option("ring")
    page.locator("label.target", has_text="board").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("[data-what]")).to_have_text(re.compile("queue|ahead"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-state]")).to_have_text("cancelled")


def test_a_page_lives_and_those_who_run_the_portal_see_all(page: Page, portal: Running) -> None:
    store, admin = portal.store, portal.token("hopper", admin=True)
    with portal.client("hopper") as client:
        names = ("Coincidence detector", "Winner takes all", "Delay line, 64 taps", "Associative memory", "Digit 7")
        jobs = [client.submit(*EXAMPLES["ring"].make(), target="board", name=name) for name in names]
    about = {"machine": "x86_64, Python 3.11", "board": "icebreaker, 26 MHz"}
    store.queue.claim("lab-bench-1", ["board"], about)
    for name, targets in (("local-1", ["reference", "emulator", "rtl"]), ("local-2", ["reference", "emulator", "rtl"])):
        store.queue.claim(name, targets, {"machine": "x86_64, Python 3.11"})
    log_in(page, admin)
    for found in store.jobs.page(store.users.named("hopper")):
        if found.state == "running" and found.lease:
            store.jobs.say(found.id, ["loading it into the board", "running on the board"])
            page.goto(f"/jobs/{found.id}")
            store.queue.beat(found.id, found.lease, Progress(what="running on the board", done=124, total=200))
            expect(page.locator("[data-count]")).to_have_text("124 of 200")
            expect(page.locator("[data-log]")).to_contain_text("running on the board")
            picture(page, "live")
            store.queue.beat(found.id, found.lease, Progress(what="running on the board", done=160, total=200))
            expect(page.locator("[data-count]")).to_have_text("160 of 200")
    page.goto("/admin")
    expect(page.locator("table").first).to_contain_text("icebreaker, 26 MHz")
    picture(page, "admin")
    page.goto("/")
    time.sleep(0.5)
    picture(page, "jobs")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "a phone need not scroll sideways"
    page.context.clear_cookies()
    page.set_viewport_size({"width": 1180, "height": 700})
    page.goto("/")
    picture(page, "login")
    for job in jobs:
        store.jobs.cancel(job.id, None)
