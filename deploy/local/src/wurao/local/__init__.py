"""PostgreSQL and Apache Kafka from local binaries, without containers."""
