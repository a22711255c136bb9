"""What all examples of a public corpus come to; run in a process of its own, as the checked types of tests make reading
ten times as slow.
"""

import json
import sys
from collections import Counter
from itertools import groupby
from typing import Any

from tandem.core import parts
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.splits import SPLITS


def facts(name: str, options: dict[str, Any]) -> dict[str, Any] | None:
    """Counts and the first example of each split, and how many texts train and validation share; None if not there."""
    part = parts.load_class("tandem.text.corpora", name, Corpus)
    corpus = part(**options)
    if not corpus.table.where():
        return None
    found = {split: list(corpus.examples(split)) for split in SPLITS}
    train, validation = ({example.text for example in found[split]} for split in ("train", "validation"))
    return {"kind": corpus.kind, "labels": corpus.labels(), "shared": len(train & validation)} | {
        split: _of_split(found[split]) for split in SPLITS
    }


def _of_split(examples: list[Example]) -> dict[str, Any]:
    classes = Counter(example.target for example in examples if isinstance(example.target, str))
    tags = Counter(tag for example in examples if isinstance(example.target, tuple) for tag in example.target)
    scores = [example.target for example in examples if isinstance(example.target, float)]
    texts = [text for example in examples for text in (example.text, example.second) if text is not None]
    return {
        "examples": len(examples),
        "documents": [len(list(run)) for _, run in groupby(example.document for example in examples)],
        "pairs": sum(example.second is not None for example in examples),
        "targets": sum(example.target is not None for example in examples),
        "classes": classes,
        "tags": tags,
        "scores": [min(scores), max(scores)] if scores else None,
        "untagged": sum(
            len(example.target) != len(example.text.split(" "))
            for example in examples
            if isinstance(example.target, tuple)
        ),
        "empty": sum(not text.strip() for text in texts),
        "characters": sum(map(len, texts)),
        "words": Counter(word for text in texts for word in text.split()),
        "first": [examples[0].text, examples[0].second],
        "headings": sum(example.text.startswith("= = ") for example in examples),
    }


if __name__ == "__main__":
    json.dump(facts(sys.argv[1], json.loads(sys.argv[2])), sys.stdout)
