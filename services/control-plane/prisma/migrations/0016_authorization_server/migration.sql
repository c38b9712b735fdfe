-- CreateTable
CREATE TABLE "oauth_grants" (
    "id" TEXT NOT NULL,
    "grant_id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "client_name" TEXT,
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "scopes" TEXT[],
    "payload" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "oauth_grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_clients" (
    "id" TEXT NOT NULL,
    "metadata" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oauth_clients_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_models" (
    "kind" TEXT NOT NULL,
    "id_hash" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "grant_id" TEXT,
    "uid_hash" TEXT,
    "consumed_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oauth_models_pkey" PRIMARY KEY ("kind","id_hash")
);

-- CreateTable
CREATE TABLE "agent_clients" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "agent_clients_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "agent_clients_workspace_id_agent_id_idx" ON "agent_clients"("workspace_id", "agent_id");

-- CreateIndex
CREATE UNIQUE INDEX "oauth_grants_grant_id_key" ON "oauth_grants"("grant_id");

-- CreateIndex
CREATE INDEX "oauth_grants_client_id_idx" ON "oauth_grants"("client_id");

-- CreateIndex
CREATE INDEX "oauth_grants_workspace_id_server_id_idx" ON "oauth_grants"("workspace_id", "server_id");

-- CreateIndex
CREATE INDEX "oauth_grants_expires_at_idx" ON "oauth_grants"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "oauth_grants_person_id_client_id_server_id_key" ON "oauth_grants"("person_id", "client_id", "server_id");

-- CreateIndex
CREATE INDEX "oauth_clients_expires_at_idx" ON "oauth_clients"("expires_at");

-- CreateIndex
CREATE INDEX "oauth_models_grant_id_idx" ON "oauth_models"("grant_id");

-- CreateIndex
CREATE INDEX "oauth_models_uid_hash_idx" ON "oauth_models"("uid_hash");

-- CreateIndex
CREATE INDEX "oauth_models_expires_at_idx" ON "oauth_models"("expires_at");

-- AddForeignKey
ALTER TABLE "oauth_grants" ADD CONSTRAINT "oauth_grants_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "persons"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_grants" ADD CONSTRAINT "oauth_grants_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_grants" ADD CONSTRAINT "oauth_grants_workspace_id_server_id_fkey" FOREIGN KEY ("workspace_id", "server_id") REFERENCES "servers"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "oauth_grants" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "oauth_grants" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "oauth_grants" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "oauth_grants" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

-- AddForeignKey
ALTER TABLE "agent_clients" ADD CONSTRAINT "agent_clients_workspace_id_agent_id_fkey" FOREIGN KEY ("workspace_id", "agent_id") REFERENCES "agents"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "agent_clients" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "agent_clients" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "agent_clients" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "agent_clients" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

ALTER TABLE "oauth_clients" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "oauth_clients" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "oauth_clients" USING ((SELECT current_setting('app.platform', true)) = 'on');

ALTER TABLE "oauth_models" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "oauth_models" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "oauth_models" USING ((SELECT current_setting('app.platform', true)) = 'on');
