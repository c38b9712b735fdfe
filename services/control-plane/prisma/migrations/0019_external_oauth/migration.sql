-- AlterTable
ALTER TABLE "external_servers" ADD COLUMN     "may_hold_tokens" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "sign_in_issuer" TEXT,
ADD COLUMN     "sign_in_scope" TEXT,
ADD COLUMN     "signed_in_at" TIMESTAMPTZ(3),
ADD COLUMN     "wants_sign_in" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "external_sign_ins" (
    "state_hash" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "external_server_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "session" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "external_sign_ins_pkey" PRIMARY KEY ("state_hash")
);

-- CreateIndex
CREATE INDEX "external_sign_ins_workspace_id_server_id_idx" ON "external_sign_ins"("workspace_id", "server_id");

-- CreateIndex
CREATE INDEX "external_sign_ins_expires_at_idx" ON "external_sign_ins"("expires_at");

-- AddForeignKey
ALTER TABLE "external_sign_ins" ADD CONSTRAINT "external_sign_ins_workspace_id_server_id_fkey" FOREIGN KEY ("workspace_id", "server_id") REFERENCES "servers"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "external_sign_ins" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "external_sign_ins" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "external_sign_ins" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "external_sign_ins" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));
