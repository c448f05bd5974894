"""YAML as nodes that know their line, so that every error can name file and line."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import yaml

from wurao.common.packs.errors import PackError

_DEEPEST = 20
# libyaml reads ten times as fast and keeps the same marks; not every build of PyYAML has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Place:
    """A node of one file, and the parameter it belongs to."""

    node: yaml.Node
    file: str
    parameter: str | None = None

    @property
    def line(self) -> int:
        return _line_of(self.node.start_mark)

    def error(self, message: str) -> PackError:
        return PackError(message, file=self.file, line=self.line, parameter=self.parameter)

    def at(self, node: yaml.Node, parameter: str | None = None) -> "Place":
        return Place(node, self.file, parameter or self.parameter)

    def entries(self) -> "dict[str, Place]":
        """A mapping's entries in order. Raises PackError: not a mapping, key not text, key twice."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("此处应为映射（名称: 值）")
        entries: dict[str, Place] = {}
        for key, value in self.node.value:
            name = self.at(key).text()
            if name in entries:
                raise self.at(key).error(f"{name} 重复")
            entries[name] = self.at(value)
        return entries

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> "dict[str, Place]":
        """Entries that are exactly `required`, and `optional` where given."""
        entries = self.entries()
        unknown = [name for name in entries if name not in required and name not in optional]
        if unknown:
            raise entries[unknown[0]].error(f"不认识的项 {unknown[0]}")
        missing = [name for name in required if name not in entries]
        if missing:
            raise self.error(f"缺少 {missing[0]}")
        return entries

    def items(self) -> "list[Place]":
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("此处应为列表")
        return [self.at(node) for node in self.node.value]

    def text(self, pattern: str = r"(?s).*\S.*") -> str:
        value = self._scalar()
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise self.error(f"{value!r} 不是此处应有的文字（数字和日期请加引号）")
        return value

    def day(self) -> date:
        value = self._scalar()
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error(f"{value!r} 不是日期（YYYY-MM-DD）")
        return value

    def json(self) -> Any:
        """The node as JSON data of null, booleans, integers, text, lists and mappings."""
        if isinstance(self.node, yaml.MappingNode):
            return {name: place.json() for name, place in self.entries().items()}
        if isinstance(self.node, yaml.SequenceNode):
            return [place.json() for place in self.items()]
        value = self._scalar()
        if value is None or isinstance(value, bool | int | str):
            return value
        raise self.error(f"{value!r}：请用小单位的整数（分、千分比），或者加引号")

    def _scalar(self) -> Any:
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error("此处应为单个值")
        try:
            return yaml.constructor.SafeConstructor().construct_object(self.node)
        except (yaml.YAMLError, ValueError) as error:
            raise self.error(f"{self.node.value!r} 无法识别") from error


def compose(text: str, file: str) -> Place:
    """The root of one YAML document. Raises PackError: broken, empty, aliased or too deep."""
    try:
        _refuse_tricks(text, file)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise PackError(f"YAML 格式有误：{error.problem}", file=file, line=_line_of(error.problem_mark)) from error
    except yaml.YAMLError as error:
        raise PackError(f"YAML 格式有误：{error}", file=file, line=1) from error
    if root is None:
        raise PackError("文件为空", file=file, line=1)
    return Place(root, file)


class _Mark(Protocol):
    line: int


def _line_of(mark: _Mark | None) -> int:
    return mark.line + 1 if mark else 1


def _refuse_tricks(text: str, file: str) -> None:
    """Aliases hide where a value is written and can grow without bound; so can depth."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = _line_of(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            raise PackError("不允许使用 YAML 别名", file=file, line=line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise PackError("嵌套过深", file=file, line=line)
