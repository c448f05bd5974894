"""Tables of the registry, by topic."""

from wurao.registry.tables.agencies import Agency
from wurao.registry.tables.base import Base
from wurao.registry.tables.credit import FactRow, GradeRow
from wurao.registry.tables.enterprises import Enterprise, PremisesRow
from wurao.registry.tables.items import CountedEntry, FormQuestion, Item, ItemEdition, ItemUsage
from wurao.registry.tables.officers import Officer, OfficerDecision

__all__ = [
    "Agency",
    "Base",
    "CountedEntry",
    "Enterprise",
    "FactRow",
    "FormQuestion",
    "GradeRow",
    "Item",
    "ItemEdition",
    "ItemUsage",
    "Officer",
    "OfficerDecision",
    "PremisesRow",
]
