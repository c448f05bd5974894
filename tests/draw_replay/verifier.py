"""A stranger's verifier of a draw, written from docs/draw.md alone: standard library only, nothing of the product.

    python tests/draw_replay/verifier.py FOLDER

replays FOLDER/draw.json from the four files beside it and says what differs.
"""

import csv
import hashlib
import json
import sys
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any


def sha(text: str) -> str:
    """SHA-256 (hex) of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def rows(raw: bytes) -> list[dict[str, str]]:
    """The rows of a list."""
    return list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))


def replay(files: dict[str, bytes], seed: str, replaced: Any = ()) -> tuple[Any, Any, Any]:
    """(strata, drawn, substitutes) of a draw from the bytes of its files; `replaced` are (enterprise, reason)."""
    spec = json.loads(files["spec.json"], parse_float=Decimal)
    key, need = f"{seed}|{spec.get('draw_id', '')}", spec["officers_per_visit"]
    lines = {s: sorted([x] if isinstance(x, str) else x, key=str.encode) for s, x in spec["line"].items()}
    left = {r["officer_id"]: int(r["max_visits"]) for r in rows(files["officers.csv"])}
    of_line: dict[str, list[str]] = defaultdict(list)
    for r in rows(files["officers.csv"]):
        of_line[r["line"]].append(r["officer_id"])
    pairs = rows(files["conflicts.csv"]) + rows(files.get("previous.csv", b""))
    barred = {(r["enterprise_id"], r["officer_id"]) for r in pairs}
    pool: dict[str, list[str]] = defaultdict(list)
    for r in rows(files["pool.csv"]):
        pool[r["stratum"]].append(r["enterprise_id"])

    def send(stratum: str, rank: int, ticket: str, enterprise: str) -> Any:
        officers: dict[str, list[str]] = {}
        refused: list[Any] = []
        for line in lines[stratum]:
            free = sorted(o for o in of_line[line] if left[o])
            able = [o for o in free if (enterprise, o) not in barred]
            if len(able) < need:
                full = len(of_line[line]) - len(free)
                counts = {"needed": need, "able": len(able), "full": full, "barred": len(free) - len(able)}
                refused.append({"line": line, **counts})
                continue
            hashes = [int(sha(f"{key}|{stratum}|{enterprise}|{line}|{k}"), 16) for k in range(1, need + 1)]
            officers[line] = [able.pop(h % len(able)) for h in hashes]
            for officer in officers[line]:
                left[officer] -= 1
        who = {"stratum": stratum, "rank": rank, "enterprise_id": enterprise, "ticket": ticket}
        return {**who, "officers": officers, "refused": refused}

    strata: list[Any] = []
    drawn: list[Any] = []
    waiting: dict[str, Any] = {}
    for s in sorted(pool, key=str.encode):
        ranked = sorted((sha(f"{key}|{s}|{e}"), e) for e in pool[s])
        quota = ceil(Fraction(spec["ratio"][s]) * len(ranked))
        last = ranked[quota - 1][0] if quota else None
        strata.append({"stratum": s, "size": len(ranked), "quota": quota, "line": lines[s], "last": last})
        drawn += [send(s, rank, *one) for rank, one in enumerate(ranked[:quota], 1)]
        waiting[s] = list(enumerate(ranked, 1))[quota:]
    substitutes: list[Any] = []
    standing = {one["enterprise_id"]: one for one in drawn}
    for enterprise, reason in replaced:
        gone = standing.pop(enterprise)
        for officer in (o for sent in gone["officers"].values() for o in sent):
            left[officer] += 1
        rank, one = waiting[gone["stratum"]].pop(0)
        standing[one[1]] = send(gone["stratum"], rank, *one)
        substitutes.append({**standing[one[1]], "replaces": enterprise, "reason": reason, "reason_sha256": sha(reason)})
    return strata, drawn, substitutes


def differences(files: dict[str, bytes], result: bytes) -> list[str]:
    """What a result claims otherwise than the replay finds; empty when it holds."""
    claimed = json.loads(result)
    found: list[str] = []
    for name, raw in files.items():
        if claimed["inputs"][name]["sha256"] != hashlib.sha256(raw).hexdigest():
            found.append(f"{name}: not the frozen file")
    body = result[: result.rindex(b'"digest"')]
    if claimed["digest"] != hashlib.sha256(body).hexdigest() or claimed["seed_sha256"] != sha(claimed["seed"]):
        found.append("draw.json: digest")
    replaced = [(one["replaces"], one["reason"]) for one in claimed["substitutes"]]
    for name, ours in zip(("strata", "drawn", "substitutes"), replay(files, claimed["seed"], replaced), strict=True):
        theirs = [{k: v for k, v in one.items() if k != "ratio"} for one in claimed[name]]
        found += [f"{name}: claims {one}" for one in theirs if one not in ours]
        found += [f"{name}: lacks {one}" for one in ours if one not in theirs]
        if theirs != ours and not found:
            found.append(f"{name}: order")
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    given = {name: (folder / name).read_bytes() for name in ("pool.csv", "officers.csv", "conflicts.csv", "spec.json")}
    wrong = differences(given, (folder / "draw.json").read_bytes())
    sys.stdout.write("\n".join(wrong or ["ok"]) + "\n")
    sys.exit(bool(wrong))
