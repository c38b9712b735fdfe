-- One row per call that has ended, in a partition per day (UTC): a day that is over its time is dropped as a whole.
CREATE TABLE "calls" (
    "id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "server_id" TEXT NOT NULL,
    "origin_id" TEXT,
    "tool" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "code" TEXT,
    "duration_ms" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "protocol_version" TEXT NOT NULL,
    "caller_kind" TEXT NOT NULL,
    "caller_id" TEXT,
    "agent_id" TEXT,
    "username" TEXT,
    "trace_id" TEXT,

    CONSTRAINT "calls_pkey" PRIMARY KEY ("id","started_at")
) PARTITION BY RANGE ("started_at");

-- CreateIndex
CREATE INDEX "calls_workspace_id_started_at_id_idx" ON "calls"("workspace_id", "started_at", "id");

-- CreateIndex
CREATE INDEX "calls_workspace_id_server_id_started_at_id_idx" ON "calls"("workspace_id", "server_id", "started_at", "id");

ALTER TABLE "calls" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "calls" FORCE ROW LEVEL SECURITY;
CREATE POLICY "platform" ON "calls" USING ((SELECT current_setting('app.platform', true)) = 'on');
CREATE POLICY "tenant" ON "calls" USING ("workspace_id" = (SELECT current_setting('app.workspace_id', true)));

-- Partitions are made and dropped by who owns the table, which the role of the service need not be. Their walls have no
-- door: rows are reached through the table alone.
CREATE FUNCTION "prepare_call_days"(days DATE[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  day DATE;
  name TEXT;
BEGIN
  PERFORM pg_advisory_xact_lock(72707370);
  FOREACH day IN ARRAY days LOOP
    name := 'calls_' || to_char(day, 'YYYYMMDD');
    IF to_regclass(name) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF "calls" FOR VALUES FROM (%L) TO (%L)',
        name, to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION "drop_call_days"(before DATE) RETURNS INTEGER LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  day regclass;
  dropped INTEGER := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(72707370);
  FOR day IN
    SELECT c.oid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'calls'::regclass AND c.relname::text COLLATE "C" < 'calls_' || to_char(before, 'YYYYMMDD')
  LOOP
    EXECUTE format('DROP TABLE %s', day);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION "prepare_call_days"(DATE[]), "drop_call_days"(DATE) FROM PUBLIC;

-- They act with the rights of their owner, so no schema of a caller may come before this one.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION "prepare_call_days"(DATE[]) SET search_path = %I, pg_temp', current_schema());
  EXECUTE format('ALTER FUNCTION "drop_call_days"(DATE) SET search_path = %I, pg_temp', current_schema());
END $$;

SELECT "prepare_call_days"(ARRAY[(now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC')::date + 1]);
