-- CreateEnum
CREATE TYPE "test_status" AS ENUM ('success', 'failed', 'pending');

-- CreateEnum
CREATE TYPE "credential_scope" AS ENUM ('agent', 'user', 'workspace', 'organization');

-- CreateEnum
CREATE TYPE "tool_kind" AS ENUM ('workflow', 'connector');

-- AlterTable
ALTER TABLE "servers" ADD COLUMN "connector_instance_id" TEXT;

-- CreateTable
CREATE TABLE "connectors" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "active_version_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connectors_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connector_versions" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "connector_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "publisher" TEXT,
    "categories" TEXT[],
    "tags" TEXT[],
    "tools_count" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deprecated_at" TIMESTAMPTZ(3),
    "deprecation_message" TEXT,

    CONSTRAINT "connector_versions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connector_instances" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "workspace_id" TEXT,
    "home_workspace_id" TEXT NOT NULL,
    "connector_id" TEXT NOT NULL,
    "instance_name" TEXT NOT NULL,
    "description" TEXT,
    "configuration" TEXT NOT NULL DEFAULT '{}',
    "auth_type" TEXT NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "last_tested_at" TIMESTAMPTZ(3),
    "test_status" "test_status" NOT NULL DEFAULT 'pending',
    "test_message" TEXT,
    "credentials_version" INTEGER NOT NULL DEFAULT 0,
    "deployed_version_id" TEXT,
    "attempted_version_id" TEXT,
    "deploy_message" TEXT,
    "origins" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connector_instances_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connector_credentials" (
    "instance_id" TEXT NOT NULL,
    "scope" "credential_scope" NOT NULL,
    "subject" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "workspace_id" TEXT,
    "authentication_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "hosts" TEXT[],
    "fields" TEXT[],
    "is_usable" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connector_credentials_pkey" PRIMARY KEY ("instance_id","scope","subject")
);

-- CreateTable
CREATE TABLE "authorizations" (
    "state_hash" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "workspace_id" TEXT,
    "scope" "credential_scope" NOT NULL,
    "subject" TEXT NOT NULL,
    "session" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "authorizations_pkey" PRIMARY KEY ("state_hash")
);

-- CreateTable
CREATE TABLE "credential_removals" (
    "instance_id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "refs" TEXT NOT NULL,

    CONSTRAINT "credential_removals_pkey" PRIMARY KEY ("instance_id")
);

-- CreateTable
CREATE TABLE "tools" (
    "server_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "workspace_id" TEXT,
    "title" TEXT,
    "description" TEXT,
    "toolkit" TEXT NOT NULL,
    "kind" "tool_kind" NOT NULL,
    "is_read_only" BOOLEAN NOT NULL,
    "annotations" TEXT NOT NULL,
    "input_schema" TEXT NOT NULL,

    CONSTRAINT "tools_pkey" PRIMARY KEY ("server_id","name")
);

-- CreateTable
CREATE TABLE "toolkit_slugs" (
    "organization_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "base" TEXT NOT NULL,

    CONSTRAINT "toolkit_slugs_pkey" PRIMARY KEY ("organization_id","slug")
);

-- CreateIndex
CREATE UNIQUE INDEX "connectors_organization_id_id_key" ON "connectors"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "connectors_organization_id_slug_key" ON "connectors"("organization_id", "slug");

-- CreateIndex
CREATE UNIQUE INDEX "connectors_organization_id_active_version_id_key" ON "connectors"("organization_id", "active_version_id");

-- CreateIndex
CREATE UNIQUE INDEX "connector_versions_organization_id_id_key" ON "connector_versions"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "connector_versions_connector_id_version_key" ON "connector_versions"("connector_id", "version");

-- CreateIndex
CREATE UNIQUE INDEX "connector_versions_connector_id_number_key" ON "connector_versions"("connector_id", "number");

-- CreateIndex
CREATE INDEX "connector_instances_organization_id_connector_id_idx" ON "connector_instances"("organization_id", "connector_id");

-- CreateIndex
CREATE INDEX "connector_instances_workspace_id_idx" ON "connector_instances"("workspace_id");

-- CreateIndex
CREATE UNIQUE INDEX "connector_instances_organization_id_id_key" ON "connector_instances"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "connector_instances_home_workspace_id_id_key" ON "connector_instances"("home_workspace_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "connector_instances_home_workspace_id_instance_name_key" ON "connector_instances"("home_workspace_id", "instance_name");

-- CreateIndex
CREATE INDEX "authorizations_organization_id_instance_id_idx" ON "authorizations"("organization_id", "instance_id");

-- CreateIndex
CREATE INDEX "authorizations_expires_at_idx" ON "authorizations"("expires_at");

-- CreateIndex
CREATE INDEX "tools_workspace_id_idx" ON "tools"("workspace_id");

-- CreateIndex
CREATE INDEX "tools_organization_id_workspace_id_idx" ON "tools"("organization_id", "workspace_id");

-- CreateIndex
CREATE INDEX "toolkit_slugs_organization_id_base_idx" ON "toolkit_slugs"("organization_id", "base");

-- CreateIndex
CREATE UNIQUE INDEX "toolkit_slugs_server_id_base_key" ON "toolkit_slugs"("server_id", "base");

-- CreateIndex
CREATE UNIQUE INDEX "workspaces_organization_id_id_key" ON "workspaces"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "servers_connector_instance_id_key" ON "servers"("connector_instance_id");

-- CreateIndex
CREATE UNIQUE INDEX "servers_workspace_id_connector_instance_id_key" ON "servers"("workspace_id", "connector_instance_id");

-- AddForeignKey
ALTER TABLE "servers" ADD CONSTRAINT "servers_workspace_id_connector_instance_id_fkey" FOREIGN KEY ("workspace_id", "connector_instance_id") REFERENCES "connector_instances"("home_workspace_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connectors" ADD CONSTRAINT "connectors_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connectors" ADD CONSTRAINT "connectors_organization_id_active_version_id_fkey" FOREIGN KEY ("organization_id", "active_version_id") REFERENCES "connector_versions"("organization_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connector_versions" ADD CONSTRAINT "connector_versions_organization_id_connector_id_fkey" FOREIGN KEY ("organization_id", "connector_id") REFERENCES "connectors"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connector_instances" ADD CONSTRAINT "connector_instances_organization_id_connector_id_fkey" FOREIGN KEY ("organization_id", "connector_id") REFERENCES "connectors"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connector_instances" ADD CONSTRAINT "connector_instances_organization_id_home_workspace_id_fkey" FOREIGN KEY ("organization_id", "home_workspace_id") REFERENCES "workspaces"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connector_instances" ADD CONSTRAINT "connector_instances_organization_id_deployed_version_id_fkey" FOREIGN KEY ("organization_id", "deployed_version_id") REFERENCES "connector_versions"("organization_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connector_instances" ADD CONSTRAINT "connector_instances_organization_id_attempted_version_id_fkey" FOREIGN KEY ("organization_id", "attempted_version_id") REFERENCES "connector_versions"("organization_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connector_credentials" ADD CONSTRAINT "connector_credentials_organization_id_instance_id_fkey" FOREIGN KEY ("organization_id", "instance_id") REFERENCES "connector_instances"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorizations" ADD CONSTRAINT "authorizations_organization_id_instance_id_fkey" FOREIGN KEY ("organization_id", "instance_id") REFERENCES "connector_instances"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tools" ADD CONSTRAINT "tools_server_id_fkey" FOREIGN KEY ("server_id") REFERENCES "servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;


ALTER TABLE "connector_instances" ADD CONSTRAINT "connector_instances_workspace_is_home" CHECK ("workspace_id" = "home_workspace_id");

-- Connectors are of an organization. What belongs to no workspace is for all workspaces of its organization.

ALTER TABLE "connectors" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "connectors" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "connectors" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "connectors" USING ("organization_id" = (SELECT current_setting('app.organization_id', true)));

ALTER TABLE "connector_versions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "connector_versions" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "connector_versions" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "connector_versions" USING ("organization_id" = (SELECT current_setting('app.organization_id', true)));

ALTER TABLE "connector_instances" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "connector_instances" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "connector_instances" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "connector_instances" USING (
  "workspace_id" = (SELECT current_setting('app.workspace_id', true))
  OR ("workspace_id" IS NULL AND "organization_id" = (SELECT current_setting('app.organization_id', true)))
);

ALTER TABLE "connector_credentials" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "connector_credentials" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "connector_credentials" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "connector_credentials" USING (
  "workspace_id" = (SELECT current_setting('app.workspace_id', true))
  OR ("workspace_id" IS NULL AND "organization_id" = (SELECT current_setting('app.organization_id', true)))
);

ALTER TABLE "authorizations" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "authorizations" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "authorizations" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "authorizations" USING (
  "workspace_id" = (SELECT current_setting('app.workspace_id', true))
  OR ("workspace_id" IS NULL AND "organization_id" = (SELECT current_setting('app.organization_id', true)))
);

ALTER TABLE "credential_removals" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "credential_removals" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "credential_removals" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "credential_removals" USING ("owner_id" IN ((SELECT current_setting('app.workspace_id', true)), (SELECT current_setting('app.organization_id', true))));

ALTER TABLE "tools" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tools" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "tools" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "tools" USING (
  "workspace_id" = (SELECT current_setting('app.workspace_id', true))
  OR ("workspace_id" IS NULL AND "organization_id" = (SELECT current_setting('app.organization_id', true)))
);

ALTER TABLE "toolkit_slugs" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "toolkit_slugs" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "toolkit_slugs" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "toolkit_slugs" USING ("organization_id" = (SELECT current_setting('app.organization_id', true)));

-- Keys that may do all that an organization can do for itself go on to.
UPDATE "api_keys" SET "permissions" = array_append("permissions", 'connectors:write'), "is_published" = false
WHERE "permissions" @> ARRAY['servers:read', 'servers:write', 'secrets:write', 'api-keys:write', 'workspaces:write']
  AND NOT "permissions" @> ARRAY['connectors:write'];
