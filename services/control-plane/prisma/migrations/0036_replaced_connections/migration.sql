-- The owner of an account sees that another one was put in its place.
ALTER TABLE "connector_credentials" ADD COLUMN "replaced_at" TIMESTAMPTZ(3),
ADD COLUMN "replaced_by" TEXT;

-- Who wants the credentials of a sign-in in progress and may replace those that work; null: nobody who may.
ALTER TABLE "authorizations" ADD COLUMN "replaces_for" TEXT;
