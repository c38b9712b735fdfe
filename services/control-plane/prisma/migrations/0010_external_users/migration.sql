-- CreateEnum
CREATE TYPE "unknown_users" AS ENUM ('create', 'refuse');

-- CreateEnum
CREATE TYPE "external_user_source" AS ENUM ('api', 'mcp');

-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "may_assert_user" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "servers" ADD COLUMN     "shares_connections" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "workspaces" ADD COLUMN     "is_users_published" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "unknown_users" "unknown_users" NOT NULL DEFAULT 'create',
ADD COLUMN     "users_revision" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "external_users" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "source" "external_user_source" NOT NULL,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "is_published" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3),

    CONSTRAINT "external_users_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "external_users_workspace_id_created_at_idx" ON "external_users"("workspace_id", "created_at");

-- CreateIndex
CREATE INDEX "external_users_workspace_id_is_published_idx" ON "external_users"("workspace_id", "is_published");

-- CreateIndex
CREATE INDEX "external_users_workspace_id_is_active_idx" ON "external_users"("workspace_id", "is_active");

-- CreateIndex
CREATE UNIQUE INDEX "external_users_workspace_id_username_key" ON "external_users"("workspace_id", "username");

-- CreateIndex
CREATE INDEX "workspaces_is_users_published_idx" ON "workspaces"("is_users_published");

-- AddForeignKey
ALTER TABLE "external_users" ADD CONSTRAINT "external_users_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "external_users" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "external_users" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "external_users" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "external_users" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));
