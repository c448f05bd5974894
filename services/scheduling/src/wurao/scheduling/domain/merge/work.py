"""What is merged, as numbers: rows of tasks, and the ids that they stand for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wurao.scheduling.domain.merge.texts import Texts

Ints = NDArray[np.int32]
Indices = NDArray[np.int64]
Rows = NDArray[np.void]

ROWS = np.dtype(
    [(name, "i4") for name in ("owner", "agency", "place", "first", "last", "minutes", "officers", "previous")]
)
"""`owner` and `agency` are positions among the ids; `place` is -1 where any premises will do; `first` and `last` are
positions of working days (none between them where first > last), and so is `previous`: the day in an earlier plan, -1
without."""

IDS = ("task_id", "enterprise_id", "agency_id", "place")


class Work(NamedTuple):
    """Tasks in any order, with their ids; enterprises and agencies by their ids."""

    rows: Rows
    task_ids: Texts
    enterprises: Texts
    agencies: Sequence[str]

    @classmethod
    def of(cls, ids: Mapping[str, pl.Series], numbers: Mapping[str, Sequence[int] | Ints]) -> Self:
        """From columns: `ids` has all IDS ("" for any place), `numbers` the columns of ROWS that are none."""
        enterprises, agencies = (ids[name].unique().sort() for name in ("enterprise_id", "agency_id"))
        places = pl.Series(sorted(set(ids["place"]) - {""}), dtype=pl.String)
        rows = np.empty(ids["task_id"].len(), ROWS)
        rows["owner"], rows["agency"] = coded(ids["enterprise_id"], enterprises), coded(ids["agency_id"], agencies)
        rows["place"] = coded(ids["place"], places)
        for name, column in numbers.items():
            rows[name] = column
        return cls(rows, Texts.of(ids["task_id"]), Texts.of(enterprises), agencies.to_list())


def coded(values: pl.Series, known: pl.Series) -> Ints:
    """The position of each value among the known ones; -1 for others."""
    if known.is_empty():
        return np.full(values.len(), -1, np.int32)
    codes = values.cast(pl.Enum(known), strict=False).to_physical().cast(pl.Int32)
    return codes.fill_null(-1).to_numpy()
