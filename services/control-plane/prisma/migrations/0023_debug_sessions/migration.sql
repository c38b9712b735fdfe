-- CreateTable
CREATE TABLE "debug_sessions" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "environment" TEXT,
    "opened_by" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "end_reason" TEXT,
    "is_cleared" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "debug_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "debug_sessions_workspace_id_server_id_opened_at_idx" ON "debug_sessions"("workspace_id", "server_id", "opened_at");

-- CreateIndex
CREATE INDEX "debug_sessions_is_cleared_expires_at_idx" ON "debug_sessions"("is_cleared", "expires_at");

-- A server has one at a time.
CREATE UNIQUE INDEX "debug_sessions_open_key" ON "debug_sessions"("server_id") WHERE "ended_at" IS NULL;

ALTER TABLE "debug_sessions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "debug_sessions" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "debug_sessions" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "debug_sessions" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

-- Keys that may do all that an organization can do for itself go on to.
UPDATE "api_keys" SET "permissions" = "permissions" || ARRAY['debug:write']
WHERE "permissions" @> ARRAY['servers:read', 'servers:write', 'secrets:write', 'connectors:write', 'api-keys:write', 'policies:write', 'workspaces:write', 'organization:write']
  AND NOT "permissions" @> ARRAY['debug:write'];
