import json
from itertools import groupby
from pathlib import Path

import pytest

from tandem.text.corpora.wikitext import Wikitext
from tandem.text.hub import MIRROR
from tandem.text.splits import SPLITS

ARTICLE = [
    "",
    "= Title {0} =",
    "",
    "First of {0} .",
    "= Played , W =",
    "Last of {0} .",
    "",
    "= = Section = =",
    "",
    "End .",
]


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a mirror with 60 made-up articles that train and two that test."""
    monkeypatch.setenv(MIRROR, str(tmp_path))
    for config in ("wikitext-2-v1", "wikitext-103-raw-v1"):
        folder = tmp_path / Wikitext.identifier / config
        folder.mkdir(parents=True)
        for split, number in (("train", 60), ("test", 2)):
            lines = [line.format(f"{config} {split} {article}") for article in range(number) for line in ARTICLE]
            rows = [{"text": f" {line} \n" if line else " \n"} for line in lines]
            (folder / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return tmp_path


def test_an_example_is_a_paragraph_and_a_document_an_article(mirror: Path) -> None:
    examples = list(Wikitext().examples("test"))
    expected = [f"{line} of wikitext-2-v1 test 0 ." for line in ("First", "Last")]
    assert [example.text for example in examples[:4]] == [expected[0], "= Played , W =", expected[1], "End ."]
    assert [example.document for example in examples] == ["test-1"] * 4 + ["test-2"] * 4


def test_headings_are_read_if_asked_for(mirror: Path) -> None:
    examples = list(Wikitext(headings=True).examples("test"))
    assert [example.text for example in examples[:6]] == [
        line.format("wikitext-2-v1 test 0") for line in ARTICLE if line
    ]
    assert [example.document for example in examples] == ["test-1"] * 6 + ["test-2"] * 6
    assert "titles and headings are left out" in Wikitext().notes()[-1]
    assert Wikitext(headings=True).notes() == Wikitext().notes()[:-1]


def test_articles_are_kept_whole_where_train_must_give_some_away(mirror: Path) -> None:
    found = {split: [example.document for example in Wikitext().examples(split)] for split in SPLITS}
    train, validation = set(found["train"]), set(found["validation"])
    assert len(train) + len(validation) == 60
    assert validation
    assert not train & validation
    assert all(len(list(lines)) == 4 for split in SPLITS for _, lines in groupby(found[split]))


def test_size_and_rawness_are_options(mirror: Path) -> None:
    first = next(Wikitext(size="103", raw=True).examples("test"))
    assert first.text == "First of wikitext-103-raw-v1 test 0 ."
    assert len({Wikitext().fingerprint(), Wikitext(size="103", raw=True).fingerprint()}) == 2


def test_a_limit_counts_lines_of_the_train_split(mirror: Path) -> None:
    corpus = Wikitext(limit=len(ARTICLE) * 5)
    assert len({example.document for split in ("train", "validation") for example in corpus.examples(split)}) == 5
    assert len(list(corpus.examples("test"))) == 8
