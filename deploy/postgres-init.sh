#!/bin/sh
# Runs once, on an empty data volume: two roles and one database for each service.
# wurao_owner migrates; wurao_app serves, owns nothing, and so is bound by row-level security.
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$(cat /run/secrets/owner_password)" -v app="$(cat /run/secrets/app_password)" \
    -U "$POSTGRES_USER" -d postgres <<'SQL'
SET log_min_error_statement = panic;
CREATE ROLE wurao_owner LOGIN PASSWORD :'owner';
CREATE ROLE wurao_app LOGIN PASSWORD :'app';
CREATE DATABASE wurao_registry OWNER wurao_owner;
CREATE DATABASE wurao_scheduling OWNER wurao_owner;
CREATE DATABASE wurao_checkin OWNER wurao_owner;
CREATE DATABASE wurao_penalty OWNER wurao_owner;
CREATE DATABASE wurao_supervision OWNER wurao_owner;
SQL
