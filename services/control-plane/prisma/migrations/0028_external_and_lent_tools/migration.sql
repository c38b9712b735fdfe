-- How much a call of its tools may return to an agent; the default is that of every tool.
ALTER TABLE "external_servers" ADD COLUMN "output_bytes_max" INTEGER NOT NULL DEFAULT 81920;

-- The instance of a lent server, too: where several of one connector are offered, its name tells their tools apart, and
-- it is what people are told to connect.
DROP FUNCTION "lent_servers"(TEXT);
CREATE FUNCTION "lent_servers"("to_workspace" TEXT) RETURNS TABLE (
  "id" TEXT, "slug" TEXT, "pool" TEXT, "allowed_hosts" TEXT[], "deployment_id" TEXT, "credentials_version" INTEGER,
  "policy" TEXT, "is_running" BOOLEAN, "instance_name" TEXT, "connector_id" TEXT
) LANGUAGE plpgsql STABLE AS $$
DECLARE
  platform_before TEXT := coalesce(current_setting('app.platform', true), '');
  organization TEXT := nullif(current_setting('app.organization_id', true), '');
BEGIN
  PERFORM set_config('app.platform', 'on', true);
  RETURN QUERY
    SELECT s."id", s."slug", s."pool", s."allowed_hosts", s."active_deployment_id", i."credentials_version", p."policy",
      i."is_enabled" AND NOT s."is_stopped", i."instance_name", i."connector_id"
    FROM "workspaces" w
    JOIN "connector_instances" i ON i."organization_id" = w."organization_id" AND i."workspace_id" IS NULL
      AND i."home_workspace_id" <> w."id"
    JOIN "servers" s ON s."connector_instance_id" = i."id"
    LEFT JOIN "server_policies" p ON p."server_id" = s."id"
    WHERE w."id" = "to_workspace" AND w."organization_id" = coalesce(organization, w."organization_id");
  PERFORM set_config('app.platform', platform_before, true);
END $$;

-- Their plans and tools have the names from now on.
UPDATE "servers" SET "is_published" = false WHERE "connector_instance_id" IS NOT NULL OR cardinality("selected_tools") > 0;
UPDATE "workspaces" SET "is_catalogue_published" = false WHERE "organization_id" IN (
  SELECT "organization_id" FROM "connector_instances" WHERE "workspace_id" IS NULL);
