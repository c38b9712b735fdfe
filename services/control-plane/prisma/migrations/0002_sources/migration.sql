-- AlterTable
ALTER TABLE "servers" ADD COLUMN "source_servers" TEXT NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "deployments" ADD COLUMN "digest" TEXT NOT NULL DEFAULT '',
ADD COLUMN "source_servers" TEXT NOT NULL DEFAULT '{}';

-- CreateTable
CREATE TABLE "sources" (
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "content" TEXT NOT NULL,

    CONSTRAINT "sources_pkey" PRIMARY KEY ("workspace_id","server_id","sha256")
);

-- AddForeignKey
ALTER TABLE "sources" ADD CONSTRAINT "sources_workspace_id_server_id_fkey" FOREIGN KEY ("workspace_id", "server_id") REFERENCES "servers"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;


ALTER TABLE "sources" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "sources" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "sources" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "sources" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));
