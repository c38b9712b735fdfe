-- Tools of external servers that nobody has approved count as destructive, whatever they say of themselves.
ALTER TABLE "tools" ADD COLUMN "is_unreviewed" BOOLEAN NOT NULL DEFAULT false;

UPDATE "tools" t SET "is_unreviewed" = true, "is_read_only" = false,
  "annotations" = (t."annotations"::jsonb || '{"readOnlyHint": false, "destructiveHint": true, "idempotentHint": false}')::text
FROM "external_servers" e, jsonb_array_elements(e."pins"::jsonb) AS pinned(tool)
WHERE t."server_id" = e."server_id" AND t."kind" = 'external' AND t."toolkit" = e."toolkit"
  AND t."name" = pinned.tool->'tool'->>'name' AND NOT (pinned.tool->>'isApproved')::boolean;

-- Their manifests say so from now on.
UPDATE "servers" SET "is_published" = false
WHERE "id" IN (SELECT "server_id" FROM "external_servers") OR cardinality("selected_tools") > 0;
UPDATE "workspaces" SET "is_catalogue_published" = false
WHERE "id" IN (SELECT "workspace_id" FROM "external_servers");
