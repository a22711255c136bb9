"""Two pieces of text that follow each other or do not, for next sentence prediction."""

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import DataError
from tandem.core.seeds import derive, uniform
from tandem.data.pair_rows import FRAME, OneRow
from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.data.store import Store

ANSWERS = FOLLOWS, ELSEWHERE = 0, 1

Integers = NDArray[np.int64]


class SentencePairs(Source):
    """Rows `[CLS] a [SEP] b [SEP]` of at most `length` positions, with `segments` and `targets`.

    A seam is where a sentence of a document ends and its next one begins. `a` is the text before one seam, `b` the text
    behind one, each as long as its document goes on and at most half a row. In half of the pairs both seams are the
    same, and b FOLLOWS a; in the others that of b is drawn from all the seams of other documents. How much text is
    taken does not depend on which of the two it is, so that lengths do not give the answer away.

    Sequence n draws its seam in the nth of equal shares of all seams. There are so many that an epoch reads every token
    about twice, as a first and as a second text. A document of one sentence has no seam and is left out. Memory grows
    with the number of documents, 24 bytes for each.

    Source: Devlin et al. 2019, BERT, section 3.1.

    Raises:
        UsageError: no text fits into `length`, or the tokenizer has no [CLS] or [SEP].
        DataError: fewer than two documents of the split have a seam.
    """

    def __init__(self, store: Store, split: str, *, length: int) -> None:
        self.form = OneRow(store.tokenizer.cls_id, store.tokenizer.sep_id)
        self.form.check(length)
        self.half = (length - FRAME) // 2
        self.rest = length - FRAME - self.half
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
        has_seam = seams > 0
        starts, ends = (self.documents[place].astype(np.int64) for place in (slice(-1), slice(1, None)))
        last = self.sentences[self.first_sentences[1:] - 1].astype(np.int64)
        self.before = np.append(np.where(has_seam, np.minimum(self.half, last - starts), 0), 0)
        """The most tokens that stand before a seam of each document and are read, (documents + 1,)."""
        first = self.sentences[self.first_sentences[:-1][has_seam] + 1].astype(np.int64)
        self.behind = min(self.rest, int((ends[has_seam] - first).max()))
        """The most that stand behind any seam and are read."""

    def __len__(self) -> int:
        return min(int(self.edges[-1]), -(-len(self.tokens) // self.half))

    def lengths(self, sequences: Integers) -> Integers:
        # The seam, and where b comes from, are drawn anew in every epoch: this is the most that can be drawn.
        first, end = self._shares(sequences)
        documents = np.stack([self._documents_of(first), self._documents_of(end - 1) + 1], axis=1)
        lengths: Integers = FRAME + np.maximum.reduceat(self.before, documents.ravel())[::2] + self.behind
        return lengths

    def rows(self, sequences: Integers, *, key: int) -> Rows:
        seams = self._own_seams(sequences, key)
        targets = np.where(uniform(derive(key, "target"), sequences) < 0.5, FOLLOWS, ELSEWHERE)
        elsewhere = self._seams_elsewhere(seams, uniform(derive(key, "elsewhere"), sequences))
        firsts = self._texts_before(seams)
        seconds = self._texts_behind(np.where(targets == FOLLOWS, seams, elsewhere))
        rows = self.form.rows(firsts, seconds)
        return Rows(rows.ids, rows.mask, sequences, segments=rows.segments, targets=targets)

    def _shares(self, sequences: Integers) -> tuple[Integers, Integers]:
        """The first of the seams that each of `sequences` (B,) draws from, and the one behind the last; both (B,)."""
        first, end = (number * self.edges[-1] // len(self) for number in (sequences, sequences + 1))
        return first, end

    def _own_seams(self, sequences: Integers, key: int) -> Integers:
        """The numbers of the seams (B,) of `sequences` (B,)."""
        first, end = self._shares(sequences)
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
        return self._cut(starts, np.minimum(ends, starts + self.rest))

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
