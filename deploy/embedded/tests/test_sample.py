import csv
import re
import tracemalloc
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from wurao.embedded.sample import Summary, generate
from wurao.embedded.sample.catalogue import article, load
from wurao.embedded.sample.command import sample
from wurao.embedded.sample.uscc import ALPHABET, check_character

COLUMNS = {
    "areas": "code,name,level,parent",
    "agencies": "agency_id,name,kind,level,area,line,parent_id,authority,procedure,remedies,phone,delegating_id,"
    "delegation_no,delegation_from,delegation_to,delegation_scope,delegation_basis",
    "units": "unit_id,agency_id,name,duties,phone",
    "officers": "officer_id,name,agency_id,unit,kind,certificate_no,valid_from,valid_to,trained,examined,in_post,"
    "legal_reviewer,legal_qualified,leader,management_authority",
    "items": "item_id,agency_id,name,line,law,article,method,random_list,special_industry,key_area,recognition_days,"
    "delegable,minutes,officers,industries,form_id",
    "forms": "form_id,version,question_id,position,text,type,mandatory,standard,law,article,evidence,shared_key",
    "enterprises": "enterprise_id,name,kind,industry,size,area,address,registered_on,park,tags",
    "premises": "premises_id,enterprise_id,name,address,area",
    "facts": "fact_id,enterprise_id,indicator,value,source,occurred_on,evidence,expires_on",
}
KIND_DIGIT = {"company": "1", "branch": "1", "individual": "2", "cooperative": "3"}
ABOVE = {"township": "county", "county": "prefecture", "prefecture": "province"}
LIMITS = {
    "penalties_24m": 99,
    "serious_breach": 1,
    "abnormal_listing": 1,
    "annual_report_missed": 9,
    "complaints_proven": 99,
    "safety_standard_level": 3,
    "accidents_36m": 99,
    "hazards_rectified_permille": 1000,
    "high_tech": 1,
    "rd_permille": 1000,
    "tax_band": 5,
    "jobs": 100_000,
}

Rows = list[dict[str, str]]


class County:
    """The default sample, read back."""

    def __init__(self, folder: Path, summary: Summary) -> None:
        self.folder, self.summary = folder, summary
        self.tables = {name: read(folder, name) for name in COLUMNS}

    def __getitem__(self, name: str) -> Rows:
        return self.tables[name]


def read(folder: Path, name: str) -> Rows:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def body_code_is_valid(body: str) -> bool:
    weighted = sum(int(c, 36) * w for c, w in zip(body[:8], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body[8] == {10: "X", 11: "0"}.get(11 - weighted % 11, str(11 - weighted % 11))


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    folder = tmp_path_factory.mktemp("county")
    return County(folder, generate(folder))


def test_equal_arguments_give_equal_bytes(tmp_path: Path) -> None:
    """Two runs with the same arguments write the same bytes into every file."""
    for folder in ("one", "two"):
        generate(tmp_path / folder, enterprises=1100)
    for name in COLUMNS:
        file = f"{name}.csv"
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_seed_changes_people_and_enterprises(tmp_path: Path) -> None:
    """Another seed gives other codes, names and facts, but the same law."""
    generate(tmp_path / "one", enterprises=100)
    generate(tmp_path / "two", enterprises=100, seed=7)
    differs = {
        name: (tmp_path / "one" / f"{name}.csv").read_bytes() != (tmp_path / "two" / f"{name}.csv").read_bytes()
        for name in COLUMNS
    }
    assert differs == {name: name not in ("areas", "agencies", "units", "items", "forms") for name in COLUMNS}


@pytest.mark.parametrize(("fewer", "more"), [(200, 500), (1100, 2300)])
def test_an_enterprise_does_not_depend_on_how_many_follow(tmp_path: Path, fewer: int, more: int) -> None:
    """A smaller sample is the beginning of a larger one, in all files about enterprises."""
    generate(tmp_path / "fewer", enterprises=fewer)
    generate(tmp_path / "more", enterprises=more)
    for name in ("enterprises", "premises", "facts"):
        small = (tmp_path / "fewer" / f"{name}.csv").read_bytes()
        large = (tmp_path / "more" / f"{name}.csv").read_bytes()
        assert large.startswith(small)
        assert len(large) > len(small)


def test_the_files_have_the_columns_of_the_import(county: County) -> None:
    """Each header is the import's, and no row has a cell too many or too few."""
    for name, header in COLUMNS.items():
        assert (county.folder / f"{name}.csv").read_text("utf-8").partition("\n")[0] == header
        assert all(None not in row and None not in row.values() for row in county[name])


def test_the_summary_counts_what_was_written(county: County) -> None:
    """The summary's rows and shares are those of the files, at the promised size of a county."""
    assert county.summary.rows == {name: len(county[name]) for name in COLUMNS}
    assert [county.summary.rows[name] for name in ("enterprises", "agencies", "officers", "items")] == [
        3000,
        40,
        400,
        300,
    ]
    assert county.summary.sections == Counter(row["industry"][0] for row in county["enterprises"])
    assert county.summary.kinds == Counter(row["kind"] for row in county["enterprises"])
    assert sum(map(county.summary.share, county.summary.sections)) == pytest.approx(1)


@pytest.mark.parametrize(
    "code",
    [
        "91110108551385082Q",
        "91350100M000100Y43",
        "9144030071526726XG",
        "91330100799655058B",
        "11330800002618015K",
        "918587832P12455XH0",
    ],
)
def test_the_check_character_agrees_with_known_codes(code: str) -> None:
    """The 18th character follows GB 32100, also where the sum is a multiple of 31."""
    assert check_character(code[:17]) == code[17]


def test_the_check_character_refuses_a_known_bad_code() -> None:
    """A code with a wrong 18th character is told from a right one."""
    assert check_character("91310115MA1H8R7C6") != "D"


def test_every_uscc_is_valid_unique_and_of_its_kind(county: County) -> None:
    """Codes are unique, pass both check characters, and name the kind and the county."""
    codes = [row["enterprise_id"] for row in county["enterprises"]]
    assert len(set(codes)) == len(codes)
    for row in county["enterprises"]:
        code = row["enterprise_id"]
        assert len(code) == 18
        assert set(code) <= set(ALPHABET)
        assert code[:8] == f"9{KIND_DIGIT[row['kind']]}330802"
        assert body_code_is_valid(code[8:17])
        assert check_character(code[:17]) == code[17]


def test_every_reference_resolves(county: County) -> None:
    """No row names an agency, form or enterprise that is not there, and ids are unique."""
    ids = {name: [next(iter(row.values())) for row in county[name]] for name in COLUMNS if name != "forms"}
    for found in ids.values():
        assert len(set(found)) == len(found)
    questions = [row["question_id"] for row in county["forms"]]
    assert len(set(questions)) == len(questions)
    agencies, enterprises = set(ids["agencies"]), set(ids["enterprises"])
    assert {row["parent_id"] for row in county["agencies"]} <= agencies | {""}
    assert {row["agency_id"] for row in county["officers"]} == agencies
    assert {row["agency_id"] for row in county["items"]} == agencies
    assert {row["form_id"] for row in county["items"]} == {row["form_id"] for row in county["forms"]}
    assert {row["enterprise_id"] for row in county["premises"]} == enterprises
    assert {row["enterprise_id"] for row in county["facts"]} == enterprises


def test_every_cited_article_is_in_the_checked_table(county: County) -> None:
    """Items, questions and agencies cite only articles that were read in the statute."""
    known = {(law, article(number)) for law, entry in load("articles").items() for number in entry["articles"]}
    cited = {(row["law"], row["article"]) for name in ("items", "forms") for row in county[name]}
    for row in county["agencies"]:
        law = ""
        for title, number in re.findall(r"《([^》]+)》|(第[^条]+条)", row["authority"] + row["delegation_basis"]):
            law = title or law
            if number:
                cited.add((law, number))
    assert cited <= known
    assert len(cited) > 150


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "第一条"),
        (10, "第十条"),
        (15, "第十五条"),
        (40, "第四十条"),
        (62, "第六十二条"),
        (100, "第一百条"),
        (103, "第一百零三条"),
        (110, "第一百一十条"),
        (121, "第一百二十一条"),
        (200, "第二百条"),
    ],
)
def test_article_numbers_are_written_as_statutes_write_them(number: int, text: str) -> None:
    """Hundreds, tens and the filling 零 follow the statutes."""
    assert article(number) == text


@pytest.mark.parametrize("number", [0, 1000])
def test_an_impossible_article_number_is_refused(number: int) -> None:
    """No statute has an article outside 1 to 999."""
    with pytest.raises(ValueError, match="no article"):
        article(number)


def test_the_documented_agencies_are_there(county: County) -> None:
    """A demonstration finds its agencies under fixed ids."""
    ids = {row["agency_id"] for row in county["agencies"]}
    lines = ("market", "emergency", "ecology", "fire", "health", "justice", "development")
    assert {f"330802-{line}" for line in lines} <= ids
    assert {"330802001-town", "330800-market", "330000-market", "330800-justice", "330000-justice"} <= ids


def test_superiors_share_the_line_one_level_up(county: County) -> None:
    """A parent works in the same line, one level higher; provinces have none; one justice per level."""
    agencies = {row["agency_id"]: row for row in county["agencies"]}
    for row in agencies.values():
        if row["parent_id"]:
            parent = agencies[row["parent_id"]]
            assert (parent["line"], parent["level"]) == (row["line"], ABOVE[row["level"]])
    assert Counter(row["level"] for row in agencies.values() if row["line"] == "justice") == {
        "county": 1,
        "prefecture": 1,
        "province": 1,
    }
    assert {row["kind"] for row in agencies.values()} == {"organ", "authorised", "entrusted"}
    assert all(re.fullmatch(r"\d{9}" if r["level"] == "township" else r"\d{6}", r["area"]) for r in agencies.values())


def test_areas_form_a_tree_that_holds_every_agency(county: County) -> None:
    """Each area stands one level below its parent, from the province to the towns; no agency lies elsewhere."""
    level = {row["code"]: row["level"] for row in county["areas"]} | {"000000": "country"}
    above = ABOVE | {"province": "country"}
    assert all(level[row["parent"]] == above[row["level"]] for row in county["areas"])
    assert {row["area"] for row in county["agencies"]} <= level.keys()
    assert Counter(level.values())["township"] == 8


def test_entrusted_bodies_show_an_organ_s_delegation(county: County) -> None:
    """Each entrusted body, and no other, has a written delegation by the county's organ of its line, in force."""
    agencies = {row["agency_id"]: row for row in county["agencies"]}
    for row in agencies.values():
        cells = [row[name] for name in row if name.startswith("delegat")]
        assert all(cells) if row["kind"] == "entrusted" else not any(cells)
        if row["kind"] == "entrusted":
            organ = agencies[row["delegating_id"]]
            assert (organ["kind"], organ["area"], organ["line"]) == ("organ", row["area"], row["line"])
            assert row["delegation_from"] < "2026" < row["delegation_to"]
    numbers = [row["delegation_no"] for row in agencies.values() if row["delegation_no"]]
    assert len(set(numbers)) == len(numbers) > 0


def test_every_unit_that_officers_name_is_there(county: County) -> None:
    """Units belong to known agencies, and officers work in them or lead."""
    units = {(row["agency_id"], row["name"]) for row in county["units"]}
    assert {(row["agency_id"], row["unit"]) for row in county["officers"] if row["leader"] == "false"} == units


def test_every_agency_can_send_two_officers_with_good_certificates(county: County) -> None:
    """Each agency has one leader and at least two others who may inspect through the first half of 2026."""
    usable: Counter[str] = Counter()
    leaders: Counter[str] = Counter()
    for row in county["officers"]:
        leaders[row["agency_id"]] += row["leader"] == "true"
        good = all(row[column] == "true" for column in ("trained", "examined", "in_post"))
        if row["kind"] == "officer" and good and row["valid_to"] >= "2026-06-30" and row["leader"] == "false":
            usable[row["agency_id"]] += 1
    assert set(leaders.values()) == {1}
    assert all(usable[row["agency_id"]] >= 2 for row in county["agencies"])


def test_officers_have_the_faults_of_a_real_county(county: County) -> None:
    """About 5 % expired, 7 % auxiliary and 6 % qualified reviewers; nobody holds a certificate unexamined."""
    rows = county["officers"]
    assert sum("" < row["valid_to"] < "2026" for row in rows) == 20
    assert sum(row["kind"] == "auxiliary" for row in rows) == 28
    assert sum(row["legal_reviewer"] == "true" for row in rows) == 24
    assert all(row["legal_qualified"] == "true" for row in rows if row["legal_reviewer"] == "true")
    assert all((row["certificate_no"] != "") == (row["examined"] == "true") for row in rows)
    numbers = [row["certificate_no"] for row in rows if row["certificate_no"]]
    assert len(set(numbers)) == len(numbers)
    assert all(row["valid_from"] < row["valid_to"] for row in rows if row["valid_to"])


def test_items_are_plausible(county: County) -> None:
    """Items need two officers, a known method, and are off the random list in special industries."""
    for row in county["items"]:
        assert row["name"]
        assert row["method"] in ("on_site", "off_site", "either")
        assert int(row["officers"]) >= 2
        assert 0 < int(row["minutes"]) <= 240
        assert 0 <= int(row["recognition_days"]) <= 90
        assert not (row["special_industry"] == "true" and row["random_list"] == "true")
        assert re.fullmatch(r"([A-T]\d{0,4}(;[A-T]\d{0,4})*)?", row["industries"])


def test_every_item_applies_to_some_class_of_enterprise() -> None:
    """No item names an industry that the sample's enterprises never have, storage of grain aside."""
    classes = [section + entry[0] for section, spec in load("industries").items() for entry in spec["classes"]]
    for entries in load("items").values():
        for entry in entries:
            prefixes = entry[-1].split(";")
            assert any(code.startswith(prefix) for code in classes for prefix in prefixes), entry[0]


def test_forms_are_short_and_share_questions(county: County) -> None:
    """Forms have 4 to 8 numbered questions, and a shared key means the same question in another form."""
    forms: defaultdict[str, list[str]] = defaultdict(list)
    asked: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    lines: defaultdict[str, set[str]] = defaultdict(set)
    for row in county["forms"]:
        forms[row["form_id"]].append(row["position"])
        assert row["type"] in ("yes_no", "number", "text")
        if row["shared_key"]:
            asked[row["shared_key"]].add((row["text"], row["type"], row["standard"], row["law"], row["article"]))
            lines[row["shared_key"]].add(row["form_id"])
    for positions in forms.values():
        assert positions == [str(i) for i in range(1, len(positions) + 1)]
        assert 4 <= len(positions) <= 8
    assert all(len(versions) == 1 for versions in asked.values())
    assert {"licence_displayed", "staff_training", "fire_exits_clear"} <= {
        key for key, used in lines.items() if len(used) > 5
    }


def test_enterprises_are_well_formed(county: County) -> None:
    """Kinds, sizes, industries, towns, dates and tags take only the import's values."""
    towns = {f"330802{i:03d}" for i in range(1, 9)}
    for row in county["enterprises"]:
        assert row["size"] in ("micro", "small", "medium", "large")
        assert re.fullmatch(r"[A-R]\d{4}", row["industry"])
        assert row["area"] in towns
        assert row["address"].startswith("浙江省衢州市柯城区")
        assert date(1998, 1, 1) <= date.fromisoformat(row["registered_on"]) <= date(2025, 6, 30)
        assert set(row["tags"].split(";")) <= {"special_industry", "key_area", "white_list", ""}
    assert {tag for row in county["enterprises"] for tag in row["tags"].split(";")} >= {"white_list", "key_area"}
    chemicals = [row for row in county["enterprises"] if row["industry"] in ("C2614", "F5265", "G5942")]
    assert all("special_industry" in row["tags"] for row in chemicals)


def test_cooperatives_and_branches_are_named_as_such(county: County) -> None:
    """The legal form stands in the name."""
    endings = {"company": "有限公司", "branch": "分公司", "cooperative": "专业合作社"}
    for row in county["enterprises"]:
        if row["kind"] in endings:
            assert row["name"].endswith(endings[row["kind"]])
        else:
            assert not row["name"].endswith(tuple(endings.values()))


def test_industries_have_the_shares_of_the_catalogue(tmp_path: Path) -> None:
    """Each section's share of 20 000 enterprises lies within one point of the catalogue's."""
    summary = generate(tmp_path, enterprises=20_000)
    shares = {section: spec["share"] for section, spec in load("industries").items()}
    assert sum(shares.values()) == 1000
    for section, share in shares.items():
        assert summary.share(section) == pytest.approx(share / 1000, abs=0.01)


def test_enterprises_have_one_to_three_premises(county: County) -> None:
    """Most have one, none has more than three, and the first is where the enterprise is registered."""
    addresses = {row["enterprise_id"]: row["address"] for row in county["enterprises"]}
    counts = Counter(row["enterprise_id"] for row in county["premises"])
    assert set(counts.values()) == {1, 2, 3}
    assert sum(count == 1 for count in counts.values()) > 0.8 * len(counts)
    first = [row for row in county["premises"] if row["premises_id"].endswith("-p1")]
    assert {row["enterprise_id"]: row["address"] for row in first} == addresses


def test_facts_are_in_range_and_in_time(county: County) -> None:
    """6 to 12 facts of different indicators each, in range, dated after registration and before 20 December 2025."""
    registered = {row["enterprise_id"]: row["registered_on"] for row in county["enterprises"]}
    held: defaultdict[str, list[str]] = defaultdict(list)
    for row in county["facts"]:
        held[row["enterprise_id"]].append(row["indicator"])
        assert 0 <= int(row["value"]) <= LIMITS[row["indicator"]]
        assert registered[row["enterprise_id"]] < row["occurred_on"] < "2025-12-20"
        assert row["expires_on"] == "" or row["expires_on"] > row["occurred_on"]
        assert row["source"]
        assert row["evidence"]
    for indicators in held.values():
        assert 6 <= len(indicators) <= 12
        assert len(set(indicators)) == len(indicators)


def test_standing_differs_between_enterprises(county: County) -> None:
    """Serious breaches are few but present, penalties a minority, and clean records the rule."""
    values: defaultdict[str, list[int]] = defaultdict(list)
    for row in county["facts"]:
        values[row["indicator"]].append(int(row["value"]))
    assert set(values) == set(LIMITS)
    share = {name: sum(value > 0 for value in found) / len(found) for name, found in values.items()}
    assert 0.001 < share["serious_breach"] < 0.03
    assert 0.1 < share["penalties_24m"] < 0.35
    assert 0.02 < share["abnormal_listing"] < 0.15


def test_memory_does_not_grow_with_the_sample(tmp_path: Path) -> None:
    """Four more blocks, 5 MB of text, need less than 1 MB more: rows stream to disk."""

    def peak(enterprises: int) -> int:
        tracemalloc.start()
        try:
            generate(tmp_path, enterprises=enterprises)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    generate(tmp_path, enterprises=1)
    assert peak(7_000) - peak(3_000) < 1_000_000


@pytest.mark.parametrize(
    ("area", "county_name", "market"),
    [
        ("431102", "湖南省永州市零陵区", "永州市零陵区市场监督管理局"),
        ("371703", "山东省菏泽市定陶区", "菏泽市定陶区市场监督管理局"),
        ("622901", "甘肃省临夏州临夏市", "临夏州临夏市市场监督管理局"),
        ("130921", "河北省沧州市沧县", "沧州市沧县市场监督管理局"),
        ("441802", "广东省示范市示范县", "示范市示范县市场监督管理局"),
    ],
)
def test_other_counties_have_their_own_names_and_codes(
    tmp_path: Path, area: str, county_name: str, market: str
) -> None:
    """Codes, addresses and agencies follow the county asked for."""
    generate(tmp_path, enterprises=50, area=area)
    assert all(row["enterprise_id"][2:8] == area for row in read(tmp_path, "enterprises"))
    assert all(row["address"].startswith(county_name) for row in read(tmp_path, "enterprises"))
    assert {row["agency_id"]: row["name"] for row in read(tmp_path, "agencies")}[f"{area}-market"] == market


def test_size_follows_the_arguments(tmp_path: Path) -> None:
    """Agencies, officers and items can be fewer or more than the default county's."""
    small = generate(tmp_path, enterprises=0, agencies=12, officers=36, items=12)
    large = generate(tmp_path, enterprises=1, agencies=60, officers=3000, items=450)
    assert small.rows | {"forms": 0} == {
        "areas": 11,
        "agencies": 12,
        "units": 12,
        "officers": 36,
        "items": 12,
        "forms": 0,
        "enterprises": 0,
        "premises": 0,
        "facts": 0,
    }
    assert (large.rows["agencies"], large.rows["officers"], large.rows["items"]) == (60, 3000, 450)


@pytest.mark.parametrize(
    "arguments",
    [
        {"area": "3308"},
        {"area": "33080a"},
        {"agencies": 11},
        {"agencies": 1000},
        {"officers": 100},
        {"items": 39},
        {"items": 10_000},
        {"enterprises": -1},
    ],
)
def test_impossible_arguments_are_refused_before_anything_is_written(
    tmp_path: Path, arguments: dict[str, int | str]
) -> None:
    """A county code or count out of range raises ValueError and leaves no folder behind."""
    with pytest.raises(ValueError, match="must be"):
        generate(tmp_path / "out", **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def command() -> typer.Typer:
    app = typer.Typer()
    app.command()(sample)
    return app


def test_the_command_writes_the_files_and_shows_counts(tmp_path: Path) -> None:
    """`wurao sample` writes all files and ends with the rows of each."""
    arguments = ["--enterprises", "1234", "--seed", "5", "--area", "431102", "--out", str(tmp_path)]
    result = CliRunner().invoke(command(), arguments)
    assert result.exit_code == 0, result.output
    assert "1,234" in result.output
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.csv" for name in COLUMNS}


def test_the_command_explains_a_bad_county_code(tmp_path: Path) -> None:
    """A bad area ends with exit code 2 and the reason."""
    result = CliRunner().invoke(command(), ["--area", "33", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "six digits" in result.output
