"""Two pieces of text that follow each other or do not, for next sentence prediction."""

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import DataError, UsageError
from tandem.core.seeds import derive, uniform
from tandem.data.rows import Rows, filled, padded
from tandem.data.source import Source
from tandem.data.store import Store

ANSWERS = FOLLOWS, ELSEWHERE = 0, 1
FRAME = 3

Integers = NDArray[np.int64]


class SentencePairs(Source):
    """Rows `[CLS] a [SEP] b [SEP]` of at most `length` positions, with `segments` and `targets`.

    A seam is where a sentence of a document ends and its next one begins. `a` is the text before one seam, `b` the text
    behind one, each as long as its document goes on and at most half a row. In half of the pairs both seams are the
    same, and b FOLLOWS a; in the others that of b is drawn from all the seams of other documents. How much text is
    taken does not depend on which of the two it is, so that lengths do not give the answer away.

    Sequence n draws its seam in the nth of equal shares of all seams. There are so many that an epoch reads every token
    about twice, as a first and as a second text. A document of one sentence has no seam and is left out. Memory grows
    with the number of documents, 16 bytes for each.

    Source: Devlin et al. 2019, BERT, section 3.1.

    Raises:
        UsageError: no text fits into `length`, or the tokenizer has no [CLS] or [SEP].
        DataError: fewer than two documents of the split have a seam.
    """

    def __init__(self, store: Store, split: str, *, length: int) -> None:
        if length < FRAME + 2:
            raise UsageError(f"data.length = {length}: [CLS] a [SEP] b [SEP] takes at least {FRAME + 2} positions")
        self.cls_id, self.sep_id = store.tokenizer.cls_id, store.tokenizer.sep_id
        self.length, self.half = length, (length - FRAME) // 2
        found = store.split(split)
        self.tokens, self.sentences, self.documents = found.tokens, found.sentences, found.documents
        self.first_sentences = np.searchsorted(self.sentences, self.documents)
        seams = np.maximum(np.diff(self.first_sentences) - 1, 0)
        if np.count_nonzero(seams) < 2:
            raise DataError(
                f"the {split} split of corpus {store.meta['corpus']} has {np.count_nonzero(seams)} documents of two "
                "sentences or more; next sentence prediction needs two: give each document a file, or a row, of its own"
            )
        self.edges = np.concatenate([[0], np.cumsum(seams)])
        """Which seams belong to which document, (documents + 1,)."""

    def __len__(self) -> int:
        return min(int(self.edges[-1]), -(-len(self.tokens) // self.half))

    def lengths(self, sequences: Integers) -> Integers:
        return np.full(len(sequences), self.length)

    def rows(self, sequences: Integers, *, key: int) -> Rows:
        seams = self._own_seams(sequences, key)
        targets = np.where(uniform(derive(key, "target"), sequences) < 0.5, FOLLOWS, ELSEWHERE)
        elsewhere = self._seams_elsewhere(seams, uniform(derive(key, "elsewhere"), sequences))
        firsts = self._texts_before(seams)
        seconds = self._texts_behind(np.where(targets == FOLLOWS, seams, elsewhere))
        frames = [[self.cls_id, *a, self.sep_id, *b, self.sep_id] for a, b in zip(firsts, seconds, strict=True)]
        segments = [[0] * (len(a) + 2) + [1] * (len(b) + 1) for a, b in zip(firsts, seconds, strict=True)]
        rows = padded(frames, sequences)
        return Rows(rows.ids, rows.mask, sequences, segments=filled(segments, 0), targets=targets)

    def _own_seams(self, sequences: Integers, key: int) -> Integers:
        """The numbers of the seams (B,) of `sequences` (B,)."""
        first, end = (number * self.edges[-1] // len(self) for number in (sequences, sequences + 1))
        seams: Integers = first + (uniform(derive(key, "seam"), sequences) * (end - first)).astype(np.int64)
        return seams

    def _seams_elsewhere(self, seams: Integers, draws: NDArray[np.float64]) -> Integers:
        """For each of `seams` (B,) one of another document, by `draws` (B,) from [0, 1)."""
        document = self._documents_of(seams)
        first, end = self.edges[document], self.edges[document + 1]
        others = (draws * (self.edges[-1] - (end - first))).astype(np.int64)
        seams_elsewhere: Integers = np.where(others < first, others, others + end - first)
        return seams_elsewhere

    def _texts_before(self, seams: Integers) -> list[list[int]]:
        starts = self.documents[self._documents_of(seams)].astype(np.int64)
        ends = self._places(seams)
        return self._cut(np.maximum(starts, ends - self.half), ends)

    def _texts_behind(self, seams: Integers) -> list[list[int]]:
        starts = self._places(seams)
        ends = self.documents[self._documents_of(seams) + 1].astype(np.int64)
        return self._cut(starts, np.minimum(ends, starts + self.length - FRAME - self.half))

    def _cut(self, starts: Integers, ends: Integers) -> list[list[int]]:
        return [self.tokens[start:end].tolist() for start, end in zip(starts, ends, strict=True)]

    def _documents_of(self, seams: Integers) -> Integers:
        return np.searchsorted(self.edges, seams, side="right") - 1

    def _places(self, seams: Integers) -> Integers:
        """The tokens (B,) that stand first behind `seams` (B,)."""
        document = self._documents_of(seams)
        sentences = self.first_sentences[document] + 1 + seams - self.edges[document]
        places: Integers = self.sentences[sentences].astype(np.int64)
        return places
