"""The command that looks at the machine and says how to train on it."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import app

if TYPE_CHECKING:
    from tandem.lab.doctor.findings import Findings
    from tandem.lab.doctor.machine import Machine

GIB = 2**30


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="print everything as JSON")] = False,
    network: Annotated[bool, typer.Option("--network", help="ask the Hugging Face hub whether it answers")] = False,
) -> None:
    """Measure this machine for half a minute, and say in which precision and with how many threads to train."""
    from tandem.lab.doctor.advice import advice
    from tandem.lab.doctor.findings import examine

    found = examine(network=network, say=lambda what: typer.echo(what, err=True))
    if as_json:
        typer.echo(json.dumps({**found.to_json(), "advice": advice(found)}, indent=2))
        return
    for line in (*_machine(found.machine), *_network(found), "", *_speeds(found), "", *_parity(found), ""):
        typer.echo(line)
    for sentence in advice(found):
        typer.echo(f"- {sentence}")


def _machine(machine: "Machine") -> Iterator[str]:
    yield f"processor  {machine.processor}, cores {machine.cores}, threads {machine.threads}"
    yield f"           {' '.join(machine.instructions) or 'instruction sets are not told here'}"
    if machine.graphics:
        yield f"graphics   {machine.graphics}"
    memory = "not told here" if machine.memory_free is None else f"{machine.memory_free / GIB:.1f} GiB free"
    disk = ", ".join(f"{free / GIB:.0f} GiB free for {name}" for name, free in machine.disk_free.items())
    yield f"memory     {memory}"
    yield f"disk       {disk}"
    yield f"versions   {', '.join(f'{name} {version}' for name, version in machine.versions.items())}"
    extras = (
        f"{name} ({'lacks ' + ', '.join(lacking) if lacking else 'installed'})"
        for name, lacking in machine.extras.items()
    )
    yield f"extras     {', '.join(extras)}"


def _network(found: "Findings") -> Iterator[str]:
    yield f"data       {found.mirror}"
    if found.hub is not None:
        yield f"hub        {found.hub}"


def _speeds(found: "Findings") -> Iterator[str]:
    settings = list(found.peaks)
    yield f"{'':<24}" + "".join(f"{setting!s:>20}" for setting in settings)
    yield f"{'GFLOP/s':<24}" + "".join(f"{found.peaks[setting] / 1e9:>20,.0f}" for setting in settings)
    for name, speeds in found.speeds.items():
        label = f"{name}, tokens/s"
        yield f"{label:<24}" + "".join(f"{speeds[setting]:>20,.0f}" for setting in settings)
    yield "forward, backward and Muon of one layer of width 256, 16 texts of 128 tokens"


def _parity(found: "Findings") -> Iterator[str]:
    yield f"{'bf16 against fp32':<24}" + "".join(
        f"{f'layer {number + 1} {what}':>18}" for number in range(2) for what in ("output", "gradient")
    )
    for name, layers in found.parity.items():
        values = (value for layer in layers for value in (layer.output, layer.gradient))
        yield f"{name:<24}" + "".join(f"{100 * value:>16.2f} %" for value in values)
    yield "|bf16 - fp32| / |fp32|; one rounding to bfloat16 is up to 0.4 %"
