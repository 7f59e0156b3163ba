"""`make screenshots`: a picture of each page that a researcher or an operator may come to, for people to look at.

Each page in English at the width of a desk's screen and of a telephone; those of the common walk in every language.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import ViewportSize

from tests.browser.chromium import MISSING, chromium_path, running
from tests.browser.pages import LANGUAGES, OPERATORS, WAYS, fill
from tests.browser.site import Site, site_in
from tests.cli.preloaded import Preloaded

FOLDER = Path(__file__).parents[2] / "screenshots"
SCREENS: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 800}, "telephone": {"width": 360, "height": 740}}
COMMON = ("connect", "confirm", "granted")


def main() -> int:
    """Writes the pictures, and says where; without a browser, one line and code 1."""
    path = chromium_path()
    if path is None:
        sys.stderr.write(f"make screenshots: {MISSING}\n")
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(path) as browser,
        Preloaded() as preloaded,
        site_in(Path(folder), browser, preloaded) as site,
    ):
        site.start("web")
        for page, language, screen in _wanted():
            _picture(site, page, language, screen)
        _operators(site)
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures are in {FOLDER.name}/\n")
    return 0


def _wanted() -> Iterator[tuple[str, str, str]]:
    for page in WAYS:
        for language in LANGUAGES if page in COMMON else ["en"]:
            for screen in SCREENS:
                yield page, language, screen


def _picture(site: Site, page: str, language: str, screen: str) -> None:
    with site.researcher(language=language, viewport=SCREENS[screen]) as researcher:
        WAYS[page].walk(site, researcher)
        researcher.sees(page).page.screenshot(path=FOLDER / f"{page}-{language}-{screen}.png", full_page=True)


def _operators(site: Site) -> None:
    with site.researcher(viewport=SCREENS["desk"]) as researcher:
        fill(site, researcher)
        for name, path in OPERATORS.items():
            for screen, size in SCREENS.items():
                page = researcher.open(site.web + path).page
                page.set_viewport_size(size)
                page.screenshot(path=FOLDER / f"operators-{name}-{screen}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
