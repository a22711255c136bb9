"""The report on the translations of a split."""

import csv
from pathlib import Path

import pytest

from tandem.lab.corpora import open_corpus
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.translate import Translation
from tandem.lab.translation_report import Pair, TranslationReport, grouped_by_length, translation_report
from tandem.nn.search import Beam


@pytest.fixture(scope="module")
def run(reversing_run: Path) -> OpenRun:
    return open_run(reversing_run)


@pytest.fixture(scope="module")
def report(run: OpenRun) -> TranslationReport:
    return translation_report(run, split="test", beam=Beam())


def pair(words: int, *, right: bool) -> Pair:
    text = " ".join("abcdefghij"[:words])
    return Pair(Translation(text, text if right else "x", -1.0, True, words, 0), text, right)


def test_every_text_of_the_split_is_translated_once_in_its_order(run: OpenRun, report: TranslationReport) -> None:
    texts = [example.text for example in open_corpus(run.recipe).corpus.examples("test")]
    assert [one.translation.text for one in report.pairs] == texts
    assert report.whole.count == len(texts) == sum(group.count for group in report.groups)
    assert report.whole.same == pytest.approx(sum(one.same for one in report.pairs) / len(texts))
    assert report.whole.same > 0.8


def test_the_lines_name_the_signatures_and_every_group(report: TranslationReport) -> None:
    lines = "\n".join(report.lines())
    assert "nrefs:1|case:lc|eff:no|tok:13a" in lines
    assert f"% of {report.whole.count} translations by beam 5, length penalty 0.6" in lines
    for group in report.groups:
        assert f"{group.shortest} to {group.longest}" in lines


def test_samples_are_spread_over_the_split(report: TranslationReport) -> None:
    assert len(report.samples) == 20
    assert (report.samples[0], report.samples[-1]) == (report.pairs[0], report.pairs[-1])


def test_texts_of_similar_length_are_scored_together() -> None:
    pairs = [pair(words, right=words < 8) for words in range(1, 11) for _ in range(4)]
    groups = grouped_by_length(pairs)
    assert [(group.shortest, group.longest, group.count) for group in groups] == [
        (1, 2, 8), (3, 4, 8), (5, 6, 8), (7, 8, 8), (9, 10, 8),
    ]  # fmt: skip
    assert [group.same for group in groups] == [1.0, 1.0, 1.0, 0.5, 0.0]


def test_texts_of_one_length_are_one_group() -> None:
    (group,) = grouped_by_length([pair(5, right=True)] * 7)
    assert (group.shortest, group.longest, group.count) == (5, 5, 7)


def test_all_translations_can_be_read_back(report: TranslationReport, tmp_path: Path) -> None:
    report.write(tmp_path / "all.csv")
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["reference"] for row in rows] == [one.reference for one in report.pairs]
    assert [row["translation"] for row in rows] == [one.translation.translation for one in report.pairs]
