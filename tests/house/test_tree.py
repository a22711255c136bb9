"""How files are called, how long they are, and which way they import."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "tandem").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST = 300
MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_no_file_is_longer_than_one_sitting() -> None:
    assert len(SOURCES) > 50
    long = {path.name: len(lines(path)) for path in SOURCES + TESTS if len(lines(path)) > LONGEST}
    assert long == {}


def test_packages_are_folders_and_nothing_happens_when_one_is_imported() -> None:
    empty = [path for path in SOURCES if path.name == "__init__.py"]
    assert len(empty) > 8
    assert [path for path in empty if path.stat().st_size] == []
    folders = {path.parent for path in SOURCES if path.name != "__init__.py"}
    assert folders == {path.parent for path in empty}


def test_every_file_has_a_name_that_says_what_is_in_it() -> None:
    named = {part for path in SOURCES + TESTS for part in path.relative_to(ROOT).with_suffix("").parts}
    assert named & MEANINGLESS == set()


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    assert [path for path in SOURCES if path.stat().st_size and not lines(path)[0].startswith('"""')] == []


def test_comments_draw_no_banners() -> None:
    banner = re.compile(r"^\s*#\s*[-=#*~]{3,}")
    found = [f"{path}: {line}" for path in SOURCES + TESTS for line in lines(path) if banner.match(line)]
    assert found == []


def test_every_module_has_a_test_of_its_name_or_one_that_imports_it() -> None:
    # Parts are found by the contract tests, which run over all of them; commands are called by their names; shapes are
    # checked in every test there is.
    elsewhere = {"cli", "nn/decoders", "nn/mixers", "objectives", "tasks", "text/corpora"}
    names = {path.relative_to(ROOT / "tests").as_posix() for path in TESTS}
    written = "\n".join(path.read_text(encoding="utf-8") for path in TESTS)
    untested = []
    for path in SOURCES:
        folder, module = path.relative_to(ROOT / "src" / "tandem").parent.as_posix(), path.stem
        if module in ("__init__", "__main__", "shapes") or folder in elsewhere:
            continue
        package = "tandem" if folder == "." else f"tandem.{folder.replace('/', '.')}"
        imported = f"{package}.{module}" in written or f"from {package} import {module}" in written
        if not imported and f"{folder}/test_{module}.py" not in names:
            untested.append(f"{folder}/{module}.py")
    assert untested == []


def test_imports_point_downwards() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout
