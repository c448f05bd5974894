"""Row-level security on PostgreSQL, written once for migrations. An unset claim matches no row (architecture §9).

The claims are set per transaction by `Database`; a missing setting is NULL or empty, and neither
equals any scope, so a session without claims sees nothing.
"""

from alembic import op

SCOPE = "current_setting('wurao.scope', true)"


def _is(kind: str, condition: str) -> str:
    return f"({SCOPE} = '{kind}' and {condition})"


def protect(
    table: str,
    *,
    area: str | None = "area",
    agency: str | None = "agency_id",
    enterprise: str | None = None,
    agency_condition: str | None = None,
    area_condition: str = "false",
) -> None:
    """Deny by default; allow system, the area's supervisors, the agency and the enterprise themselves.

    `agency_condition` replaces the plain column comparison, for rows that several agencies share; it may
    use `current_setting('wurao.agency', true)`. `area_condition` lets the area see further rows. Does nothing on
    SQLite, where the repositories filter alone.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    allowed = [f"{SCOPE} = 'system'"]
    if area:
        allowed.append(_is("area", f"({area} like current_setting('wurao.area', true) || '%' or {area_condition})"))
    if agency_condition:
        allowed.append(_is("agency", agency_condition))
    elif agency:
        allowed.append(_is("agency", f"{agency} = current_setting('wurao.agency', true)"))
    if enterprise:
        allowed.append(_is("enterprise", f"{enterprise} = current_setting('wurao.enterprise', true)"))
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy {table}_scope on {table} using ({' or '.join(allowed)})")
