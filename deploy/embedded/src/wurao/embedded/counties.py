"""The counties in which the quarter is played."""

PACKS = {
    "yongzhou": "431102",
    "dingtao": "371703",
    "linxia": "622901",
    "quzhou": "330802",
    "cangxian": "130921",
}
