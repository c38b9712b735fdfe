-- Why a deployment is errored; null of those that are not, and of those before.
ALTER TABLE "deployments" ADD COLUMN "error" TEXT;
