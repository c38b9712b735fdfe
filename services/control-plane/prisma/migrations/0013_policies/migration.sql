-- CreateEnum
CREATE TYPE "approval_state" AS ENUM ('pending', 'approved', 'denied');

-- CreateTable
CREATE TABLE "server_policies" (
    "server_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "policy" TEXT,
    "version" INTEGER NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "server_policies_pkey" PRIMARY KEY ("server_id")
);

-- CreateTable
CREATE TABLE "approvals" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "rule_id" TEXT NOT NULL,
    "request_digest" TEXT NOT NULL,
    "caller" TEXT NOT NULL,
    "argument_names" TEXT[],
    "valid_seconds" INTEGER NOT NULL,
    "state" "approval_state" NOT NULL DEFAULT 'pending',
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "reason" TEXT,
    "valid_until" TIMESTAMPTZ(3),
    "revision" INTEGER NOT NULL DEFAULT 0,
    "is_published" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "approvals_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "server_policies_workspace_id_server_id_key" ON "server_policies"("workspace_id", "server_id");

-- CreateIndex
CREATE INDEX "approvals_workspace_id_request_digest_requested_at_idx" ON "approvals"("workspace_id", "request_digest", "requested_at");

-- CreateIndex
CREATE INDEX "approvals_workspace_id_requested_at_idx" ON "approvals"("workspace_id", "requested_at");

-- CreateIndex
CREATE INDEX "approvals_workspace_id_server_id_state_idx" ON "approvals"("workspace_id", "server_id", "state");

-- CreateIndex
CREATE INDEX "approvals_is_published_idx" ON "approvals"("is_published");

-- AddForeignKey
ALTER TABLE "server_policies" ADD CONSTRAINT "server_policies_workspace_id_server_id_fkey" FOREIGN KEY ("workspace_id", "server_id") REFERENCES "servers"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_workspace_id_server_id_fkey" FOREIGN KEY ("workspace_id", "server_id") REFERENCES "servers"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "server_policies" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "server_policies" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "server_policies" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "server_policies" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

ALTER TABLE "approvals" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "approvals" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "approvals" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "approvals" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));
