-- Whether the runs of a debug session may name external users: only if whoever opened it may.
ALTER TABLE "debug_sessions" ADD COLUMN "may_assert_user" BOOLEAN NOT NULL DEFAULT true;
