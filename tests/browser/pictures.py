"""Pictures of the pages of a running server, or of a report: `python tests/browser/pictures.py ADDRESS|FILE FOLDER`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("agree", "fill", "classify", "translate", "look", "runs")
LOOKS = {"light": (1280, False, NAMES), "dark": (1280, True, ("look",)), "phone": (360, False, ("agree",))}
TALLEST = 1600
REPORT_WIDTH, EDGE = 1120, 16


def draw(page: Page, address: str, name: str, path: Path) -> None:
    """Waits until every model has answered, and writes the page as PNG."""
    page.goto(f"{address}/{name}")
    page.wait_for_selector("#table tbody tr, .absent:not([hidden]), .panel h3")
    if name == "fill" and page.is_enabled("#begin"):
        page.click("#begin")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.querySelector('[aria-busy]')")
    page.wait_for_timeout(300)
    keep(page, path)


def keep(page: Page, path: Path, *, top: float = 0) -> None:
    """Writes as much of the page, from `top` on, as PNG as a reader may want to see at once."""
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight") - top)
    page.screenshot(
        path=path, full_page=True, clip={"x": 0, "y": top, "width": page.viewport_size["width"], "height": height}
    )


def opened(browser: Browser, width: int, *, dark: bool) -> Page:
    """An empty page of this width, in light or dark colours."""
    return browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light")


def main(source: str, folder: Path) -> None:
    """Draws every page, one of them dark too, and one as a phone shows it; of a report the first comparison."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        if source.endswith(".html"):
            page = opened(browser, REPORT_WIDTH, dark=False)
            page.goto(Path(source).absolute().as_uri())
            # The first comparison, behind the answer in short, the arms and the traps.
            first = page.evaluate("document.querySelectorAll('h2')[3].getBoundingClientRect().top") - EDGE
            keep(page, folder / f"{Path(source).parent.name}.png", top=first)
        else:
            for look, (width, dark, names) in LOOKS.items():
                page = opened(browser, width, dark=dark)
                for name in names:
                    draw(page, source.rstrip("/"), name, folder / f"page-{name}-{look}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
