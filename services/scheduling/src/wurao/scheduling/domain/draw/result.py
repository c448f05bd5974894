"""A draw's result as `draw.json`: the same inputs, seed and replacements give the same bytes, one fact on each line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from wurao.scheduling.domain.draw.engine import Drawn, Outcome, Stratum
from wurao.scheduling.domain.draw.frozen import Frozen
from wurao.scheduling.domain.draw.spec import plain

DRAW = "draw.json"
ALGORITHM = "wurao-draw-1"


class Line(NamedTuple):
    """A line of a result, and what it tells, in Chinese."""

    text: str
    about: str


def write(outcome: Outcome, frozen: Mapping[str, Frozen]) -> bytes:
    """The bytes of a result."""
    body = "".join(f"{line.text}\n" for line in _body(outcome, frozen)).encode()
    return body + "".join(f"{line.text}\n" for line in _end(sha256(body).hexdigest())).encode()


def lines(outcome: Outcome, frozen: Mapping[str, Frozen]) -> Iterator[Line]:
    """The lines of a result, each with what it is about."""
    known = sha256()
    for line in _body(outcome, frozen):
        known.update(f"{line.text}\n".encode())
        yield line
    yield from _end(known.hexdigest())


def _end(digest: str) -> Iterator[Line]:
    yield Line(f'"digest": "{digest}"', "全文摘要")
    yield Line("}", "结尾")


def _body(outcome: Outcome, frozen: Mapping[str, Frozen]) -> Iterator[Line]:
    yield Line("{", "开头")
    yield Line(f'"algorithm": "{ALGORITHM}",', "算法")
    yield Line(f'"draw_id": {_json(outcome.draw_id)},', "抽取编号")
    yield Line(f'"seed": "{outcome.seed}",', "种子")
    yield Line(f'"seed_sha256": "{sha256(outcome.seed.encode()).hexdigest()}",', "种子摘要")
    yield Line('"inputs": {', "输入文件")
    names = list(frozen)
    for name in names:
        yield from _file(name, frozen[name], "" if name == names[-1] else ",")
    yield Line("},", "输入文件")
    yield from _list("strata", "各层", ((_stratum(one), f"层“{one.stratum}”") for one in outcome.strata))
    yield from _list("drawn", "抽中企业", ((_drawn(one), f"抽中企业{one.enterprise_id}") for one in outcome.drawn))
    substitutes = ((_drawn(one), f"递补企业{one.enterprise_id}") for one in outcome.substitutes)
    yield from _list("substitutes", "递补企业", substitutes)


def _file(name: str, frozen: Frozen, comma: str) -> Iterator[Line]:
    head = f'"bytes": {frozen.size}, "sha256": "{frozen.sha256}", "lines": {frozen.lines}'
    yield Line(f'"{name}": {{{head}, "blocks": [', f"{name}的摘要")
    for number, block in enumerate(frozen.blocks):
        last = number == len(frozen.blocks) - 1
        yield Line(f'"{block}"' + ("" if last else ","), f"{name}第{number + 1}段的摘要")
    yield Line(f"]}}{comma}", f"{name}的摘要")


def _list(name: str, title: str, rows: Iterator[tuple[str, str]]) -> Iterator[Line]:
    yield Line(f'"{name}": [', title)
    held: tuple[str, str] | None = None
    for row in rows:
        if held is not None:
            yield Line(f"{held[0]},", held[1])
        held = row
    if held is not None:
        yield Line(*held)
    yield Line("],", title)


def _stratum(one: Stratum) -> str:
    return _json(
        {
            "stratum": one.stratum,
            "ratio": plain(one.ratio),
            "size": one.size,
            "quota": one.quota,
            "line": list(one.lines),
            "last": one.last,
        }
    )


def _drawn(one: Drawn) -> str:
    """Ids need no escapes, so that they are put between quotes as they are."""
    officers = ", ".join(f"{_name(line)}: [{_ids(sent)}]" for line, sent in one.officers.items())
    refused = ", ".join(_json(short._asdict()) for short in one.refused)
    text = (
        f'{{"stratum": {_name(one.stratum)}, "rank": {one.rank}, "enterprise_id": "{one.enterprise_id}", '
        f'"ticket": "{one.ticket}", "officers": {{{officers}}}, "refused": [{refused}]'
    )
    if one.replaces is None:
        return f"{text}}}"
    gone, reason = one.replaces
    known = sha256(reason.encode()).hexdigest()
    return f'{text}, "replaces": "{gone}", "reason": {_json(reason)}, "reason_sha256": "{known}"}}'


def _ids(ids: Sequence[str]) -> str:
    return ", ".join(f'"{one}"' for one in ids)


_json = json.JSONEncoder(ensure_ascii=False).encode
_name = cache(_json)
