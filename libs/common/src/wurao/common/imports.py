"""Uploads of rows: every row checked against a model, a bounded report, nothing half-loaded.

`check` holds all rows; `pieces` hands them on a few thousand at a time, for uploads of a million rows.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from wurao.common.rowfiles import Cells, RowError, Unreadable, csv_records, is_csv, json_lines, open_csv, rows
from wurao.common.uploads import Body

__all__ = ["Checked", "CsvModel", "ImportReport", "Mode", "RowError", "Tally", "check", "pieces", "rows"]

MAX_ERRORS = 1_000
PIECE = 5_000

Mode = Literal["all", "good"]
Model = TypeVar("Model", bound=BaseModel)
Parsed = Iterator[tuple[int, Model | list[RowError]]]


class CsvModel(BaseModel):
    """Base of rows. CSV cells are read in one spelling: `-5`, `true`, `2026-03-01`, `a;b`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ImportReport(BaseModel):
    """What became of an upload. `accepted` rows passed the check; `loaded` tells whether they are taken.

    `unchanged`: rows in order that change nothing, and why; as many as of errors at most. `job_id`: work that goes
    on after the import, such as indexing for the search, watched at `/v1/jobs/{job_id}`.
    """

    rows: int
    accepted: int
    rejected: int
    loaded: bool
    mode: Mode
    errors: list[RowError]
    truncated: bool
    unchanged: list[RowError] = []
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Checked(Generic[Model]):
    """The rows to load with their row numbers: none where the report says that nothing is loaded."""

    good: list[Model]
    report: ImportReport
    numbers: list[int]

    def remarked(self, remark: Callable[[int, Model], RowError | None]) -> "Checked[Model]":
        """The same upload with remarks on its good rows in the report."""
        found = [remark(number, row) for number, row in zip(self.numbers, self.good, strict=True)]
        notes = [note for note in found if note is not None]
        if not notes:
            return self
        report = self.report.model_copy(update={"unchanged": [*self.report.unchanged, *notes][:MAX_ERRORS]})
        return Checked(self.good, report, self.numbers)

    def rejecting(self, fault: Callable[[int, Model], RowError | None]) -> "Checked[Model]":
        """The same upload after a second look at its good rows, such as for ids that name nothing known."""
        tally = Tally(self.report.mode)
        tally.add(self.report)
        kept, numbers = [], []
        for number, row in zip(self.numbers, self.good, strict=True):
            if (found := fault(number, row)) is None:
                kept.append(row)
                numbers.append(number)
            else:
                tally.reject([found])
        return self if len(kept) == len(self.good) else tally.conclude(kept, numbers)


@dataclass(slots=True)
class Tally:
    """The counts and errors of an upload so far."""

    mode: Mode
    accepted: int = 0
    rejected: int = 0
    errors: list[RowError] = field(default_factory=list)
    truncated: bool = False
    unchanged: list[RowError] = field(default_factory=list)

    @property
    def spoilt(self) -> bool:
        """Nothing of the upload may be loaded any more."""
        return self.mode == "all" and bool(self.errors)

    def note(self, errors: Iterable[RowError]) -> None:
        """Keep what fits into the report."""
        listed = list(errors)
        room = MAX_ERRORS - len(self.errors)
        self.errors += listed[:room]
        self.truncated |= len(listed) > room

    def reject(self, errors: Iterable[RowError]) -> None:
        """Count a row as rejected for these errors."""
        self.rejected += 1
        self.note(errors)

    def add(self, report: ImportReport) -> None:
        """Count the report of a part of the upload."""
        self.accepted += report.accepted
        self.rejected += report.rejected
        self.note(report.errors)
        self.remark(report.unchanged)
        self.truncated |= report.truncated

    def remark(self, notes: Iterable[RowError]) -> None:
        """Keep remarks on rows that are no errors, as far as they fit into the report."""
        self.unchanged += islice(notes, MAX_ERRORS - len(self.unchanged))

    def report(self) -> ImportReport:
        """What is known so far."""
        return ImportReport(
            rows=self.accepted + self.rejected,
            accepted=self.accepted,
            rejected=self.rejected,
            loaded=self.accepted > 0 and not self.spoilt,
            mode=self.mode,
            errors=self.errors,
            truncated=self.truncated,
            unchanged=self.unchanged,
        )

    def conclude(self, good: list[Model], numbers: list[int]) -> Checked[Model]:
        """The upload with its good rows, unless none may be loaded."""
        self.accepted = len(good)
        report = self.report()
        return Checked(good if report.loaded else [], report, numbers if report.loaded else [])


def check(
    body: Body,
    content_type: str,
    model: type[Model],
    mode: Mode,
    *,
    unique: Callable[[Model], str] | None = None,
    unique_field: str = "",
) -> Checked[Model]:
    """Validate every row. `all` loads nothing unless every row is good, `good` loads the good ones.

    `unique` gives a row's key: a later row with a key already seen is an error that names the first.
    Raises Malformed for another media type and TooLarge after 1,100,000 rows.
    """
    good, numbers, tally = [], [], Tally(mode)
    for piece in pieces(body, content_type, model, unique=unique, unique_field=unique_field):
        tally.add(piece.report)
        good += piece.good
        numbers += piece.numbers
    return tally.conclude(good, numbers)


def pieces(
    body: Body,
    content_type: str,
    model: type[Model],
    *,
    unique: Callable[[Model], str] | None = None,
    unique_field: str = "",
    size: int = PIECE,
) -> Iterator[Checked[Model]]:
    """The upload in pieces of `size` rows in their order, only the last one shorter, each with its good rows.

    See `check`; a piece knows nothing of the errors in others.
    """
    parsed: Parsed[Model] = _from_csv(body, model) if is_csv(content_type) else _from_json(body, model)
    if unique is not None:
        parsed = _distinct(parsed, unique, unique_field)
    taken = 0
    try:
        while part := list(islice(parsed, size)):
            taken += len(part)
            yield _piece(part)
    except Unreadable as unreadable:
        yield _faulty(unreadable.errors)
    else:
        if not taken:
            yield _faulty([RowError(row=1, field="", code="empty", message="文件没有数据行")])


def _piece(part: list[tuple[int, Model | list[RowError]]]) -> Checked[Model]:
    good, numbers, tally = [], [], Tally("good")
    for number, found in part:
        if isinstance(found, list):
            tally.reject(found)
        else:
            good.append(found)
            numbers.append(number)
    return tally.conclude(good, numbers)


def _faulty(errors: Iterable[RowError]) -> Checked[Any]:
    tally = Tally("good")
    tally.note(errors)
    return tally.conclude([], [])


def _distinct(parsed: Parsed[Model], unique: Callable[[Model], str], name: str) -> Parsed[Model]:
    seen: dict[str, int] = {}
    for number, found in parsed:
        if not isinstance(found, list) and (first := seen.setdefault(unique(found), number)) != number:
            message = f"与第 {first} 行重复"
            yield number, [RowError(row=number, field=name, code="duplicate", message=message)]
        else:
            yield number, found


def _from_json(body: Body, model: type[Model]) -> Parsed[Model]:
    """JSON says which type a value has, so it is read strictly: `true` is no number, `"5"` neither."""
    validate = TypeAdapter(model).validator.validate_json
    for number, line in json_lines(body):
        if isinstance(line, RowError):
            yield number, [line]
            continue
        try:
            yield number, validate(line, strict=True)
        except ValidationError as error:
            yield number, row_errors(number, error)


def _from_csv(body: Body, model: type[Model]) -> Parsed[Model]:
    """CSV says nothing about types: cells become what the model's fields expect."""
    columns = {_column(name, info): info for name, info in model.model_fields.items()}
    readers = [(name, reader) for name, info in columns.items() if (reader := _reader(info.annotation))]
    nullable = {name for name, info in columns.items() if info.is_required() and _optional(info.annotation)}
    known = columns if model.model_config.get("extra") == "forbid" else None
    required = [name for name, info in columns.items() if info.is_required()]
    header, records = open_csv(body, required=required, known=known)
    readers = [(name, reader) for name, reader in readers if name in header]
    validate = TypeAdapter(model).validator.validate_python
    for number, record in csv_records(records, header):
        if isinstance(record, RowError):
            yield number, [record]
            continue
        cells: Cells = {name: cell for name, cell in zip(header, record, strict=True) if cell}
        for name, reader in readers:
            if name in cells:
                cells[name] = reader(cells[name])
        for name in nullable:
            cells.setdefault(name, None)
        try:
            yield number, validate(cells)
        except ValidationError as error:
            yield number, row_errors(number, error)


def _column(name: str, info: FieldInfo) -> str:
    return info.validation_alias if isinstance(info.validation_alias, str) else name


Reader = Callable[[str], Any]
_DECIMAL = r"-?[0-9]{1,18}(\.[0-9]{1,18})?"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}.*"
_SPELLINGS: dict[Any, tuple[str, Reader]] = {
    int: (r"-?[0-9]{1,18}", int),
    bool: (r"true|false|TRUE|FALSE", lambda cell: cell in ("true", "TRUE")),
    float: (_DECIMAL, float),
    Decimal: (_DECIMAL, Decimal),
    date: (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date.fromisoformat),
    datetime: (_TIME, datetime.fromisoformat),
    AwareDatetime: (_TIME, datetime.fromisoformat),
}
_LISTS = (list, tuple, set, frozenset)


def _reader(annotation: Any) -> Reader | None:
    """How a cell becomes a value of the type; None where the text itself is the value."""
    kind = _plain(annotation)
    origin = get_origin(kind) or kind
    if origin in _LISTS:
        of_item = _reader(get_args(kind)[0]) if get_args(kind) else None
        return lambda cell: origin(map(of_item or str, _parts(cell)))
    if kind not in _SPELLINGS:
        return None
    spelling, convert = _SPELLINGS[kind]
    fits = re.compile(spelling).fullmatch

    def read(cell: str) -> Any:
        # A cell in another spelling becomes empty text, which no such type accepts: the model refuses it.
        try:
            return convert(cell) if fits(cell) else ""
        except ValueError:
            return ""

    return read


def _parts(cell: str) -> list[str]:
    return [part for text in cell.split(";") if (part := text.strip())]


def _plain(annotation: Any) -> Any:
    """The type without `Annotated` and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        others = [part for part in get_args(annotation) if part is not type(None)]
        return _plain(others[0]) if len(others) == 1 else annotation
    return annotation


def _optional(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType) and type(None) in get_args(annotation)


def row_errors(number: int, error: ValidationError) -> list[RowError]:
    """What pydantic found wrong with a row, in Chinese."""
    return [
        RowError(
            row=number,
            field=".".join(map(str, found["loc"]))[:200],
            code=found["type"],
            message=message_of(found),
        )
        for found in error.errors(include_url=False, include_input=False)
    ]


_NUMBER, _WHOLE, _FLAG = "应为数字", "应为整数", "应为 true 或 false"
_DATE, _INSTANT = "应为日期，如 2026-03-01", "应为带时区的时间，如 2026-03-01T09:00:00+08:00"
_MESSAGES: dict[str, str] = {
    "missing": "必填",
    "extra_forbidden": "不认识的字段",
    "json_invalid": "不是有效的 JSON",
    "model_type": "每行应为一个 JSON 对象",
    "model_attributes_type": "应为一个 JSON 对象",
    "dict_type": "应为一个 JSON 对象",
    "int_from_float": _WHOLE,
    "decimal_parsing": _NUMBER,
    "string_type": "应为文本",
    "string_unicode": "含有无法识别的字符",
    "string_too_short": "不得少于 {min_length} 字",
    "string_too_long": "不得超过 {max_length} 字",
    "string_pattern_mismatch": "格式不符",
    "too_short": "不得少于 {min_length} 项",
    "too_long": "不得超过 {max_length} 项",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "multiple_of": "应为 {multiple_of} 的倍数",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
}
_FAMILIES: dict[str, str] = {
    "int": _WHOLE,
    "bool": _FLAG,
    "float": _NUMBER,
    "finite": _NUMBER,
    "decimal": _NUMBER,
    "date": _DATE,
    "datetime": _INSTANT,
    "timezone": _INSTANT,
    "list": "应为列表",
    "tuple": "应为列表",
    "set": "应为列表",
    "frozen": "应为列表",
    "uuid": "应为标识符",
}
_PYDANTIC = frozenset(get_args(ErrorType))


def message_of(found: ErrorDetails) -> str:
    """The Chinese sentence for one error; a validator's own text where it has one."""
    code, context = found["type"], found.get("ctx", {})
    if code in ("value_error", "assertion_error"):
        return str(context["error"])
    if code not in _PYDANTIC:
        return found["msg"]
    expected = str(context.get("expected", "")).replace("'", "").replace(", ", "、").replace(" or ", "、")
    template = _MESSAGES.get(code) or _FAMILIES.get(code.partition("_")[0], "内容有误")
    return template.format_map({**context, "expected": expected})
