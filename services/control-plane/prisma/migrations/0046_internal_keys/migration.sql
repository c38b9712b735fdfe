-- Keys of the program that runs the platform: no list shows them, and nobody can change or revoke them.
ALTER TABLE "api_keys" ADD COLUMN "is_internal" BOOLEAN NOT NULL DEFAULT false;
