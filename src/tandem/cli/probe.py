"""The command that looks for traps in finished runs."""

import typer

from tandem.cli.app import Mirror, RunPaths, app
from tandem.core.errors import ArtifactError


@app.command()
def probe(runs: RunPaths, mirror: Mirror = None) -> None:  # noqa: ARG001
    """Look for padding that changes answers, for a look ahead, and whether runs with one seed read the same."""
    from tandem.lab.folder import open_run
    from tandem.lab.probes import probe_run
    from tandem.lab.studies.digest import DataDigest, data_digest

    failed: list[str] = []
    digests: dict[int, tuple[str, DataDigest]] = {}
    for path in runs:
        run = open_run(path)
        digest = data_digest(run.recipe, run.objective, run.store(say=typer.echo))
        typer.echo(f"{path}: tokenizer {digest.tokenizer[:12]}, order {digest.order[:12]}, inputs {digest.inputs[:12]}")
        for found in probe_run(run):
            typer.echo(f"  {found.sentence()}")
            failed += [] if found.holds else [str(path)]
        first, expected = digests.setdefault(run.recipe.seed, (str(path), digest))
        if different := expected.differences(digest):
            typer.echo(f"  does it read what {first} reads: NO, it differs in {' and '.join(different)}")
        elif first != str(path):
            typer.echo(f"  does it read what {first} reads: yes")
    if failed:
        raise ArtifactError(f"{failed[0]}: fails a probe, so its numbers mean nothing; see above for what moved")
