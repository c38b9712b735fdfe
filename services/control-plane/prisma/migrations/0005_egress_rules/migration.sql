-- AlterTable
ALTER TABLE "workspaces" ADD COLUMN     "egress_hosts" TEXT NOT NULL DEFAULT '{"allowHosts":null,"denyHosts":[]}',
ADD COLUMN     "egress_revision" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "egress_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "is_egress_published" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "workspaces_is_egress_published_idx" ON "workspaces"("is_egress_published");
