-- Who was shown a key, or a credential of an agent, by the root of each chain: `person:…`, or `key:…` of a key that no
-- other key made. Whoever holds a credential counts as its caller and cannot approve its calls. Empty: not recorded.
ALTER TABLE "api_keys" ADD COLUMN "holders" TEXT[] DEFAULT ARRAY[]::TEXT[];
ALTER TABLE "agents" ADD COLUMN "holders" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- Keys from before this migration: the audit log names who created and rotated them.
CREATE TEMPORARY TABLE "key_makers" ON COMMIT DROP AS
  SELECT "content"::jsonb #>> '{target,id}' AS "key_id", "actor_kind", "actor_id"
  FROM "audit_entries" WHERE "kind" = 'ended' AND "action" = 'createApiKey' AND "outcome" = 'done'
  UNION
  SELECT k."id", e."actor_kind", e."actor_id"
  FROM "api_keys" k JOIN "audit_entries" e ON e."content"::jsonb #>> '{target,id}' = k."rotated_from"
  WHERE e."kind" = 'ended' AND e."action" = 'rotateApiKey' AND e."outcome" = 'done';
-- A successor is held by whoever held the key that it replaced.
INSERT INTO "key_makers" SELECT "id", 'key', "rotated_from" FROM "api_keys" WHERE "rotated_from" IS NOT NULL;
-- The first key of an organization was not made by anybody in it; of any other key without an entry, nothing is known.
INSERT INTO "key_makers"
  SELECT k."id", CASE WHEN k."id" = o."first_key" THEN 'root' ELSE 'unknown' END, k."id"
  FROM "api_keys" k
  JOIN "workspaces" w ON w."id" = k."workspace_id"
  JOIN (SELECT DISTINCT ON (w."organization_id") w."organization_id", k."id" AS "first_key"
        FROM "api_keys" k JOIN "workspaces" w ON w."id" = k."workspace_id"
        ORDER BY w."organization_id", k."created_at", k."id") o ON o."organization_id" = w."organization_id"
  WHERE k."id" NOT IN (SELECT "key_id" FROM "key_makers" WHERE "key_id" IS NOT NULL);

CREATE TEMPORARY TABLE "key_holders" ON COMMIT DROP AS
  WITH RECURSIVE "reached" AS (
    SELECT "key_id", "actor_kind", "actor_id" FROM "key_makers"
    UNION
    SELECT r."key_id", m."actor_kind", m."actor_id"
    FROM "reached" r JOIN "key_makers" m ON r."actor_kind" = 'key' AND m."key_id" = r."actor_id"
  )
  SELECT "key_id", array_agg(DISTINCT CASE "actor_kind"
      WHEN 'person' THEN 'person:' || "actor_id" WHEN 'root' THEN 'key:' || "actor_id" ELSE 'unknown' END) AS "holders"
  FROM "reached"
  -- The keys in between lead to these.
  WHERE "actor_kind" <> 'key' OR "actor_id" NOT IN (SELECT "key_id" FROM "key_makers" WHERE "key_id" IS NOT NULL)
  GROUP BY "key_id";
UPDATE "api_keys" k SET "holders" = h."holders" FROM "key_holders" h WHERE h."key_id" = k."id";

-- The credentials of an agent are its keys and its OAuth clients.
UPDATE "agents" a SET "holders" = ARRAY(
  SELECT unnest(k."holders") FROM "api_keys" k WHERE k."agent_id" = a."id"
  UNION
  SELECT unnest(CASE WHEN e."actor_kind" = 'person' THEN ARRAY['person:' || e."actor_id"]
    ELSE coalesce(h."holders", ARRAY['unknown']) END)
  FROM "audit_entries" e LEFT JOIN "key_holders" h ON h."key_id" = e."actor_id"
  WHERE e."kind" = 'ended' AND e."action" = 'createAgentClient' AND e."outcome" = 'done'
    AND e."content"::jsonb #>> '{target,id}' = a."id");
