"""What a generator makes is its fingerprint's business: a store prepared from other text must not be taken for it."""

import hashlib
from itertools import islice

import pytest

from tandem.core import parts
from tandem.text.corpora.base import Corpus
from tandem.text.splits import SPLITS

CORPORA = "tandem.text.corpora"

# A changed text fails here: raise the number in `fingerprint` of that corpus, then write down the new digest.
MADE = {
    "agreement": ("agreement-1", "e12569c251f7c6f8"),
    "copy": ("copy-1", "06b6a58907c7c4a1"),
    "dates": ("dates-1", "0d57d1d4e64b74e6"),
    "inference": ("inference-1", "96207384cec6ceb2"),
    "parity": ("parity-1", "90009223f40fe057"),
    "parts-of-speech": ("parts-of-speech-1", "28a2d9682c6e544e"),
    "reverse": ("reverse-1", "26138454dc3a6700"),
    "similarity": ("similarity-1", "986d4b2c4a4df292"),
}


def made_names() -> list[str]:
    return [name for name in parts.names(CORPORA) if parts.load_class(CORPORA, name, Corpus).source == "made"]


@pytest.mark.parametrize("name", made_names())
def test_text_and_fingerprint_change_together(name: str) -> None:
    corpus = parts.load_class(CORPORA, name, Corpus)(rows=60)
    digest = hashlib.sha256()
    for split in SPLITS:
        for one in islice(corpus.examples(split), 60):
            digest.update(repr((one.text, one.second, one.target)).encode())
    assert (corpus.fingerprint(), digest.hexdigest()[:16]) == MADE[name]


def test_every_kind_of_task_can_run_without_network() -> None:
    kinds = {
        part.kind
        for part in (parts.load_class(CORPORA, name, Corpus) for name in parts.names(CORPORA))
        if part.source in ("made", "package")
    }
    assert kinds == {"text", "label", "pair", "score", "tags", "translation", "contrast"}
