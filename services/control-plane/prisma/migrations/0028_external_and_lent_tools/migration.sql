-- How much a call of its tools may return to an agent; the default is that of every tool.
ALTER TABLE "external_servers" ADD COLUMN "output_bytes_max" INTEGER NOT NULL DEFAULT 81920;
