"""A draw replays: the product agrees with a stranger's verifier, and no byte can change unseen."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.draw_replay import instances
from tests.draw_replay.verifier import differences, replay

from wurao.scheduling.domain import draw as rules
from wurao.scheduling.domain.draw import BadFile, CannotReplace, Outcome, Replacement

SEED = "5eed" * 16
Files = dict[str, bytes]


def held(files: Files, seed: str = SEED, replaced: tuple[tuple[str, str], ...] = ()) -> tuple[Outcome, bytes]:
    """A draw by the product, and its result."""
    inputs = rules.read(files)
    outcome = rules.hold(inputs, seed, [Replacement(*one) for one in replaced])
    return outcome, rules.write(outcome, inputs.frozen)


def replaceable(outcome: Outcome, count: int) -> tuple[tuple[str, str], ...]:
    """Up to `count` drawn enterprises of a stratum with so many tickets left."""
    for stratum in outcome.strata:
        if stratum.size - stratum.quota >= count and stratum.quota >= count:
            drawn = [one.enterprise_id for one in outcome.drawn if one.stratum == stratum.stratum]
            return tuple((one, f"已注销（{n}）") for n, one in enumerate(drawn[:count]))
    return ()


@given(instances.files(), instances.SEEDS, st.integers(0, 3))
@settings(max_examples=300)
def test_product_and_stranger_agree_on_every_rank_officer_and_refusal(files: Files, seed: str, count: int) -> None:
    """Strata, ranks, tickets, officers, refusals and substitutes are the same, fact by fact."""
    outcome, _ = held(files, seed)
    replaced = replaceable(outcome, count)
    outcome, result = held(files, seed, replaced)
    strata, drawn, substitutes = replay(files, seed, replaced)
    document = json.loads(result)
    assert document["drawn"] == drawn
    assert document["substitutes"] == substitutes
    assert [{k: v for k, v in one.items() if k != "ratio"} for one in document["strata"]] == strata
    assert differences(files, result) == []
    assert not rules.verify(files, result, seed=seed).faults


@given(instances.files(), instances.SEEDS)
def test_nobody_goes_too_often_or_where_he_must_not(files: Files, seed: str) -> None:
    """Officers keep to their line, their load limit and their conflicts; as many go as the rule says, or none."""
    inputs = rules.read(files)
    outcome = rules.hold(inputs, seed)
    barred = set(inputs.barred.iter_rows())
    known = {one.officer_id: one for one in inputs.officers}
    gone: dict[str, int] = {}
    for one in outcome.drawn:
        assert set(one.officers) | {short.line for short in one.refused} == set(inputs.spec.line[one.stratum])
        for line, sent in one.officers.items():
            assert len(set(sent)) == len(sent) == inputs.spec.officers_per_visit
            for officer_id in sent:
                assert known[officer_id].line == line
                assert (one.enterprise_id, officer_id) not in barred
                gone[officer_id] = gone.get(officer_id, 0) + 1
        assert all(short.able < short.needed for short in one.refused)
    assert all(count <= known[officer_id].max_visits for officer_id, count in gone.items())


@given(instances.files(), instances.SEEDS, st.randoms(use_true_random=False))
def test_order_of_rows_decides_nothing(files: Files, seed: str, random: Any) -> None:
    """The same lists in another order draw the same."""
    shuffled = dict(files)
    for name in ("pool.csv", "officers.csv", "conflicts.csv"):
        header, *rest = files[name].splitlines(keepends=True)
        random.shuffle(rest)
        shuffled[name] = b"".join([header, *rest])
    assert held(files, seed)[0] == held(shuffled, seed)[0]


@given(st.data())
@settings(max_examples=600)
def test_no_byte_changes_unseen(data: Any) -> None:
    """Whatever byte of whatever file changes, verification fails and names the file and the row."""
    files = instances.example()
    replaced = replaceable(held(files)[0], 1)
    files["draw.json"] = held(files, replaced=replaced)[1]
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != files[name][at]))
    row = files[name].count(b"\n", 0, at) + 1
    files[name] = files[name][:at] + bytes([byte]) + files[name][at + 1 :]
    claimed = files.pop("draw.json")
    verdict = rules.verify(files, claimed)
    assert verdict.faults
    first = verdict.faults[0]
    assert first.file == name
    if name != "draw.json":
        assert first.column == f"第{row}行"
    else:
        assert first.row > 0


@given(st.data())
def test_bytes_put_in_or_left_out_are_seen(data: Any) -> None:
    """A byte more or a byte less anywhere fails as well, and names the file."""
    files = instances.example()
    files["draw.json"] = held(files)[1]
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name])))
    if data.draw(st.booleans()) and at < len(files[name]):
        files[name] = files[name][:at] + files[name][at + 1 :]
    else:
        files[name] = files[name][:at] + bytes([data.draw(st.integers(0, 255))]) + files[name][at:]
    claimed = files.pop("draw.json")
    faults = rules.verify(files, claimed).faults
    assert faults
    assert faults[0].file == name


def test_a_changed_row_is_named_in_the_result_by_what_it_is_about() -> None:
    """An officer put in the place of another is named with the enterprise, expected and found."""
    files = instances.example()
    outcome, result = held(files)
    victim = next(one for one in outcome.drawn if one.officers)
    line = next(row for row in result.decode().splitlines() if f'"enterprise_id": "{victim.enterprise_id}"' in row)
    sent = next(iter(victim.officers.values()))
    forged = result.replace(line.encode(), line.replace(f'"{sent[0]}"', '"o9"').encode())
    [fault] = rules.verify(files, forged).faults
    assert victim.enterprise_id in fault.message
    assert fault.row == result.decode().splitlines().index(line) + 1


def test_a_known_seed_must_be_the_one_drawn_by() -> None:
    """Another seed than the published one is named as such."""
    files = instances.example()
    result = held(files)[1]
    assert not rules.verify(files, result, seed=SEED).faults
    [fault] = rules.verify(files, result, seed="ab").faults
    assert fault.file == "--seed"


def test_who_went_last_does_not_go_again() -> None:
    """The officers of the last visit are left out like those in conflict, and the list is frozen with the others."""
    files = instances.example()
    outcome, _ = held(files)
    previous = [(one.enterprise_id, officer) for one in outcome.drawn for officer in rules.sent_by(one.officers)]
    files["previous.csv"] = instances.csv("enterprise_id,officer_id", previous)
    again, result = held(files)
    for one in again.drawn:
        assert not {(one.enterprise_id, officer) for officer in rules.sent_by(one.officers)} & set(previous)
    assert differences(files, result) == []
    assert not rules.verify(files, result).faults
    files.pop("previous.csv")
    assert rules.verify(files, result).faults


def test_a_replacement_that_cannot_be_is_refused() -> None:
    """Who was not drawn, or replaced before, or has no next ticket behind it, cannot be replaced."""
    files = instances.example()
    outcome, _ = held(files)
    whole = next(one for one in outcome.drawn if one.stratum == "B")
    part = next(one for one in outcome.drawn if one.stratum == "A")
    for replaced in (("nobody",), (whole.enterprise_id,), (part.enterprise_id, part.enterprise_id)):
        with pytest.raises(CannotReplace):
            held(files, replaced=tuple((one, "注销") for one in replaced))


@given(instances.files())
def test_clean_reader_and_careful_reader_read_the_same(files: Files) -> None:
    """A file with a byte order mark, quotes, CRLF, blank lines or GBK reads like the plain one."""
    plain = rules.read(files)
    for change in (
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: raw.replace(b"\n", b"\n\n"),
        lambda raw: raw.decode().encode("gbk"),
        lambda raw: "".join('"' + line.replace(",", '","') + '"\n' for line in raw.decode().splitlines()).encode(),
        lambda raw: raw.rstrip(b"\n"),
    ):
        changed = {name: change(raw) if name.endswith("csv") else raw for name, raw in files.items()}
        read = rules.read(changed)
        assert read.pool.equals(plain.pool)
        assert read.officers == plain.officers
        assert read.barred.equals(plain.barred)


@given(instances.files())
def test_what_the_service_writes_reads_back(files: Files) -> None:
    """Canonical bytes of a rule read as the same rule, and are written the same again."""
    spec = rules.read(files).spec
    written = rules.write_spec(spec)
    again = rules.read({**files, "spec.json": written}).spec
    assert again == spec
    assert rules.write_spec(again) == written


BAD = {
    "no header": ("pool.csv", b"E1,A\nE2,A\n", 1, "E1"),
    "empty": ("pool.csv", b"", 1, ""),
    "header only": ("pool.csv", b"enterprise_id,stratum\n", 2, ""),
    "missing column": ("officers.csv", b"officer_id,line\no1,food\n", 1, "max_visits"),
    "unknown column": ("pool.csv", b"enterprise_id,stratum,name\nE1,A,x\n", 1, "name"),
    "too few cells": ("pool.csv", b"enterprise_id,stratum\nE1,A\nE2\n", 3, ""),
    "too many cells": ("pool.csv", b"enterprise_id,stratum\nE1,A\nE2,A,B\n", 3, ""),
    "duplicate": ("pool.csv", b"enterprise_id,stratum\nE1,A\nE2,B\nE1,B\n", 4, "enterprise_id"),
    "duplicate officer": ("officers.csv", b"officer_id,line,max_visits\no1,food,1\no1,fire,1\n", 3, "officer_id"),
    "duplicate pair": ("conflicts.csv", b"enterprise_id,officer_id\nE1,o1\nE1,o1\n", 3, "officer_id"),
    "unknown stratum": ("pool.csv", b"enterprise_id,stratum\nE1,A\nE2,Z\n", 3, "stratum"),
    "unknown enterprise": ("conflicts.csv", b"enterprise_id,officer_id\nE9,o1\n", 2, "enterprise_id"),
    "unknown officer": ("conflicts.csv", b"enterprise_id,officer_id\nE1,o1\nE2,o9\n", 3, "officer_id"),
    "bad id": ("pool.csv", b"enterprise_id,stratum\nE1,A\nE|2,A\n", 3, "enterprise_id"),
    "empty id": ("pool.csv", b"enterprise_id,stratum\n,A\n", 2, "enterprise_id"),
    "bad stratum": ("pool.csv", b"enterprise_id,stratum\nE1,A B\n", 2, "stratum"),
    "negative load": ("officers.csv", b"officer_id,line,max_visits\no1,food,-1\n", 2, "max_visits"),
    "open quote": ("pool.csv", b'enterprise_id,stratum\n"E1,A\n', 2, ""),
    "bytes of no encoding": ("pool.csv", b"enterprise_id,stratum\nE1,\xff\xff\n", 1, ""),
    "NUL": ("pool.csv", b"enterprise_id,stratum\nE1,A\nE2,\0\n", 3, ""),
    "not JSON": ("spec.json", b'{"ratio":\n}', 2, "第1列"),
    "ratio above 1": (
        "spec.json",
        b'{"ratio": {"A": 0.1,\n"B": 1.2},\n"officers_per_visit": 2, "line": {"A": "food", "B": "food"}}',
        2,
        "ratio/B",
    ),
    "ratio below 0": (
        "spec.json",
        b'{"ratio": {"A": -0.1, "B": 1}, "officers_per_visit": 2, "line": {"A": "food", "B": "food"}}',
        1,
        "ratio/A",
    ),
    "ratio as text": (
        "spec.json",
        b'{"ratio": {"A": "0.1", "B": 1}, "officers_per_visit": 2, "line": {"A": "food", "B": "food"}}',
        1,
        "ratio/A",
    ),
    "no line": (
        "spec.json",
        b'{"ratio": {"A": 0.1, "B": 1}, "officers_per_visit": 2, "line": {"A": "food"}}',
        1,
        "line/B",
    ),
    "no officers": (
        "spec.json",
        b'{"ratio": {"A": 0.1, "B": 1}, "line": {"A": "f", "B": "f"}}',
        1,
        "officers_per_visit",
    ),
    "twice": ("spec.json", b'{"ratio": {"A": 1, "A": 1}, "officers_per_visit": 2, "line": {"A": "food"}}', 1, "A"),
    "not an object": ("spec.json", b"[]", 1, ""),
}
SOUND = {
    "pool.csv": b"enterprise_id,stratum\nE1,A\nE2,B\n",
    "officers.csv": b"officer_id,line,max_visits\no1,food,1\no2,food,1\n",
    "conflicts.csv": b"enterprise_id,officer_id\nE1,o1\n",
    "spec.json": b'{"ratio": {"A": 0.1, "B": 1}, "officers_per_visit": 1, "line": {"A": "food", "B": "food"}}',
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named_with_file_row_and_column(case: str) -> None:
    """Every fault says in which file, row and column it stands, in Chinese."""
    name, raw, row, column = BAD[case]
    rules.read(SOUND)
    with pytest.raises(BadFile) as caught:
        rules.read({**SOUND, name: raw})
    fault = caught.value.faults[0]
    assert (fault.file, fault.row, fault.column) == (name, row, column)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in fault.message)


def test_a_list_without_conflicts_is_no_fault() -> None:
    """Nobody may stand in conflict with anybody."""
    assert rules.read({**SOUND, "conflicts.csv": b"enterprise_id,officer_id\n"}).barred.is_empty()
