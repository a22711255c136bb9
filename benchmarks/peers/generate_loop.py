"""transformers' generate on the exported model, asked for so many tokens at a time."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
import transformers
from turns import settings, versions


def main() -> None:
    """Exports the run, loads it, and answers `{"tokens": 64, "cached": true}` with the seconds, line by line."""
    asked = settings()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    # The environment has the packages of ours and not Tandem, which may be a clone that was never installed.
    sys.path[:0] = asked["paths"]
    from benchmarks.generate import PROMPT, opened
    from tandem.interop import transformers as known  # noqa: F401
    from tandem.interop.export import export

    with tempfile.TemporaryDirectory() as name:
        folder = f"{name}/exported"
        export(opened(asked["run"]), to="transformers", out=Path(folder))
        model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
        ids = transformers.AutoTokenizer.from_pretrained(folder)(PROMPT, return_tensors="pt")["input_ids"]
    print(json.dumps({"runs_on": versions("torch", "transformers")}), file=answers)
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        count, started = request["tokens"], time.perf_counter()
        with torch.no_grad():
            model.generate(
                ids, max_new_tokens=count, min_new_tokens=count, do_sample=False, use_cache=request["cached"]
            )
        print(json.dumps({"seconds": time.perf_counter() - started}), file=answers)


if __name__ == "__main__":
    main()
