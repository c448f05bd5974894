"""Which services read which topics of a pack: the registry tells, before a pack acts, who would miss a parameter."""

from collections.abc import Mapping
from types import MappingProxyType

SERVICES: Mapping[str, str] = MappingProxyType(
    {
        "common": "全部服务",
        "registry": "登记",
        "scheduling": "排期",
        "checkin": "入企核验",
        "penalty": "处罚",
        "supervision": "监督",
    }
)

# Topic (the part of a parameter's name before the point): the services whose sections read it.
READERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "agency": ("registry",),
        "area": ("scheduling",),
        "basis": ("common",),
        "callback": (
            "registry",
            "supervision",
        ),
        "campaign": ("scheduling",),
        "cap": (
            "registry",
            "scheduling",
        ),
        "coercion": ("penalty",),
        "complaint": ("supervision",),
        "conference": ("scheduling",),
        "correction": ("supervision",),
        "coverage": ("scheduling",),
        "entry": (
            "registry",
            "scheduling",
            "checkin",
            "penalty",
        ),
        "evaluation": ("registry",),
        "filing": (
            "scheduling",
            "checkin",
        ),
        "grade": (
            "registry",
            "scheduling",
        ),
        "grounds": (
            "scheduling",
            "checkin",
        ),
        "item": ("registry",),
        "lead": ("supervision",),
        "level": ("scheduling",),
        "merge": ("scheduling",),
        "off_site": ("scheduling",),
        "office": ("scheduling",),
        "officer": (
            "registry",
            "penalty",
        ),
        "penalty": (
            "penalty",
            "supervision",
        ),
        "period": ("penalty",),
        "plan": ("scheduling",),
        "pressure": ("scheduling",),
        "recognition": ("scheduling",),
        "repair": ("registry",),
        "review": ("penalty",),
        "sanction": ("supervision",),
        "vocabulary": (
            "registry",
            "scheduling",
        ),
    }
)


def readers_of(parameter: str) -> str:
    """The services that read a parameter's topic, in Chinese; empty when none does yet."""
    return "、".join(SERVICES[name] for name in READERS.get(parameter.partition(".")[0], ()))
