"""Typed sections: what a service reads from a pack, declared beside the rules that read it."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, ClassVar, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from wurao.common.packs.errors import PackError
from wurao.common.packs.units import explain
from wurao.common.packs.values import DatedValue, Param, Parameter

_DECLARED: "list[type[Section]]" = []

Found = tuple[Parameter, DatedValue]
Find = Callable[[str], Found]


class Section(BaseModel):
    """Base of typed sections: `class CapSection(Section, prefix="cap")` reads `cap.<field>` for each field.

    A field is `Param[T]`, or `Param[T] | None` with a default where a pack may be silent: a value of null
    is then None, unless T itself allows null. `declare=False` keeps a section out of `wurao pack check`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefix: ClassVar[str]

    def __init_subclass__(cls, *, prefix: str, declare: bool = True, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.prefix = prefix
        if declare:
            _DECLARED.append(cls)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Takes the class arguments that `__init_subclass__` has already used."""


SectionT = TypeVar("SectionT", bound=Section)


def declared_sections() -> tuple[type[Section], ...]:
    """Every section that the modules imported so far declare."""
    return tuple(_DECLARED)


def parameter_names(section: type[Section]) -> Iterator[str]:
    """Full names of the parameters that `section` reads."""
    return (f"{section.prefix}.{field}" for field in section.model_fields)


def assemble(section: type[Section], find: Find) -> Section:
    """The section from the values that `find` gives. Raises PackError: missing, not in force, or mistyped."""
    given = {field: _read(section, field, find) for field in section.model_fields}
    return section.model_construct(None, **given)


def problems(section: type[Section], find: Find) -> list[PackError]:
    """Every PackError of the section, not only the first."""
    errors = []
    for field in section.model_fields:
        try:
            _read(section, field, find)
        except PackError as error:
            errors.append(error)
    return errors


def _read(section: type[Section], field: str, find: Find) -> Param[Any] | None:
    name = f"{section.prefix}.{field}"
    info = section.model_fields[field]
    try:
        parameter, dated = find(name)
    except PackError:
        if info.is_required():
            raise
        default: Param[Any] | None = info.get_default(call_default_factory=True)
        return default
    reader, optional = _reader(section, field)
    try:
        # JSON mode: strict about scalars, and still turns lists into tuples and strings into enums.
        return reader.validate_json(parameter.cited(dated).model_dump_json(), strict=True)
    except ValidationError as error:
        if dated.value is None and optional:
            return None
        raise PackError(explain(error, skip=1), file=dated.file, line=dated.line, parameter=name) from error


@cache
def _reader(section: type[Section], field: str) -> tuple[TypeAdapter[Param[Any]], bool]:
    """The reader of the field's `Param[T]`, and whether the field may be None."""
    annotation = section.model_fields[field].annotation
    options = [option for option in get_args(annotation) or (annotation,) if option is not type(None)]
    if len(options) != 1 or not (isinstance(options[0], type) and issubclass(options[0], Param)):
        raise TypeError(f"{section.__name__}.{field} must be Param[T] or Param[T] | None")
    return TypeAdapter(options[0]), type(None) in get_args(annotation)
