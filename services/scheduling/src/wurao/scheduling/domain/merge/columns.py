"""The columns of the files."""

TASKS = ("task_id", "enterprise_id", "agency_id", "items", "earliest", "latest", "minutes", "officers")
CAPACITY = ("agency_id", "date", "officer_days")
VISITS = ("visit_id", "enterprise_id", "date", "task_ids")
