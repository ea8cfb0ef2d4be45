"""The journal in a PostgreSQL database: the same contract as on disk, for who already keeps such a database well."""
