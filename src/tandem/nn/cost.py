"""What a model costs: parameters by place, operations for each token, bytes of state."""

from dataclasses import dataclass

from torch import nn

from tandem.nn.block import Block
from tandem.nn.both_ways import BothWays
from tandem.nn.chain import Chain, Norm
from tandem.nn.merge import Parallel
from tandem.nn.model import Model
from tandem.nn.positions import Positions


@dataclass(frozen=True)
class Parameters:
    """Trained numbers. A tied embedding counts once, under embedding; so do position tables."""

    embedding: int
    body: int
    head: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.embedding + self.body + self.head


def parameters(model: Model) -> Parameters:
    """The trained parameters of `model`; frozen ones, such as the second bias of torch's LSTM, are left out."""
    embedding = trained(model.encoder.embedding)
    if model.encoder.segments is not None:
        embedding += trained(model.encoder.segments)
    tables = sum(trained(module) for module in model.encoder.modules() if isinstance(module, Positions))
    encoder = trained(model.encoder)
    return Parameters(embedding + tables, encoder - embedding - tables, trained(model) - encoder)


def trained(module: nn.Module) -> int:
    """How many numbers of `module` are trained."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


def state_bytes(module: nn.Module, length: int) -> int:
    """Bytes of float32 state that one sequence needs after `length` tokens, over all mixers."""
    return sum(block.mixer.state_bytes(length) for block in module.modules() if isinstance(block, Block))


@dataclass(frozen=True)
class Line:
    """One line of a model's tree: how deep it stands, what it is, its parameters and its operations for each token."""

    depth: int
    label: str
    parameters: int
    flops_per_token: float


def tree(module: nn.Module, length: int, depth: int = 0) -> list[Line]:
    """The parts of an encoder's body from the outside inwards, measured for sequences of `length` tokens."""
    match module:
        case Chain():
            inside = [line for step in module.steps for line in tree(step, length, depth)]
            return inside if module.norm is None else [*inside, Line(depth, "norm", trained(module.norm), 0.0)]
        case Parallel():
            head = Line(depth, f"parallel, merged by {module.merge}", trained(module), module.flops(length) / length)
            return [
                head,
                *(line for branch in module.branches for line in _branch(branch, length, depth + 1, "branch")),
            ]
        case BothWays():
            bodies = (("reads from the beginning", module.ahead), ("reads from the end", module.behind))
            return [line for label, body in bodies for line in _branch(body, length, depth, label)]
        case Block():
            label = f"{type(module.mixer).__name__.lower()}, sees {module.mixer.sees}, {module.style} block"
            return [Line(depth, label, trained(module), module.flops(length) / length)]
        case Positions():
            return [Line(depth, f"positions, {module.kind}", trained(module), 0.0)]
        case Norm():
            return [Line(depth, "norm", trained(module), 0.0)]
        case _:
            raise TypeError(f"no description for {type(module).__name__}")


def _branch(branch: nn.Module, length: int, depth: int, label: str) -> list[Line]:
    flops = branch.flops(length) / length  # type: ignore[operator]
    return [Line(depth, label, trained(branch), flops), *tree(branch, length, depth + 1)]
