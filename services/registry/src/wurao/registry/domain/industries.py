"""Industries by GB/T 4754-2017: 20 sections (letters) with 97 divisions (two digits), then groups and classes."""

from collections.abc import Mapping

SECTIONS: Mapping[str, tuple[str, range]] = {
    "A": ("农、林、牧、渔业", range(1, 6)),
    "B": ("采矿业", range(6, 13)),
    "C": ("制造业", range(13, 44)),
    "D": ("电力、热力、燃气及水生产和供应业", range(44, 47)),
    "E": ("建筑业", range(47, 51)),
    "F": ("批发和零售业", range(51, 53)),
    "G": ("交通运输、仓储和邮政业", range(53, 61)),
    "H": ("住宿和餐饮业", range(61, 63)),
    "I": ("信息传输、软件和信息技术服务业", range(63, 66)),
    "J": ("金融业", range(66, 70)),
    "K": ("房地产业", range(70, 71)),
    "L": ("租赁和商务服务业", range(71, 73)),
    "M": ("科学研究和技术服务业", range(73, 76)),
    "N": ("水利、环境和公共设施管理业", range(76, 80)),
    "O": ("居民服务、修理和其他服务业", range(80, 83)),
    "P": ("教育", range(83, 84)),
    "Q": ("卫生和社会工作", range(84, 86)),
    "R": ("文化、体育和娱乐业", range(86, 91)),
    "S": ("公共管理、社会保障和社会组织", range(91, 97)),
    "T": ("国际组织", range(97, 98)),
}
"""Each section's Chinese name and the divisions that it has."""

BEGINNINGS = frozenset(
    f"{letter}{division:02d}" for letter, (_, divisions) in SECTIONS.items() for division in divisions
)
"""What the code of an industry begins with: its section and one of the section's divisions."""


def checked_industry(code: str) -> str:
    """The code, of a division, group or class with its section's letter. Raises ValueError, in Chinese."""
    if code[:3] not in BEGINNINGS:
        section = SECTIONS.get(code[:1])
        if section is None:
            raise ValueError("国民经济行业门类应为 A 至 T")
        name, divisions = section
        raise ValueError(f"行业代码不正确：{name}（{code[0]}）的大类为 {divisions[0]:02d} 至 {divisions[-1]:02d}")
    return code
