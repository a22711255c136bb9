"""The lists of names that columns usually have."""

import re
from pathlib import Path

from tandem.text.files.known_columns import LABELS, LANGUAGES, PAIRS, SCORES, TAGS, TEXTS, TRANSLATIONS, WORDS

PAGE = (Path(__file__).parents[3] / "docs/your-own-data.md").read_text(encoding="utf-8")
EVERY = {*WORDS, *TAGS, *TEXTS, *LABELS, *SCORES, *(name for pair in PAIRS + TRANSLATIONS for name in pair)}


def test_names_are_written_as_they_are_compared() -> None:
    assert [name for name in EVERY | LANGUAGES if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


def test_no_list_names_a_column_twice_and_no_name_is_a_text_and_a_class() -> None:
    assert all(len(names) == len(set(names)) for names in (WORDS, TAGS, PAIRS, TEXTS, LABELS, SCORES))
    assert set(TEXTS) & {*LABELS, *SCORES} == set()


def test_the_rules_of_the_page_name_columns_that_are_known() -> None:
    rules = PAGE.partition("1. **Tags**")[2].partition("Capitals do not matter")[0]
    named = {name.lower() for name in re.findall(r"`(\w+)`", rules)}
    assert len(named) > 40
    assert named - EVERY - LANGUAGES == set()
