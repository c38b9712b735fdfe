-- CreateTable
CREATE TABLE "sso_connections" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "secret_version" INTEGER NOT NULL DEFAULT 0,
    "default_role" "role" NOT NULL,
    "is_enforced" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sso_connections_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sso_domains" (
    "domain" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,

    CONSTRAINT "sso_domains_pkey" PRIMARY KEY ("domain")
);

-- CreateTable
CREATE TABLE "sso_identities" (
    "connection_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,

    CONSTRAINT "sso_identities_pkey" PRIMARY KEY ("connection_id","subject")
);

-- CreateTable
CREATE TABLE "sso_sign_ins" (
    "state_hash" TEXT NOT NULL,
    "browser_hash" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "session" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "return_to" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sso_sign_ins_pkey" PRIMARY KEY ("state_hash")
);

-- CreateIndex
CREATE INDEX "sso_connections_organization_id_created_at_idx" ON "sso_connections"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "sso_domains_connection_id_idx" ON "sso_domains"("connection_id");

-- CreateIndex
CREATE UNIQUE INDEX "sso_identities_connection_id_person_id_key" ON "sso_identities"("connection_id", "person_id");

-- CreateIndex
CREATE INDEX "sso_sign_ins_expires_at_idx" ON "sso_sign_ins"("expires_at");

-- AddForeignKey
ALTER TABLE "sso_connections" ADD CONSTRAINT "sso_connections_organization_id_workspace_id_fkey" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "workspaces"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sso_domains" ADD CONSTRAINT "sso_domains_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "sso_connections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sso_identities" ADD CONSTRAINT "sso_identities_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "sso_connections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sso_identities" ADD CONSTRAINT "sso_identities_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "persons"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sso_sign_ins" ADD CONSTRAINT "sso_sign_ins_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "sso_connections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Connections are of the organization; who signs in by them is not known yet, or a person, and those are of the platform.
ALTER TABLE "sso_connections" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "sso_connections" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "sso_connections" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "sso_connections" USING ("organization_id" = (SELECT current_setting('app.organization_id', true)));

ALTER TABLE "sso_domains" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "sso_domains" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "sso_domains" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "sso_domains" USING ("organization_id" = (SELECT current_setting('app.organization_id', true)));

ALTER TABLE "sso_identities" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "sso_identities" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "sso_identities" USING ((SELECT current_setting('app.platform', true)) = 'on');

ALTER TABLE "sso_sign_ins" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "sso_sign_ins" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "sso_sign_ins" USING ((SELECT current_setting('app.platform', true)) = 'on');
