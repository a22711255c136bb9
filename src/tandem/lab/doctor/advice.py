"""What follows from what was found, in words."""

from collections.abc import Iterable, Iterator

from tandem.lab.doctor.findings import Findings
from tandem.lab.doctor.speed import Setting, Speeds

PLAIN = Setting("fp32", 1)
# Below a twentieth a difference is noise, and the next measurement turns it round.
WORTH = 1.05
THREADS_PAY = 1.3
FAR = 0.1
LITTLE_MEMORY, LITTLE_DISK = 2 * 2**30, 5 * 2**30


def advice(found: Findings) -> list[str]:
    """Sentences, the ones about speed first."""
    return [*_speed(found), *_threads(found), *_precision(found), *_room(found), *_extras(found)]


def _speed(found: Findings) -> Iterator[str]:
    """Mixers with the same best setting share a sentence."""
    gains: dict[Setting, dict[str, float]] = {}
    for name, speeds in found.speeds.items():
        setting = best(speeds)
        gains.setdefault(setting, {})[name] = speeds[setting] / speeds[PLAIN]
    for setting, mixers in gains.items():
        if setting == PLAIN:
            yield f"train {_listed(mixers)} in {PLAIN}: nothing else is faster"
        else:
            least, most = min(mixers.values()), max(mixers.values())
            times = f"{least:.1f}" if f"{least:.1f}" == f"{most:.1f}" else f"{least:.1f} to {most:.1f}"
            yield f"train {_listed(mixers)} in {setting}: {times} times as fast as in {PLAIN}"
    if any(setting.precision == "bf16" for setting in gains):
        yield 'train.precision = "auto", the default, measures this for your model and chooses'


def best(speeds: Speeds) -> Setting:
    """The fastest setting, unless a simpler one, named before it, is as fast within a twentieth."""
    fastest = max(speeds.values())
    return next(setting for setting in sorted(speeds, key=_effort) if speeds[setting] * WORTH >= fastest)


def _effort(setting: Setting) -> tuple[int, str]:
    return setting.threads, "" if setting.precision == "fp32" else setting.precision


def _threads(found: Findings) -> Iterator[str]:
    """What to set, for the setting that is best for most mixers."""
    threads = [best(speeds).threads for speeds in found.speeds.values()]
    usual = max(sorted(set(threads)), key=threads.count)
    if usual != found.machine.threads:
        rest = "; the other cores are free for another run" if usual < found.machine.cores else ""
        yield f"set OMP_NUM_THREADS={usual} (it is {found.machine.threads} now){rest}"
    many = max((setting for setting in found.peaks if setting.precision == "fp32"), key=lambda one: one.threads)
    if many.threads > 1 and found.peaks[many] < THREADS_PAY * found.peaks[PLAIN]:
        yield f"{many.threads} threads multiply hardly faster than one: other programs run; measure again alone"


def _precision(found: Findings) -> Iterator[str]:
    for name, layers in found.parity.items():
        furthest = max(max(layer.output, layer.gradient) for layer in layers)
        if furthest > FAR:
            yield f"{name} in bf16 is {100 * furthest:.0f} % away from fp32: compare a short run in both"


def _room(found: Findings) -> Iterator[str]:
    memory = found.machine.memory_free
    if memory is not None and memory < LITTLE_MEMORY:
        yield f"{memory / 2**30:.1f} GiB of memory are free: lower train.batch_tokens if a training is killed"
    for name, free in found.machine.disk_free.items():
        if free < LITTLE_DISK:
            yield f"{free / 2**30:.1f} GiB of disk are free for {name}: remove old runs or prepared corpora"


def _extras(found: Findings) -> Iterator[str]:
    lacking = [name for name, packages in found.machine.extras.items() if packages and name != "all"]
    if lacking:
        yield f"not installed: {_listed(lacking)}; pip install -e '.[{','.join(lacking)}]' in the clone"


def _listed(names: Iterable[str]) -> str:
    """a, b and c."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
