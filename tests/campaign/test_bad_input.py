"""Whatever is wrong with a user's file, the answer is one line that helps, soon, and nothing half-written stays."""

import re
import time
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from case import Case
from column_cases import header_cases, held_cases, option_cases
from file_cases import columnar_cases, name_cases, packed_cases, parallel_cases, place_cases
from running import Ask, left_half_written, tandem, written
from text_cases import long_cases, row_cases, text_cases

pytest.importorskip("pyarrow", reason="the extra tables is not installed")

CASES = list(
    chain(
        text_cases(), row_cases(), packed_cases(), columnar_cases(), name_cases(), place_cases(), parallel_cases(),
        option_cases(), held_cases(), header_cases(), long_cases(),
    )
)  # fmt: skip
EVERY = 10
TRAINED = CASES[7 :: len(CASES) // 12]
NAMES = {2: "UsageError", 3: "DataError"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All cases in the campaign (`make campaign`), and a part of them in the test suite."""
    every = metafunc.config.getoption("--all-cases", default=False)
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES if every else CASES[::EVERY], ids=lambda case: case.name)
    if "trained" in metafunc.fixturenames:
        metafunc.parametrize("trained", TRAINED if every else TRAINED[::EVERY], ids=lambda case: case.name)


def test_there_are_as_many_cases_as_promised() -> None:
    assert sum(case.code != 0 for case in CASES) >= 900
    assert [name for name, count in Counter(case.name for case in CASES).items() if count > 1] == []


def test_every_case_is_answered(case: Case, ask: Ask, tmp_path: Path, cache: Path) -> None:
    asked = case.written(tmp_path / "mine")
    before = {path for path in cache.rglob("*") if ".locks" not in path.parts}
    options = [option.replace("FOLDER", str(tmp_path / "mine")) for option in case.options]
    began = time.process_time()
    answer = ask("data", "prepare", asked, "--tokenizer-kind", "words", *options)
    assert time.process_time() - began < 5
    assert answer.code == case.code, answer.err
    assert left_half_written(cache) == []
    if case.code:
        assert answer.err.startswith(f"{NAMES[case.code]}: ")
        assert re.search(case.says, answer.err), answer.err
        assert answer.err.count("\n") == 1
        assert "Traceback" not in answer.out + answer.err
        assert str(tmp_path / "mine") in answer.err
        assert not [path for path in set(cache.rglob("*")) - before if path.suffix and path.is_file()]


def test_a_training_is_refused_in_the_same_way(trained: Case, book: Path, tmp_path: Path, cache: Path) -> None:
    asked = trained.written(tmp_path / "mine")
    options = [option.replace("FOLDER", str(tmp_path / "mine")) for option in trained.options]
    recipe = written(tmp_path / "mine.toml", book, budget__steps=1)
    done = tandem("train", recipe, "--data", asked, *options, "--out", tmp_path / "run", cwd=tmp_path)
    assert done.returncode == trained.code, done.stderr
    if trained.code:
        assert done.stderr.startswith(f"{NAMES[trained.code]}: ")
        assert re.search(trained.says, done.stderr)
        assert done.stderr.count("\n") == 1
        assert not (tmp_path / "run").exists()
        assert left_half_written(cache) == []


@pytest.mark.parametrize("command", ["show", "check"])
def test_looking_at_the_data_is_refused_in_the_same_way(command: str, trained: Case, ask: Ask, tmp_path: Path) -> None:
    asked = trained.written(tmp_path / "mine")
    options = [option.replace("FOLDER", str(tmp_path / "mine")) for option in trained.options]
    answer = ask("data", command, asked, *options)
    assert answer.code == trained.code, answer.err
    if trained.code:
        assert re.search(rf"{NAMES[trained.code]}: .*{trained.says}", answer.err), answer.err
