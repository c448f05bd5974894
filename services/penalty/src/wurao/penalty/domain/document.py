"""The text of a decision in Chinese: facts, how the benchmark was applied, payment and remedies (LX-05, RL-23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from wurao.penalty.domain.outcome import LABELS, NO_PENALTY

SUIT_MONTHS = 6  # 行政诉讼法 art. 46
SUIT_DAYS_AFTER_REVIEW = 15  # 行政诉讼法 art. 45
# The notice itself comes from the registry, which knows how long a decision is shown (国办发〔2025〕22号).
REPAIR = "《信用修复告知书》随本决定书一并送达，写明公示期限、修复条件、申请材料、程序、期限和受理机关。"
TIERS = {
    "slight": "较轻档",
    "ordinary": "一般档",
    "serious": "较重档",
    "below_minimum": "低于法定最低限",
    "uncorrected": "逾期未改正档",
}
KINDS = {
    "warning": "警告",
    "fine": "罚款",
    "confiscation": "没收",
    "suspension": "责令停产停业",
    "closure": "责令关闭",
    "licence_revocation": "吊销许可证件",
    "stop_use": "责令停止使用",
    "stop_sale": "责令停止销售",
    "abnormal_listing": "列入经营异常名录",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What the document tells of a decision. `labels` names the circumstances."""

    case_no: str
    form_no: str
    agency_name: str
    party_name: str
    address: str
    summary: bool
    outcome: str
    fine_fen: int
    kinds: tuple[str, ...]
    act_on: date
    description: str
    decision: Mapping[str, object]
    labels: Mapping[str, str]
    statements: int
    decided_on: date
    pay_by: date | None
    payment_days: int
    surcharge_permille: int
    review_days: int
    officers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A text by paragraph."""

    title: str
    paragraphs: dict[str, str]

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n\n".join([self.title, *self.paragraphs.values()])


def write(decided: Decided) -> Document:
    """The document of a decision."""
    none = decided.outcome in NO_PENALTY
    title = "不予行政处罚决定书" if none else "当场行政处罚决定书" if decided.summary else "行政处罚决定书"
    paragraphs = {
        "party": _party(decided),
        "facts": _facts(decided),
        "hearing": _heard(decided),
        "benchmark": _benchmark(decided),
        "decision": _decision(decided),
        "remedy": _remedy(decided),
        "repair": "" if none else REPAIR,
        "signature": f"{decided.agency_name}\n{_day(decided.decided_on)}\n执法人员：{'、'.join(decided.officers)}",
    }
    return Document(title, {name: text for name, text in paragraphs.items() if text})


def _party(decided: Decided) -> str:
    address = decided.address or "（未登记）"
    number = f"编号：{decided.form_no}（案号{decided.case_no}）"
    return f"{number}\n当事人：{decided.party_name}，地址：{address}"


def yuan(fen: int) -> str:
    """An amount in yuan with two decimals, without floating point."""
    return f"{fen // 100}.{fen % 100:02d}元"


def _facts(decided: Decided) -> str:
    record = decided.decision
    evidence = f"\n现场情况：{decided.description}" if decided.description else ""
    return f"经查，当事人于{_day(decided.act_on)}实施“{record['violation_name']}”的行为。{record['reason']}{evidence}"


def _heard(decided: Decided) -> str:
    if decided.statements:
        return f"当事人提出陈述、申辩意见{decided.statements}份，本机关已逐一复核并答复。"
    return "本机关在作出决定前已告知当事人拟作决定的内容、事实、理由、依据和权利。" if decided.summary else ""


def _benchmark(decided: Decided) -> str:
    """How the benchmark was applied: circumstances, list entry, tier, bounds, version, and any departure."""
    record = decided.decision
    codes = record["circumstances"]
    assert isinstance(codes, list)
    names = "、".join(decided.labels.get(code, code) for code in codes) or "无特别情节"
    sentences = [f"裁量说明：本案认定情节为{names}。"]
    if record["list_entry"]:
        sentences.append(f"符合清单条目{record['list_entry']}（{record['list_condition']}）。")
    if record["tier"]:
        tier = TIERS[str(record["tier"])]
        low, high = yuan(_int(record["min_fen"])), yuan(_int(record["max_fen"]))
        law = f"依{record['law']}{record['article']}及裁量权基准"
        sentences.append(f"{law}，适用{tier}，罚款幅度为{low}至{high}。")
    if record["version"] == "decision":
        sentences.append("因新的规定处罚较轻，依从旧兼从轻原则适用作出决定时的规定。")
    if record["departure_reason"]:
        sentences.append(f"未按清单处理的理由：{record['departure_reason']}")
    if record["impact_assessment"]:
        sentences.append(f"经济影响评估：{record['impact_assessment']}")
    return "".join(sentences)


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _decision(decided: Decided) -> str:
    if decided.outcome in NO_PENALTY:
        label = next(label for name, label in LABELS.items() if name == decided.outcome)
        education = decided.decision["education"]
        return f"本机关决定：{label}。" + (f"本机关已对当事人进行教育：{education}" if education else "")
    kinds = [KINDS.get(kind, kind) for kind in decided.kinds if kind != "fine"]
    if decided.fine_fen:
        kinds.append(f"罚款{yuan(decided.fine_fen)}")
    text = f"本机关决定：给予{'、'.join(kinds)}的行政处罚。"
    if decided.fine_fen:
        until = (
            f"于{_day(decided.pay_by)}前（含当日）"
            if decided.pay_by
            else f"自收到本决定书之日起{decided.payment_days}日内"
        )
        text += (
            f"当事人应当{until}到指定银行或者通过电子支付系统缴纳罚款。"
            f"逾期不缴纳的，每日按罚款数额的千分之{decided.surcharge_permille}加处罚款，加处罚款不超出罚款数额。"
        )
    return text


def _remedy(decided: Decided) -> str:
    """An on-the-spot penalty goes to administrative review before any lawsuit (行政复议法 art. 23)."""
    review = f"自收到本决定书之日起{decided.review_days}日内申请行政复议"
    if decided.summary:
        return (
            f"对本决定不服的，应当先{review}；对复议决定不服的，"
            f"可以自收到复议决定书之日起{SUIT_DAYS_AFTER_REVIEW}日内向人民法院提起行政诉讼。"
        )
    return f"对本决定不服的，可以{review}，也可以自收到本决定书之日起{SUIT_MONTHS}个月内直接向人民法院提起行政诉讼。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
