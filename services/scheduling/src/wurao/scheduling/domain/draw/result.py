"""A draw's result as `draw.json`: the same inputs, seed and replacements give the same bytes, one fact on each line."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

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
    return "".join(f"{line.text}\n" for line in lines(outcome, frozen)).encode()


def lines(outcome: Outcome, frozen: Mapping[str, Frozen]) -> Iterator[Line]:
    """The lines of a result, each with what it is about."""
    body = list(_body(outcome, frozen))
    yield from body
    digest = sha256("".join(f"{line.text}\n" for line in body).encode()).hexdigest()
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
    document: dict[str, Any] = {
        "stratum": one.stratum,
        "rank": one.rank,
        "enterprise_id": one.enterprise_id,
        "ticket": one.ticket,
        "officers": one.officers,
        "refused": [short._asdict() for short in one.refused],
    }
    if one.replaces is not None:
        reason = one.replaces.reason
        document |= {
            "replaces": one.replaces.enterprise_id,
            "reason": reason,
            "reason_sha256": sha256(reason.encode()).hexdigest(),
        }
    return _json(document)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
