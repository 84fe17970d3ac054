dump:
	pg_dump "$$DATABASE_URL" > dump.sql

backups:
	ionosctl dbaas psql backup list --cluster-id $(ID)
