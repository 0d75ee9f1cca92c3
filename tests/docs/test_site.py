"""The documentation as a site: it builds without a warning, and every public name is in it.

In the soak, since CI builds the site for every pull request, with warnings as errors.
"""

import subprocess
import sys
import zlib
from pathlib import Path

import pytest

import ganglion
from tests.test_front_door import PUBLIC

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, but for what the notebook prints, which has a test of its own."""
    pages = tmp_path_factory.mktemp("site")
    command = ["sphinx", "-q", "-W", "--keep-going", "-D", "nb_execution_mode=off", "docs", str(pages)]
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return pages


def documented(site: Path) -> set[str]:
    """The Python objects in the site's inventory, which is four lines and a compressed table."""
    inventory = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    rows = [line.split() for line in zlib.decompress(inventory).decode().splitlines()]
    return {row[0] for row in rows if row[1].startswith("py:")}


def test_every_public_name_is_documented(site: Path) -> None:
    """Every public name is in the site once: with the names of `ganglion` itself, or in its module."""
    public = {f"ganglion.{name}" for name in ganglion.__all__}
    for module in PUBLIC:
        names = getattr(ganglion, module).__all__
        public |= {f"ganglion.{module}.{name}" for name in names if name not in ganglion.__all__}
    assert not public - documented(site)


def test_every_page_is_in_the_menu(site: Path) -> None:
    """Every page of the site is in its menu."""
    menu = (site / "index.html").read_text()
    pages = {page.relative_to(site).as_posix() for page in site.rglob("*.html")}
    made = {"index.html", "search.html", "genindex.html", "py-modindex.html"}
    assert not [page for page in pages - made if f'href="{page}"' not in menu]
