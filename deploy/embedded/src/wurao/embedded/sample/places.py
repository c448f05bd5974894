"""The county that the sample plays in, with its towns, streets and parks."""

from dataclasses import dataclass

from wurao.embedded.sample.catalogue import load


@dataclass(frozen=True)
class Place:
    """Names and GB/T 2260 codes of a county and of what lies above and below it."""

    area: str
    province: str
    prefecture: str
    county: str
    dialling: str
    towns: tuple[tuple[str, str], ...]
    """Township code (9 digits) and name."""

    @property
    def full(self) -> str:
        return f"{self.province}{self.prefecture}{self.county}"

    @property
    def province_short(self) -> str:
        return self.province[:3] if self.province.startswith(("内蒙古", "黑龙江")) else self.province[:2]

    @property
    def prefecture_short(self) -> str:
        return self.prefecture[:-1]

    @property
    def county_short(self) -> str:
        return self.county[:-1] if len(self.county) > 2 else self.county

    @property
    def prefecture_area(self) -> str:
        return f"{self.area[:4]}00"

    @property
    def province_area(self) -> str:
        return f"{self.area[:2]}0000"


def areas(place: Place) -> list[tuple[str, str, str, str]]:
    """Rows of areas.csv: the county with its towns, and what lies above it."""
    above = [
        (place.province_area, place.province, "province", "000000"),
        (place.prefecture_area, place.prefecture, "prefecture", place.province_area),
        (place.area, place.county, "county", place.prefecture_area),
    ]
    return above + [(code, name, "township", place.area) for code, name in place.towns]


def place(area: str) -> Place:
    """The place of a 6-digit county code; counties outside the catalogue get neutral names."""
    if len(area) != 6 or not (area.isascii() and area.isdigit()):
        raise ValueError(f"area must be the six digits of a county, not {area!r}")
    book = load("places")
    county = book["counties"].get(area, book["other_county"])
    return Place(
        area=area,
        province=book["provinces"].get(area[:2], book["other_province"]),
        prefecture=book["prefectures"].get(area[:4], book["other_prefecture"]),
        county=county["name"],
        dialling=county["dialling"],
        towns=tuple((f"{area}{i:03d}", name) for i, name in enumerate(county["towns"], 1)),
    )
