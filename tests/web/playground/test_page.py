"""The playground in a real browser: what it shows is what Python says."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ganglion import PRESETS, NeuronType, Program, compile_program, save_image
from ganglion.jobs.run import run
from tests.web.playground.chrome import chromium, opened, settled
from tests.web.playground.pictures import IMAGES, pictures

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def at() -> Iterator[tuple[Browser, str]]:
    with chromium() as found:
        yield found


def printed(code: str) -> str:
    """What Python code prints."""
    with redirect_stdout(io.StringIO()) as said:
        exec(code, {})
    return said.getvalue()


def put(page: Page, name: str, value: int) -> None:
    """Moves a slider."""
    moved = "(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('input')); }"
    page.locator(f"#{name}").evaluate(moved, value)


@contextmanager
def held(page: Page, key: str) -> Iterator[None]:
    """Holds a key down."""
    page.keyboard.down(key)
    yield
    page.keyboard.up(key)


def said(page: Page, words: str) -> None:
    """Waits until the editor says so."""
    page.wait_for_function("words => document.getElementById('net-say').textContent === words", arg=words)


def test_a_thousand_random_networks_run_in_the_page_as_on_the_reference(at: tuple[Browser, str]) -> None:
    page = opened(at[0], f"{at[1]}#check")
    assert page.evaluate("playground.check.run()") == []
    verdict = page.inner_text("#check-say")
    assert verdict.startswith("All equal") and "1,000 networks" in verdict


def test_a_drawn_digit_is_read_and_its_link_and_its_python_give_the_same_hash(at: tuple[Browser, str]) -> None:
    browser, url = at
    page = opened(browser, url)
    settled(page, "digit")
    page.click("#digit-clear")
    box = page.locator("#pad").bounding_box()
    assert box is not None
    points = [(0.3, 0.22), (0.7, 0.22), (0.58, 0.5), (0.45, 0.82)]
    for k, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if k == 0:
            page.mouse.down()
    page.mouse.up()
    settled(page, "digit")
    assert page.inner_text("#digit-answer") == "7"
    for name, value in (("threshold", 115), ("leak", 6), ("refractory", 1), ("delay", 2), ("noise", 5), ("seed", 9)):
        put(page, f"digit-{name}", value)
    changed = settled(page, "digit")
    again = opened(browser, page.url)
    assert settled(again, "digit") == changed
    answer, hash_ = printed(again.locator("#digit-code").text_content() or "").split()
    assert (answer, hash_) == (again.inner_text("#digit-answer"), changed)
    again.select_option("#digit-network", "digits")
    other = settled(again, "digit")
    assert printed(again.locator("#digit-code").text_content() or "").split()[1] == other


def test_the_python_of_every_example_prints_the_hash_that_is_shown(at: tuple[Browser, str]) -> None:
    page = opened(at[0], f"{at[1]}#build")
    names = page.locator("#net-example option").all_inner_texts()[1:]
    assert len(names) == 7
    for name in names:
        page.select_option("#net-example", name)
        shown = settled(page, "net")
        assert printed(page.inner_text("#net-code")) == f"{shown}\n", name


def test_a_network_is_built_with_the_keyboard_undone_shared_and_saved(at: tuple[Browser, str], tmp_path: Path) -> None:
    browser, url = at
    page = opened(browser, f"{url}#build")
    page.select_option("#net-example", "Coincidence detector")
    page.locator("#net-neuron").press("Enter")
    page.locator("[data-key=s2]").press("c")
    page.locator("[data-key=s3]").press("Enter")
    put(page, "synapse-weight", 120)
    put(page, "synapse-delay", 7)
    page.locator("[data-key=s3]").press("ArrowUp")
    built = settled(page, "net")
    assert page.locator(".synapse").count() == 3
    for _ in range(3):
        page.keyboard.press("Control+z")
    assert page.locator(".synapse").count() == 3
    page.keyboard.press("Control+z")
    assert page.locator(".synapse").count() == 2
    for _ in range(4):
        page.click("#net-redo")
    assert settled(page, "net") == built
    again = opened(browser, page.url)
    assert settled(again, "net") == built
    corner = again.locator("#graph").bounding_box()
    assert corner is not None
    again.mouse.dblclick(corner["x"] + 60, corner["y"] + 40)
    again.locator("[data-key=s0] .body").hover()
    with held(again, "Shift"):
        again.mouse.down()
        again.locator("[data-key=s4] .body").hover()
        again.mouse.up()
    assert again.inner_text("#net-card-title") == "left → n2" and again.locator(".synapse").count() == 4
    for _ in range(2):
        again.click("#net-undo")
    assert settled(again, "net") == built
    files = []
    for button in ("net-save", "net-events"):
        with again.expect_download() as download:
            again.click(f"#{button}")
        files.append(tmp_path / download.value.suggested_filename)
        download.value.save_as(files[-1])
    program, events = files
    assert Program.load(program).neurons == 2
    assert run(str(program), samples=events, targets=("reference",), hashes=True).hashes == (built,)
    again.select_option("#net-example", "Noise")
    for file in files:
        again.set_input_files("#net-open", file)
        said(again, f"{file.name} is open.")
    assert settled(again, "net") == built


def test_an_image_of_the_compiler_opens_and_what_cannot_is_told(at: tuple[Browser, str], tmp_path: Path) -> None:
    program = Program.build(
        params=PRESETS["board"],
        types=(NeuronType.leaky(3),),
        threshold=[5, 9],
        bias=3,
        inputs=1,
        pre=[0, 1],
        post=[1, 2],
        weight=[7, -4],
        delay=[1, 9],
    )
    save_image(compile_program(program), tmp_path / "image.npz")
    page = opened(at[0], f"{at[1]}#build")
    page.set_input_files("#net-open", tmp_path / "image.npz")
    said(page, "image.npz is open.")
    shown = settled(page, "net")
    assert printed(page.inner_text("#net-code")) == f"{shown}\n"
    (tmp_path / "broken.npz").write_bytes(b"no archive")
    page.set_input_files("#net-open", tmp_path / "broken.npz")
    said(page, "broken.npz: this is no .npz file")
    for link, told in (("build=AAAA", "damaged"), ("digit=q1YqS8wpTS1WslKySbJTqgUA", "no drawing")):
        assert told in opened(at[0], f"{at[1]}#{link}").inner_text("#page-say")


def test_the_pictures_of_the_documentation_are_of_this_page(at: tuple[Browser, str]) -> None:
    taken = dict(pictures(*at))
    shipped = {path.name: path.read_bytes() for path in IMAGES.glob("playground_*.png")}
    size = slice(16, 24)  # of a PNG, its width and height
    assert {name: each[size] for name, each in taken.items()} == {name: each[size] for name, each in shipped.items()}


def test_phones_keyboards_and_screen_readers_have_all_of_it(at: tuple[Browser, str]) -> None:
    page = opened(at[0], at[1], width=390, height=800, dark=True)
    settled(page, "digit")
    page.locator("#pad").press("Backspace")
    page.locator("#pad").press("Space")
    for _ in range(16):
        page.locator("#pad").press("ArrowDown")
    settled(page, "digit")
    assert page.inner_text("#digit-answer") == "1"
    unnamed = """[...document.querySelectorAll('button, select, input, canvas, svg[role], [tabindex="0"]')]
        .filter((each) => !(each.ariaLabel || each.textContent.trim() || each.labels?.length))
        .map((each) => each.outerHTML)"""
    for view in ("digit", "build", "check"):
        page.click(f"#tab-{view}")
        page.wait_for_selector(f"#{view}:not([hidden])")
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{view} is wider than a phone"
        assert page.evaluate(unnamed) == [], view
    assert re.fullmatch(r"[0-9a-f]{64}", page.locator("#net-hash").text_content() or "")
