"""Replay a draw from its files and say where anything differs from what its result claims."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from wurao.scheduling.domain.draw import engine, result
from wurao.scheduling.domain.draw.engine import CannotReplace, Inputs, Outcome, Replacement
from wurao.scheduling.domain.draw.frozen import changed
from wurao.scheduling.domain.draw.result import ALGORITHM, DRAW, Line
from wurao.scheduling.domain.draw.seeds import SEED
from wurao.scheduling.domain.draw.texts import BadFile, Fault, shown
from wurao.scheduling.domain.draw.tickets import Tick

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The draw as replayed, or where it differs."""

    faults: Sequence[Fault]
    outcome: Outcome | None = None


def verify(
    files: Mapping[str, bytes],
    claimed: bytes,
    *,
    seed: str | None = None,
    names: Mapping[str, str] | None = None,
    tick: Tick = lambda _: None,
) -> Verdict:
    """Check the files against what was frozen, the seed, and every byte of the result by drawing again.

    `seed` is what the asker knows of it. Raises BadFile for inputs that were frozen as they are and yet cannot be read.
    """
    names = names or {}
    called = names.get(DRAW, DRAW)
    document, fault = _document(claimed, called)
    if document is None:
        return Verdict([fault] if fault else [])
    faults = [*_files(files, document, claimed, names, called), *_seed(document, claimed, seed, called)]
    if faults:
        return Verdict(faults)
    inputs = engine.read(files, names)
    replacements = [Replacement(one["replaces"], one["reason"]) for one in document["substitutes"]]
    try:
        outcome = engine.hold(inputs, document["seed"], replacements, tick)
    except CannotReplace as error:
        needle = f'"replaces": {json.dumps(replacements[error.at].enterprise_id)}'
        return Verdict([Fault(called, _row(claimed, needle), "substitutes", error.message)])
    return Verdict(list(_differences(outcome, inputs, claimed, called)), outcome)


def _document(claimed: bytes, called: str) -> tuple[Json | None, Fault | None]:
    try:
        text = claimed.decode()
        document = json.loads(text)
    except UnicodeDecodeError as error:
        return None, Fault(called, claimed.count(b"\n", 0, error.start) + 1, "", "不是有效的 UTF-8 文本")
    except json.JSONDecodeError as error:
        return None, Fault(called, error.lineno, f"第{error.colno}列", "不是有效的 JSON")
    except (ValueError, RecursionError):
        return None, Fault(called, 1, "", "不是有效的 JSON")
    return (document, None) if (fault := _shape(document, claimed, called)) is None else (None, fault)


def _shape(document: Any, claimed: bytes, called: str) -> Fault | None:
    """What keeps a document from being read as a result at all."""
    if not isinstance(document, dict) or document.get("algorithm") != ALGORITHM:
        return Fault(called, _row(claimed, '"algorithm"', 2), "algorithm", f"应为“{ALGORITHM}”的抽取结果")
    shapes = (("seed", str), ("seed_sha256", str), ("inputs", dict), ("substitutes", list))
    for name, kind in shapes:
        if not isinstance(document.get(name), kind):
            return Fault(called, _row(claimed, f'"{name}"'), name, "缺失或者类型不对")
    for name, known in document["inputs"].items():
        if not _is_frozen(known):
            return Fault(called, _row(claimed, json.dumps(name)), shown(name), "文件摘要缺失或者类型不对")
    for one in document["substitutes"]:
        named = [one.get("replaces"), one.get("reason")] if isinstance(one, dict) else [None]
        if not all(isinstance(value, str) for value in named):
            return Fault(called, _row(claimed, '"substitutes"'), "substitutes", "递补缺少被替换企业或者理由")
        if one.get("reason_sha256") != sha256(one["reason"].encode(errors="replace")).hexdigest():
            row = _row(claimed, json.dumps(one["replaces"], ensure_ascii=False))
            return Fault(called, _row(claimed, '"reason_sha256"', row), "reason", "替换理由与其摘要不符")
    return None


def _is_frozen(known: Any) -> bool:
    if not isinstance(known, dict) or not isinstance(known.get("sha256"), str):
        return False
    lines, blocks = known.get("lines"), known.get("blocks")
    return isinstance(lines, int) and lines > 0 and isinstance(blocks, list)


def _files(
    files: Mapping[str, bytes], document: Json, claimed: bytes, names: Mapping[str, str], called: str
) -> Iterator[Fault]:
    """Files that are not the frozen ones."""
    recorded = document["inputs"]
    for name in recorded.keys() - files.keys():
        yield Fault(called, _row(claimed, json.dumps(name)), shown(name), "没有给出这个输入文件")
    for name, raw in files.items():
        if name not in recorded:
            yield Fault(called, _row(claimed, '"inputs"'), name, "结果中没有这个输入文件的摘要")
            continue
        known = recorded[name]
        where = changed(raw, known["sha256"], known["lines"], known["blocks"])
        if where is not None:
            yield Fault(names.get(name, name), 0, where, "与冻结时的内容不符")


def _seed(document: Json, claimed: bytes, seed: str | None, called: str) -> Iterator[Fault]:
    """A seed that is not the one that was drawn by."""
    recorded = document["seed"]
    sound = sha256(recorded.encode(errors="replace")).hexdigest() == document["seed_sha256"]
    if not SEED.fullmatch(recorded) or (not sound and seed != recorded):
        yield Fault(called, _row(claimed, '"seed"'), "seed", "种子与其摘要不符")
    elif not sound:
        yield Fault(called, _row(claimed, '"seed_sha256"'), "seed_sha256", "种子摘要与种子不符")
    elif seed is not None and seed != recorded:
        row = _row(claimed, '"seed"')
        yield Fault("--seed", 0, "", f"与 {called} 第{row}行的种子不符")


def _differences(outcome: Outcome, inputs: Inputs, claimed: bytes, called: str) -> Iterator[Fault]:
    """The first line of the result that the replay does not give."""
    rows = claimed.split(b"\n")
    expected: list[Line] = list(result.lines(outcome, inputs.frozen))
    for number, line in enumerate(expected, 1):
        own = line.text.encode()
        found = rows[number - 1] if number <= len(rows) else b""
        if own != found:
            column = next((n for n, pair in enumerate(zip(own, found, strict=False), 1) if pair[0] != pair[1]), None)
            at = column or min(len(own), len(found)) + 1
            message = f"{line.about}与重放结果不符，应为 {_near(own, at)}，实为 {_near(found, at)}"
            yield Fault(called, number, f"第{at}字节", message)
            return
    if rows[len(expected) :] != [b""]:
        yield Fault(called, len(expected) + 1, "", "结尾之后多出或者缺少内容")


def _near(text: bytes, at: int) -> str:
    return f"“{shown(text[max(at - 9, 0) : at + 15].decode(errors='replace'))}”"


def _row(claimed: bytes, needle: str, otherwise: int = 1) -> int:
    """The first line on which a text stands."""
    at = claimed.find(needle.encode())
    return claimed.count(b"\n", 0, at) + 1 if at >= 0 else otherwise


def require_seed(seed: str) -> str:
    """The seed in lower case. Raises BadFile unless 1 to 256 hexadecimal digits."""
    lower = seed.strip().lower()
    if not SEED.fullmatch(lower):
        raise BadFile([Fault("--seed", 0, "", f"“{shown(seed)}”不是种子：应为 1 至 256 位十六进制数")])
    return lower
