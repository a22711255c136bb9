"""Shapes and types are checked at run time in every test; no test touches the user's cache or the network."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

# Tiny tensors gain nothing from a second thread, and two busy processes of two threads each on two cores are ten
# times slower than of one thread each. Subprocesses of tests inherit this.
os.environ["OMP_NUM_THREADS"] = "1"

import pytest
from beartype import BeartypeConf
from beartype.claw import beartype_package
from jaxtyping import install_import_hook

if TYPE_CHECKING:
    from running import Ask

# jaxtyping checks shapes, and passes over names in quotes that there are not at run time; beartype, which checks all
# other modules, adds a twentieth as much to each call (0.4 and 7.6 microseconds).
SOURCE = Path(__file__).parents[1] / "src"
NEED_JAXTYPING = ("tandem.core.shapes", "TYPE_CHECKING", '"Queue[')
install_import_hook(
    [
        ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        for path in SOURCE.rglob("*.py")
        if any(name in path.read_text(encoding="utf-8") for name in NEED_JAXTYPING)
    ],
    "beartype.beartype",
)
beartype_package("tandem", conf=BeartypeConf(claw_is_pep526=False))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-cases", action="store_true", help="every case of the campaign, not a few of them")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("campaign") and not item.config.getoption("--all-cases"):
        pytest.skip("takes minutes; make campaign runs it")


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of prepared stores for the whole run; subprocesses of tests find it through the environment."""
    folder = tmp_path_factory.mktemp("cache")
    patch = pytest.MonkeyPatch()
    patch.setenv("TANDEM_CACHE", str(folder))
    patch.setenv("HF_HUB_OFFLINE", "1")
    yield folder
    patch.undo()


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small made-up text of 240 paragraphs in which every word follows from its neighbours."""
    seasons = ["spring", "summer", "autumn", "winter"]
    lines = []
    for day in range(240):
        season, following = seasons[day % 4], seasons[(day + 1) % 4]
        lines.append(
            f"Day {day}. The {season} wind blows. After {season} comes {following}. We wait for the {following} wind!"
        )
    path = tmp_path_factory.mktemp("book") / "book.txt"
    path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "Ask":
    """Calls the command `tandem` with the arguments given, in this process."""
    from running import Answer

    from tandem.cli.main import main

    def call(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["tandem", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Answer(ended.value.code, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def reversing_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run that reverses up to four letters."""
    from translating import reverser

    return reverser(tmp_path_factory.mktemp("translating") / "reverse")


@pytest.fixture(scope="session")
def run_folders(book: Path, reversing_run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A finished run of every kind of model that is served, by its name."""
    from serving import every_run

    return every_run(book, reversing_run, tmp_path_factory.mktemp("served"))
