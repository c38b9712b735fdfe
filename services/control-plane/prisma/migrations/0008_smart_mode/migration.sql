-- AlterTable
ALTER TABLE "workspaces" ADD COLUMN     "catalogue_revision" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "is_catalogue_published" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "workspaces_is_catalogue_published_idx" ON "workspaces"("is_catalogue_published");

-- The mode was only a word so far: every server listed its own tools, and one in mode SMART none that it had selected
-- before. So they go on.
UPDATE "servers" SET "mode" = 'NORMAL', "selected_tools" = '{}' WHERE "mode" = 'SMART';
