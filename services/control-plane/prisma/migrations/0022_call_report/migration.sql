-- What a worker tells of a call besides its outcome; absent of calls that no worker ran, and of those before.
ALTER TABLE "calls"
    ADD COLUMN "queue_ms" INTEGER,
    ADD COLUMN "execution_ms" INTEGER,
    ADD COLUMN "upstream_ms" INTEGER,
    ADD COLUMN "request_bytes" INTEGER,
    ADD COLUMN "response_bytes" INTEGER,
    ADD COLUMN "client_name" TEXT,
    ADD COLUMN "client_version" TEXT,
    ADD COLUMN "analytics" JSONB;
