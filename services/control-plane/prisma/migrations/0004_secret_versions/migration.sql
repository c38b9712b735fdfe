-- AlterTable
ALTER TABLE "secrets" ADD COLUMN "is_pinned" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "unsettled_at" TIMESTAMPTZ(3),
ADD COLUMN "last_used_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "secret_versions" (
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "hosts" TEXT[],
    "is_redactable" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "secret_versions_pkey" PRIMARY KEY ("workspace_id","server_id","name","version")
);

-- CreateIndex
CREATE INDEX "secrets_unsettled_at_idx" ON "secrets"("unsettled_at");

-- CreateIndex
CREATE INDEX "secret_versions_retires_at_idx" ON "secret_versions"("retires_at");

-- AddForeignKey
ALTER TABLE "secret_versions" ADD CONSTRAINT "secret_versions_workspace_id_server_id_name_fkey" FOREIGN KEY ("workspace_id", "server_id", "name") REFERENCES "secrets"("workspace_id", "server_id", "name") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "secret_versions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "secret_versions" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "secret_versions" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "secret_versions" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

-- Of each secret the store holds the version that its row names.
INSERT INTO "secret_versions" ("workspace_id", "server_id", "name", "version", "hosts", "is_redactable", "created_at")
SELECT "workspace_id", "server_id", "name", "version", "hosts", "is_redactable", "updated_at" FROM "secrets";
