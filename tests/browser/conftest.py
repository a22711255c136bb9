"""A real browser, and servers for it: one that answers what it is told to, and one over real tiny runs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from visits import Opened, Visit, served

pytest.importorskip("fastapi", reason="the extra web is not installed")
pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium; where it is absent, Debian's package of it is installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        install = "apt-get update -qq; apt-get install -y -qq --no-install-recommends chromium"
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        tried = subprocess.run(
            ["sh", "-c", install], env=quiet, capture_output=True, text=True, timeout=600, check=False
        )
        if tried.returncode:
            why = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
            pytest.skip(f"there is no chromium, and installing it has failed: {why}")
        found = shutil.which("chromium")
        assert found, "apt-get has installed no command chromium"
    return found


# Playwright keeps an event loop running in this thread: it ends before tests elsewhere begin loops of their own.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def fake() -> Iterator[str]:
    """The address of a server with made answers."""
    from fake_api import fake_api

    with served(fake_api()) as address:
        yield address


@pytest.fixture(scope="session")
def real(run_folders: dict[str, Path]) -> Iterator[str]:
    """The address of a server over tiny runs of every kind."""
    from tandem.serve.app import create_app
    from tandem.serve.guards import Access
    from tandem.serve.served import open_all

    app = create_app(open_all(list(run_folders.values()), refuse=pytest.fail), access=Access())
    with served(app) as address:
        yield address


@pytest.fixture
def visit(browser: "Browser") -> Iterator[Opened]:
    """Opens an address in a window of its own; afterwards nothing may have complained or left the machine.

    Answers that are meant to fail are complaints of the browser's: `fails` permits these.
    """
    visits = []
    with ExitStack() as stack:

        def open_page(
            address: str, *, width: int = 1280, dark: bool = False, fails: bool = False, **options: Any
        ) -> Visit:
            context = browser.new_context(
                viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", **options
            )
            stack.callback(context.close)
            context.set_default_timeout(30_000)
            seen = Visit(context.new_page())
            seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
            seen.page.on("console", lambda line: seen.heard(line.type, line.text, fails=fails))
            seen.page.on("dialog", lambda dialog: (seen.complaints.append("a dialog"), dialog.dismiss()))
            own = address.split("/", 3)[2]
            context.on("request", lambda asked: asked.url.split("/", 3)[2] == own or seen.outside.append(asked.url))
            visits.append(seen)
            seen.page.goto(address)
            return seen

        yield open_page
        for seen in visits:
            assert seen.complaints == []
            assert seen.outside == []
