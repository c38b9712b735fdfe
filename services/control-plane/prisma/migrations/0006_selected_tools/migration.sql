-- AlterTable
ALTER TABLE "servers" ADD COLUMN     "selected_tools" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "tool_changes" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,

    CONSTRAINT "tool_changes_pkey" PRIMARY KEY ("id")
);

ALTER TABLE "tool_changes" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tool_changes" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "tool_changes" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "tool_changes" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));
