-- The pool of data planes of a server; null: the default pool. An instance has that of its server, because credentials are
-- for workspaces which do not see that one. What was deleted has it as long as something lies in a secret store.
ALTER TABLE "servers" ADD COLUMN "pool" TEXT;
ALTER TABLE "connector_instances" ADD COLUMN "pool" TEXT;
ALTER TABLE "server_removals" ADD COLUMN "pool" TEXT;
ALTER TABLE "credential_removals" ADD COLUMN "pool" TEXT;

-- Each pool has keys of its own.
ALTER TABLE "sealing_keys" ADD COLUMN "pool" TEXT;
