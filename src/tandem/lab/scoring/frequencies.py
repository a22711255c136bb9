"""How often each token stands in the text that a run was trained on."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import ArtifactError
from tandem.lab.assemble import prepared
from tandem.lab.folder import OpenRun


def training_counts(run: OpenRun, *, say: Callable[[str], None] = lambda _: None) -> NDArray[np.int64]:
    """The counts (V,) of the run's train split.

    Raises:
        ArtifactError: the text has changed since the run. DataError: it is no longer there.
    """
    store = prepared(run.recipe, say=say)
    if not run.folder.has_tokenizer(store.tokenizer):
        raise ArtifactError(f"{run.folder.path}: its tokenizer is not that of the corpus: the text has changed")
    return np.asarray(store.counts, dtype=np.int64)
