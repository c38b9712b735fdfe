-- Revisions of publications grow over all servers and keys, and none that was rolled back is ever given out again.
CREATE SEQUENCE "publication_revision" AS INTEGER;

-- CreateEnum
CREATE TYPE "server_mode" AS ENUM ('SMART', 'NORMAL');

-- CreateEnum
CREATE TYPE "deployment_state" AS ENUM ('deploying', 'deployed', 'errored');

-- CreateTable
CREATE TABLE "organizations" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workspaces" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspaces_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "permissions" TEXT[],
    "revision" INTEGER NOT NULL DEFAULT 0,
    "is_published" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "servers" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "description" TEXT,
    "mode" "server_mode" NOT NULL,
    "is_public" BOOLEAN NOT NULL,
    "allowed_hosts" TEXT[],
    "version" INTEGER NOT NULL DEFAULT 1,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "is_published" BOOLEAN NOT NULL DEFAULT false,
    "active_deployment_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "servers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "server_removals" (
    "server_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "secret_names" TEXT[],
    "is_published" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "server_removals_pkey" PRIMARY KEY ("server_id")
);

-- CreateTable
CREATE TABLE "deployments" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "state" "deployment_state" NOT NULL DEFAULT 'deploying',
    "definition" TEXT NOT NULL,
    "references" TEXT NOT NULL,
    "compiled" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deployments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "secrets" (
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hosts" TEXT[],
    "version" INTEGER NOT NULL,
    "is_redactable" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "secrets_pkey" PRIMARY KEY ("workspace_id","server_id","name")
);

-- CreateTable
CREATE TABLE "sealing_keys" (
    "kid" TEXT NOT NULL,
    "jwk" JSONB NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sealing_keys_pkey" PRIMARY KEY ("kid")
);

-- CreateIndex
CREATE UNIQUE INDEX "workspaces_organization_id_name_key" ON "workspaces"("organization_id", "name");

-- CreateIndex
CREATE INDEX "api_keys_workspace_id_created_at_idx" ON "api_keys"("workspace_id", "created_at");

-- CreateIndex
CREATE INDEX "api_keys_is_published_idx" ON "api_keys"("is_published");

-- CreateIndex
CREATE INDEX "servers_is_published_idx" ON "servers"("is_published");

-- CreateIndex
CREATE UNIQUE INDEX "servers_workspace_id_id_key" ON "servers"("workspace_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "servers_workspace_id_slug_key" ON "servers"("workspace_id", "slug");

-- CreateIndex
CREATE UNIQUE INDEX "servers_workspace_id_active_deployment_id_key" ON "servers"("workspace_id", "active_deployment_id");

-- CreateIndex
CREATE INDEX "deployments_workspace_id_server_id_created_at_idx" ON "deployments"("workspace_id", "server_id", "created_at");

-- CreateIndex
CREATE INDEX "deployments_state_created_at_idx" ON "deployments"("state", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "deployments_workspace_id_id_key" ON "deployments"("workspace_id", "id");

-- AddForeignKey
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "servers" ADD CONSTRAINT "servers_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "servers" ADD CONSTRAINT "servers_workspace_id_active_deployment_id_fkey" FOREIGN KEY ("workspace_id", "active_deployment_id") REFERENCES "deployments"("workspace_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_workspace_id_server_id_fkey" FOREIGN KEY ("workspace_id", "server_id") REFERENCES "servers"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "secrets" ADD CONSTRAINT "secrets_workspace_id_server_id_fkey" FOREIGN KEY ("workspace_id", "server_id") REFERENCES "servers"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;


-- The wall between tenants. FORCE, because the role that owns the tables is the one that serves requests. Whoever sets
-- nothing sees nothing: an unset setting is NULL or empty, and equals no id.

ALTER TABLE "organizations" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "organizations" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "organizations" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "organizations" USING ("id" = (SELECT current_setting('app.organization_id', true)));

ALTER TABLE "workspaces" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "workspaces" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "workspaces" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "workspaces" USING ("organization_id" = (SELECT current_setting('app.organization_id', true)));

ALTER TABLE "api_keys" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "api_keys" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "api_keys" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "api_keys" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

ALTER TABLE "servers" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "servers" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "servers" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "servers" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

ALTER TABLE "server_removals" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "server_removals" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "server_removals" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "server_removals" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

ALTER TABLE "deployments" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "deployments" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "deployments" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "deployments" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

ALTER TABLE "secrets" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "secrets" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "secrets" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "secrets" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

ALTER TABLE "sealing_keys" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "sealing_keys" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "sealing_keys" USING ((SELECT current_setting('app.platform', true)) = 'on');
