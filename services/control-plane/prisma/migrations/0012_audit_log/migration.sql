-- CreateEnum
CREATE TYPE "audit_kind" AS ENUM ('begun', 'ended', 'event');

-- CreateTable
CREATE TABLE "audit_entries" (
    "organization_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" "audit_kind" NOT NULL,
    "workspace_id" TEXT,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "outcome" TEXT,
    "event_id" TEXT,
    "content" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("organization_id","number")
);

-- CreateTable
CREATE TABLE "audit_chains" (
    "organization_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL DEFAULT 0,
    "hash" TEXT NOT NULL DEFAULT '',
    "anchor_number" INTEGER NOT NULL DEFAULT 0,
    "anchor_hash" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "audit_chains_pkey" PRIMARY KEY ("organization_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "audit_entries_organization_id_event_id_key" ON "audit_entries"("organization_id", "event_id");

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_at_idx" ON "audit_entries"("organization_id", "at");

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_workspace_id_number_idx" ON "audit_entries"("organization_id", "workspace_id", "number");

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_actor_id_number_idx" ON "audit_entries"("organization_id", "actor_id", "number");

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_action_number_idx" ON "audit_entries"("organization_id", "action", "number");

-- CreateIndex
CREATE INDEX "audit_entries_at_idx" ON "audit_entries"("at");

ALTER TABLE "audit_entries" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "audit_entries" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "audit_entries" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "audit_entries" USING ("organization_id" = (SELECT current_setting('app.organization_id', true)));

ALTER TABLE "audit_chains" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "audit_chains" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "audit_chains" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "audit_chains" USING ("organization_id" = (SELECT current_setting('app.organization_id', true)));

-- What was written stays as it is. What is too old to be kept is deleted by a transaction that says so.
CREATE FUNCTION "refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('app.audit_retention', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE ON "audit_entries" FOR EACH ROW EXECUTE FUNCTION "refuse_audit_change"();
CREATE TRIGGER "not_truncated" BEFORE TRUNCATE ON "audit_entries" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();
