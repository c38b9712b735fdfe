-- CreateTable
CREATE TABLE "agents" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3),

    CONSTRAINT "agents_pkey" PRIMARY KEY ("id")
);

-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "agent_id" TEXT,
ADD COLUMN     "allowed_addresses" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "allowed_servers" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "allowed_tools" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "rotated_from" TEXT;

-- CreateIndex
CREATE INDEX "agents_workspace_id_created_at_idx" ON "agents"("workspace_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "agents_workspace_id_id_key" ON "agents"("workspace_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "agents_workspace_id_name_key" ON "agents"("workspace_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_rotated_from_key" ON "api_keys"("rotated_from");

-- CreateIndex
CREATE INDEX "api_keys_workspace_id_agent_id_idx" ON "api_keys"("workspace_id", "agent_id");

-- AddForeignKey
ALTER TABLE "agents" ADD CONSTRAINT "agents_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_workspace_id_agent_id_fkey" FOREIGN KEY ("workspace_id", "agent_id") REFERENCES "agents"("workspace_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

ALTER TABLE "agents" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "agents" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "agents" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "agents" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

-- Keys that may do all that an organization can do for itself go on to.
UPDATE "api_keys" SET "is_published" = false, "permissions" = "permissions" || ARRAY(
  SELECT added FROM unnest(ARRAY['policies:write', 'approvals:write', 'agents:write', 'audit:read', 'members:write', 'organization:write'])
    WITH ORDINALITY AS a (added, position)
  WHERE NOT "permissions" @> ARRAY[added] ORDER BY position)
WHERE "permissions" @> ARRAY['servers:read', 'servers:write', 'secrets:write', 'connectors:write', 'api-keys:write', 'workspaces:write'];
