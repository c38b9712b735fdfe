-- What an external server may ask of the client behind a call.
ALTER TABLE "external_servers" ADD COLUMN "allow" TEXT[] DEFAULT ARRAY['elicitation']::TEXT[];
