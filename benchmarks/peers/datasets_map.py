"""A text file to an Arrow file of token ids by `datasets.map`, as the documentation of the library does it.

The argument is a JSON object: `text`, `tokenizer` and `out` are paths. Tells the seconds by the clock and of all cores.
"""

import importlib.metadata
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Reads, maps and writes, once."""
    asked: dict[str, str] = json.loads(sys.argv[1])
    os.environ |= {"HF_HOME": asked["out"], "HF_HUB_OFFLINE": "1"}
    import datasets
    import tokenizers

    datasets.disable_progress_bars()
    tokenizer = tokenizers.Tokenizer.from_file(asked["tokenizer"])

    def tokenized(batch: dict[str, Any]) -> dict[str, Any]:
        return {"ids": [e.ids for e in tokenizer.encode_batch_fast(batch["text"], add_special_tokens=False)]}

    clock, cores = time.perf_counter(), time.process_time()
    text = datasets.load_dataset("text", data_files=asked["text"], sample_by="paragraph", split="train")
    ids = text.map(tokenized, batched=True, remove_columns=["text"])
    seconds = (time.perf_counter() - clock, time.process_time() - cores)
    assert all(Path(file["filename"]).is_file() for file in ids.cache_files)
    tokens = sum(len(row) for row in ids["ids"])
    version = f"datasets {importlib.metadata.version('datasets')}"
    print(json.dumps({"seconds": seconds, "rows": len(ids), "tokens": tokens, "runs_on": version}))


if __name__ == "__main__":
    main()
