-- From where a client registered itself: no network may take all the room. Clients of before belong to none.
ALTER TABLE "oauth_clients" ADD COLUMN "network" TEXT;
CREATE INDEX "oauth_clients_network_idx" ON "oauth_clients"("network", "created_at");
CREATE INDEX "oauth_clients_created_at_idx" ON "oauth_clients"("created_at");
