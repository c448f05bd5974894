"""Tickets: SHA-256 over seed, draw, stratum and enterprise; in a stratum the lowest win."""

from collections.abc import Callable
from hashlib import sha256

import numpy as np
import polars as pl

CHUNK = 1 << 14
Tick = Callable[[int], None]


def ticket(seed: str, draw_id: str, stratum: str, enterprise_id: str) -> str:
    """An enterprise's ticket (hex)."""
    return sha256(f"{seed}|{draw_id}|{stratum}|{enterprise_id}".encode()).hexdigest()


def won(seed: str, draw_id: str, stratum: str, last: str | None, enterprise_id: str) -> bool:
    """Tell whether an enterprise of a stratum was drawn: its ticket is no higher than the last that won."""
    return last is not None and ticket(seed, draw_id, stratum, enterprise_id) <= last


def lowest(
    seed: str, draw_id: str, stratum: str, ids: pl.Series, count: int, tick: Tick = lambda _: None
) -> list[tuple[str, str]]:
    """(ticket, enterprise) of the `count` lowest tickets of a stratum, ascending, ties by id.

    `tick` hears of enterprises ticketed. What all tickets begin with is hashed once.
    """
    count = min(count, len(ids))
    if count == 0:
        tick(len(ids))
        return []
    heads = np.empty(len(ids), np.uint64)
    shared = sha256(f"{seed}|{draw_id}|{stratum}|".encode()).copy
    for at in range(0, len(ids), CHUNK):
        part = ids[at : at + CHUNK].cast(pl.Binary).to_list()
        digests = []
        for enterprise_id in part:
            state = shared()
            state.update(enterprise_id)
            digests.append(state.digest())
        heads[at : at + len(part)] = np.frombuffer(b"".join(digests), ">u8")[::4]
        tick(len(part))
    highest = np.partition(heads, count - 1)[count - 1]
    able = ids.gather(np.flatnonzero(heads <= highest)).to_list()
    return sorted((ticket(seed, draw_id, stratum, one), one) for one in able)[:count]
