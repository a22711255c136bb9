"""Pictures of the pages of a running server: `python tests/browser/pictures.py ADDRESS FOLDER`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

NAMES = ("agree", "fill", "classify", "translate", "look", "runs")
LOOKS = {"light": (1280, False, NAMES), "dark": (1280, True, ("look",)), "phone": (360, False, ("agree",))}
TALLEST = 1600


def draw(page: Page, address: str, name: str, path: Path) -> None:
    """Waits until every model has answered, and writes the page as PNG."""
    page.goto(f"{address}/{name}")
    page.wait_for_selector("#table tbody tr, .absent:not([hidden]), .panel h3")
    if name == "fill" and page.is_enabled("#begin"):
        page.click("#begin")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.querySelector('[aria-busy]')")
    page.wait_for_timeout(300)
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    page.screenshot(
        path=path, full_page=True, clip={"x": 0, "y": 0, "width": page.viewport_size["width"], "height": height}
    )


def main(address: str, folder: Path) -> None:
    """Draws every page, one of them in dark colours too, and one as a phone shows it."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for look, (width, dark, names) in LOOKS.items():
            page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light")
            for name in names:
                draw(page, address, name, folder / f"page-{name}-{look}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
