from typing import Any, Literal

import pytest

from tandem.core import parts
from tandem.core.errors import UsageError

BASE = "class Wine:\n    pass\n"
RED = "from cellar.base import Wine\nHELPER = Wine()\nclass Other:\n    pass\nclass RedWine(Wine):\n    pass\n"
WHITE = "from cellar.base import Wine\nCHOSEN = Wine()\n"


@pytest.fixture(scope="module")
def cellar(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A package of two parts that nothing registers."""
    folder = tmp_path_factory.mktemp("parts")
    (folder / "cellar").mkdir()
    for name, content in {"__init__": "", "base": BASE, "red_base": BASE, "red_wine": RED, "white": WHITE}.items():
        (folder / "cellar" / f"{name}.py").write_text(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        import cellar.base

        yield cellar.base.Wine


class Part:
    def __init__(
        self,
        width: int,
        given: int = 3,
        *,
        needed: str = "x",
        rate: float = 0.1,
        scope: Literal["masked", "all"] = "masked",
        limit: int | None = None,
    ) -> None: ...


def test_one_new_file_is_one_new_part(cellar: type) -> None:
    assert parts.names("cellar") == ["red-wine", "white"]


def test_a_class_is_found_by_the_name_of_its_file(cellar: type) -> None:
    found = parts.load_class("cellar", "red-wine", cellar)
    assert found.__name__ == "RedWine"
    assert issubclass(found, cellar)


def test_a_value_is_found_by_the_name_of_its_file(cellar: type) -> None:
    assert isinstance(parts.load_value("cellar", "white", cellar), cellar)


@pytest.mark.parametrize("load", [parts.load_class, parts.load_value])
def test_an_unknown_part_names_the_nearest_one(cellar: type, load: Any) -> None:
    with pytest.raises(UsageError) as caught:
        load("cellar", "red_wime", cellar, where="recipe")
    assert str(caught.value) == 'recipe: unknown wine "red_wime"; did you mean "red-wine"? (legal: red-wine, white)'


@pytest.mark.parametrize("name", ["base", "red_base", "red-base", "__init__", "", "../cellar", "os.path"])
def test_only_files_of_the_package_are_parts(cellar: type, name: str) -> None:
    with pytest.raises(UsageError, match="unknown wine"):
        parts.load_class("cellar", name, cellar)


def test_keyword_only_parameters_with_a_default_are_the_options() -> None:
    assert list(parts.options(Part)) == ["needed", "rate", "scope", "limit"]
    assert parts.options(Part)["rate"].default == 0.1


def test_options_of_the_right_type_pass() -> None:
    values = {"rate": 1, "scope": "all", "limit": None}
    assert parts.checked_options(Part, values, where="here") == values
    assert parts.checked_options(Part, {}, where="here") == {}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rat": 0.1}, 'here: unknown option "rat"; did you mean "rate"? (legal: needed, rate, scope, limit)'),
        ({"width": 4}, 'here: unknown option "width"'),
        ({"given": 4}, 'here: unknown option "given"'),
        ({"rate": "0.1"}, "here: option rate = '0.1': input should be a valid number"),
        ({"rate": True}, "here: option rate = True: input should be a valid number"),
        ({"limit": 2.5}, "here: option limit = 2.5: input should be a valid integer"),
        ({"scope": "some"}, 'here: unknown value of scope "some" (legal: masked, all)'),
    ],
)
def test_a_wrong_option_says_what_is_legal(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parts.checked_options(Part, values, where="here")
    assert str(caught.value).startswith(message)
