"""Draws of all shapes, as bytes of files, for the tests of the replay."""

import json
from typing import Any

from hypothesis import strategies as st

LINES = ("food", "fire", "环保")
STRATA = ("A@50", "B@250", "优", "A@50/x+y")
ENTERPRISES = [f"91330802MA{n:04d}" for n in range(40)]
OFFICERS = [f"o{n}" for n in range(9)]
SEEDS = st.text("0123456789abcdef", min_size=1, max_size=64)


def csv(header: str, rows: list[tuple[Any, ...]]) -> bytes:
    """A list as bytes."""
    return "".join(f"{line}\n" for line in (header, *(",".join(map(str, row)) for row in rows))).encode()


@st.composite
def files(draw: Any) -> dict[str, bytes]:
    """The four files of a small draw, rows in any order."""
    pool = draw(st.dictionaries(st.sampled_from(ENTERPRISES), st.sampled_from(STRATA), min_size=1))
    officers = draw(
        st.dictionaries(st.sampled_from(OFFICERS), st.tuples(st.sampled_from(LINES), st.integers(0, 4)), min_size=1)
    )
    pair = st.tuples(st.sampled_from(sorted(pool)), st.sampled_from(sorted(officers)))
    conflicts = draw(st.lists(pair, unique=True, max_size=30))
    line = st.one_of(st.sampled_from(LINES), st.lists(st.sampled_from(LINES), min_size=1, unique=True))
    spec = {
        "draw_id": draw(st.sampled_from(["", "d-1"])),
        "ratio": {stratum: draw(st.sampled_from([0, 0.05, 0.3, 0.5, 1])) for stratum in STRATA},
        "officers_per_visit": draw(st.integers(1, 3)),
        "line": {stratum: draw(line) for stratum in STRATA},
    }
    return {
        "pool.csv": csv("enterprise_id,stratum", draw(st.permutations(list(pool.items())))),
        "officers.csv": csv("officer_id,line,max_visits", [(one, *rest) for one, rest in officers.items()]),
        "conflicts.csv": csv("enterprise_id,officer_id", conflicts),
        "spec.json": json.dumps(
            spec, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1]))
        ).encode(),
    }


def example() -> dict[str, bytes]:
    """A draw in which officers run out, stand in conflict, and a stratum has two lines."""
    spec = {
        "draw_id": "2026-1",
        "ratio": {"A": 0.5, "B": 1},
        "officers_per_visit": 2,
        "line": {"A": "food", "B": ["fire", "food"]},
    }
    return {
        "pool.csv": csv("enterprise_id,stratum", [(one, "AB"[n % 4 == 0]) for n, one in enumerate(ENTERPRISES[:16])]),
        "officers.csv": csv("officer_id,line,max_visits", [(f"o{n}", LINES[n % 2], 3) for n in range(8)]),
        "conflicts.csv": csv("enterprise_id,officer_id", [(ENTERPRISES[0], "o1"), (ENTERPRISES[4], "o3")]),
        "spec.json": json.dumps(spec, indent=1).encode(),
    }
