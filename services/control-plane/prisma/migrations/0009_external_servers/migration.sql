-- CreateEnum
CREATE TYPE "external_server_pin" AS ENUM ('review', 'strict');

-- CreateEnum
CREATE TYPE "external_server_state" AS ENUM ('ok', 'unreachable', 'failed');

-- AlterEnum
ALTER TYPE "tool_kind" ADD VALUE 'external';

-- AlterTable
ALTER TABLE "tools" ADD COLUMN     "hosted_as" TEXT;
ALTER TABLE "tools" DROP CONSTRAINT "tools_pkey",
ADD CONSTRAINT "tools_pkey" PRIMARY KEY ("server_id", "toolkit", "name");

-- CreateTable
CREATE TABLE "external_servers" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "toolkit" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "headers" TEXT NOT NULL,
    "tools" TEXT[],
    "prefix" TEXT NOT NULL,
    "pin" "external_server_pin" NOT NULL,
    "transport" TEXT,
    "timeout_ms" INTEGER NOT NULL,
    "declared" TEXT,
    "pins" TEXT NOT NULL DEFAULT '[]',
    "state" "external_server_state" NOT NULL,
    "message" TEXT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "checked_at" TIMESTAMPTZ(3),
    "next_check_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "external_servers_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "external_servers_workspace_id_server_id_idx" ON "external_servers"("workspace_id", "server_id");

-- CreateIndex
CREATE INDEX "external_servers_next_check_at_idx" ON "external_servers"("next_check_at");

-- CreateIndex
CREATE UNIQUE INDEX "external_servers_server_id_name_key" ON "external_servers"("server_id", "name");

-- AddForeignKey
ALTER TABLE "external_servers" ADD CONSTRAINT "external_servers_workspace_id_server_id_fkey" FOREIGN KEY ("workspace_id", "server_id") REFERENCES "servers"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "external_servers" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "external_servers" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "external_servers" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "external_servers" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));
