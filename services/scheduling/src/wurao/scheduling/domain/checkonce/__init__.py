"""Check once (综合查一次) in the service: what is planned anew, who must agree, and why a visit is as it is."""
