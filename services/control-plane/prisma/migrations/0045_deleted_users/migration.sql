-- A deleted user whose name edges must go on refusing: of the name only a digest is left.
ALTER TABLE "external_users" ADD COLUMN "is_deleted" BOOLEAN NOT NULL DEFAULT false;
