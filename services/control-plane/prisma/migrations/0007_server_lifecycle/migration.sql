-- AlterTable
ALTER TABLE "servers" ADD COLUMN     "is_archived" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "is_stopped" BOOLEAN NOT NULL DEFAULT false;
