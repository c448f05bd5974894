"""Enterprises in blocks of a thousand; a block depends on the county, the seed and its number alone."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from wurao.embedded.sample.agencies import Agency
from wurao.embedded.sample.catalogue import load
from wurao.embedded.sample.facts import STANDINGS, pools
from wurao.embedded.sample.places import Place
from wurao.embedded.sample.streams import slots, stream
from wurao.embedded.sample.uscc import CodeBook

BLOCK = 1000
_TABLE = 4096
_KINDS = {
    "shop": (("individual", 82), ("company", 13), ("branch", 5)),
    "works": (("company", 70), ("individual", 26), ("branch", 4)),
    "firm": (("company", 66), ("individual", 24), ("branch", 10)),
    "farm": (("cooperative", 45), ("individual", 33), ("company", 22)),
}
_SIZES = {
    "individual": (("micro", 94), ("small", 6)),
    "branch": (("micro", 55), ("small", 40), ("medium", 5)),
    "company": (("micro", 62), ("small", 30), ("medium", 7), ("large", 1)),
    "cooperative": (("micro", 85), ("small", 15)),
}
_CODE_KIND = {"company": "1", "branch": "1", "individual": "2", "cooperative": "3"}
_STANDING_SHARES = (20, 70, 10)
_NEWCOMERS = 0.06
_WHITE_LISTED = 0.05
_KEY_BESIDES = 0.02
_SHOP_ENDINGS = ("店", "市", "馆", "房", "社", "楼", "厅", "室", "所", "园", "部", "宿")
_SERVICES = ("H", "O")
"""Sections whose small shops serve rather than sell."""
_INDIVIDUAL_FORMS = {
    "works": ("加工厂",),
    "firm": ("经营部", "服务部"),
    "farm": ("家庭农场",),
}
_SECOND_PREMISES = {
    "shop": ("分店", "仓库"),
    "works": ("二厂区", "仓库"),
    "firm": ("办公点", "仓库"),
    "farm": ("加工点", "基地"),
}


class Trade(NamedTuple):
    """One class of industries.yaml; `tags` is a set of words of which special and key are known."""

    code: str
    profile: str
    names: tuple[str, ...]
    special: bool
    key: bool
    in_parks: bool


@dataclass
class Block:
    """Text of one block for the three files, with what the summary counts."""

    enterprises: list[str] = field(default_factory=list)
    premises: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    fact_rows: int = 0
    sections: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


def _trades() -> list[tuple[Trade, float]]:
    weighted = []
    for section, spec in load("industries").items():
        total = sum(entry[1] for entry in spec["classes"])
        for code, weight, profile, names, tags in spec["classes"]:
            in_parks = profile == "works" or section in "IM"
            trade = Trade(f"{section}{code}", profile, tuple(names), "special" in tags, "key" in tags, in_parks)
            weighted.append((trade, spec["share"] * weight / total))
    return weighted


def _dates(first: date, last: date, early: float) -> list[str]:
    """A table of dates; `early` below 1 crowds them towards the last day."""
    days = (last - first).days
    return [(first + timedelta(days=round(days * (i / (_TABLE - 1)) ** early))).isoformat() for i in range(_TABLE)]


class EnterpriseMaker:
    """Tables of one county and seed, and the blocks drawn from them."""

    def __init__(self, place: Place, agencies: list[Agency], seed: int) -> None:
        names, book = load("names"), load("places")
        self._place, self._seed = place, seed
        self._random = stream(seed, "enterprise").random
        self._codes = CodeBook(place.area, stream(seed, "uscc"))
        self._pools = pools(place, agencies, seed)
        self._trades = slots(_trades(), _TABLE)
        self._kinds = {profile: slots(shares, 100) for profile, shares in _KINDS.items()}
        self._sizes = {kind: slots(shares, 100) for kind, shares in _SIZES.items()}
        self._standings = slots(list(zip(STANDINGS, _STANDING_SHARES, strict=True)), 100)
        self._towns = [(code, f"{place.full}{name}", name[-1] in "乡镇") for code, name in place.towns]
        self._streets, self._villages = book["streets"], book["villages"]
        self._parks = [f"{place.county}{park}" for park in book["parks"]]
        self._heads, self._tails = names["heads"], names["tails"]
        self._shop_heads = names["shop_heads"]
        self._shop_forms, self._service_forms = names["shop_forms"], names["service_forms"]
        self._old = _dates(date(1998, 1, 5), date(2023, 12, 29), 0.45)
        self._new = _dates(date(2024, 1, 2), date(2025, 6, 30), 1.0)

    def block(self, number: int, count: int) -> Block:
        """The first `count` enterprises of a block, at most `BLOCK`."""
        self._random = stream(self._seed, "enterprise", number).random
        made = Block()
        for index in range(number * BLOCK, number * BLOCK + count):
            self._add(made, index)
        return made

    def _pick(self, table: list[str] | tuple[str, ...]) -> str:
        return table[int(self._random() * len(table))]

    def _add(self, made: Block, index: int) -> None:
        random = self._random
        trade = self._trades[int(random() * _TABLE)]
        kind = self._kinds[trade.profile][int(random() * 100)]
        size = self._sizes[kind][int(random() * 100)]
        standing = self._standings[int(random() * 100)]
        newcomer = random() < _NEWCOMERS
        uscc = self._codes.code(index, _CODE_KIND[kind])
        name = self._name(trade, kind)
        area, address = self._address()
        park = self._pick(self._parks) if trade.in_parks and random() < 0.4 and kind != "individual" else ""
        registered = (self._new if newcomer else self._old)[int(random() * _TABLE)]
        tags = self._tags(trade, standing)
        made.enterprises.append(
            f"{uscc},{name},{kind},{trade.code},{size},{area},{address},{registered},{park},{tags}\n"
        )
        self._add_premises(made, trade, uscc, name, area, address, size)
        group = "new" if newcomer else _group(trade, kind, size)
        bundles = self._pools[group, standing]
        bundle = bundles[int(random() * len(bundles))]
        made.facts.append(bundle.stamp(uscc, index + 1))
        made.fact_rows += bundle.rows
        made.sections[trade.code[0]] += 1
        made.kinds[kind] += 1

    def _name(self, trade: Trade, kind: str) -> str:
        place, pick = self._place, self._pick
        line = pick(trade.names)
        if kind == "individual":
            shop = self._service_forms if trade.code[0] in _SERVICES else self._shop_forms
            forms = _INDIVIDUAL_FORMS.get(trade.profile, shop)
            form = "" if line.endswith(_SHOP_ENDINGS) else pick(forms)
            return f"{place.county}{pick(self._shop_heads)}{line}{form}"
        fancy = pick(self._heads) + pick(self._tails)
        if self._random() < 0.3:
            fancy += pick(self._tails)
        if kind == "branch":
            return f"{place.province_short}{fancy}{line}有限公司{place.county_short}分公司"
        if kind == "cooperative":
            return f"{place.prefecture}{place.county}{fancy}{line}专业合作社"
        return f"{place.prefecture_short}{fancy}{line}有限公司"

    def _address(self) -> tuple[str, str]:
        random = self._random
        area, town, rural = self._towns[int(random() * len(self._towns))]
        road = self._pick(self._villages if rural and random() < 0.6 else self._streets)
        return area, f"{town}{road}{1 + int(random() * 480)}号"

    def _tags(self, trade: Trade, standing: str) -> str:
        random = self._random
        tags = ["special_industry"] if trade.special else []
        if trade.key or random() < _KEY_BESIDES:
            tags.append("key_area")
        if standing == "good" and not tags and random() < _WHITE_LISTED:
            tags.append("white_list")
        return ";".join(tags)

    def _add_premises(
        self, made: Block, trade: Trade, uscc: str, name: str, area: str, address: str, size: str
    ) -> None:
        made.premises.append(f"{uscc}-p1,{uscc},{name},{address},{area}\n")
        drawn = self._random() * (1 if size == "micro" else 0.4)
        for place in range(2, 2 + (drawn < 0.05) + (drawn < 0.01)):
            other, there = self._address()
            title = _SECOND_PREMISES[trade.profile][place - 2]
            made.premises.append(f"{uscc}-p{place},{uscc},{name}{title},{there},{other}\n")


def _group(trade: Trade, kind: str, size: str) -> str:
    if trade.special and trade.key:
        return "hazardous"
    if kind == "individual":
        return "individual"
    return "big" if size in ("medium", "large") else "small"
