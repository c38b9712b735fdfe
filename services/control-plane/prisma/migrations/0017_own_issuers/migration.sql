-- AlterTable
ALTER TABLE "servers" ADD COLUMN     "own_issuer" TEXT;
