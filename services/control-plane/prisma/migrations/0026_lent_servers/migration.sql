-- Of a server that runs an instance of the organization: every workspace of the organization is concerned.
ALTER TABLE "tool_changes" ADD COLUMN "is_shared" BOOLEAN NOT NULL DEFAULT false;

-- The servers of other workspaces that are lent to a workspace: those of the organization's instances. A tenant does not
-- see these servers themselves, so the function looks for it as the platform, within its own organization only.
CREATE FUNCTION "lent_servers"("to_workspace" TEXT) RETURNS TABLE (
  "id" TEXT, "slug" TEXT, "pool" TEXT, "allowed_hosts" TEXT[], "deployment_id" TEXT, "credentials_version" INTEGER,
  "policy" TEXT, "is_running" BOOLEAN
) LANGUAGE plpgsql STABLE AS $$
DECLARE
  platform_before TEXT := coalesce(current_setting('app.platform', true), '');
  organization TEXT := nullif(current_setting('app.organization_id', true), '');
BEGIN
  PERFORM set_config('app.platform', 'on', true);
  RETURN QUERY
    SELECT s."id", s."slug", s."pool", s."allowed_hosts", s."active_deployment_id", i."credentials_version", p."policy",
      i."is_enabled" AND NOT s."is_stopped"
    FROM "workspaces" w
    JOIN "connector_instances" i ON i."organization_id" = w."organization_id" AND i."workspace_id" IS NULL
      AND i."home_workspace_id" <> w."id"
    JOIN "servers" s ON s."connector_instance_id" = i."id"
    LEFT JOIN "server_policies" p ON p."server_id" = s."id"
    WHERE w."id" = "to_workspace" AND w."organization_id" = coalesce(organization, w."organization_id");
  PERFORM set_config('app.platform', platform_before, true);
END $$;

-- What a lent server runs.
CREATE FUNCTION "lent_deployment"("to_workspace" TEXT, "server" TEXT) RETURNS TEXT LANGUAGE plpgsql STABLE AS $$
DECLARE
  platform_before TEXT := coalesce(current_setting('app.platform', true), '');
  found_deployment TEXT := (SELECT l."deployment_id" FROM "lent_servers"("to_workspace") l
    WHERE l."id" = "server" AND l."is_running");
  found_text TEXT;
BEGIN
  PERFORM set_config('app.platform', 'on', true);
  found_text := (SELECT d."compiled" FROM "deployments" d WHERE d."id" = found_deployment);
  PERFORM set_config('app.platform', platform_before, true);
  RETURN found_text;
END $$;

-- Edges accept another catalogue only with another revision.
UPDATE "workspaces" SET "is_catalogue_published" = false WHERE "organization_id" IN (
  SELECT "organization_id" FROM "connector_instances" WHERE "workspace_id" IS NULL);
