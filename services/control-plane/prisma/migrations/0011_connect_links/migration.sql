-- AlterTable
ALTER TABLE "authorizations" ADD COLUMN     "browser_hash" TEXT,
ADD COLUMN     "link_hash" TEXT;

-- CreateTable
CREATE TABLE "connect_links" (
    "link_hash" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "connect_links_pkey" PRIMARY KEY ("link_hash")
);

-- CreateIndex
CREATE INDEX "connect_links_expires_at_idx" ON "connect_links"("expires_at");

-- AddForeignKey
ALTER TABLE "connect_links" ADD CONSTRAINT "connect_links_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "connect_links" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "connect_links" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "connect_links" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "connect_links" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));
