// Written by `npm run api-types`; do not edit.
// document: sha256:940e15dc081df1f27b926f30e8202004175ded1ce29899f7512d36edcb87df4f

export interface paths {
    "/organizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create an organization with its first workspace and key
         * @description Requires an API key or a session with the permission `organizations:write`.
         */
        post: operations["createOrganization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workspaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List workspaces
         * @description The key's own workspace; with the permission `workspaces:write`, all workspaces of its organization.
         *
         *     Requires an API key or a session.
         */
        get: operations["listWorkspaces"];
        put?: never;
        /**
         * Create a workspace in your organization
         * @description Requires an API key or a session with the permission `workspaces:write`.
         */
        post: operations["createWorkspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workspaces/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a workspace
         * @description The key's own workspace; with the permission `workspaces:write`, any workspace of its organization.
         *
         *     Requires an API key or a session.
         */
        get: operations["getWorkspace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a workspace of your organization
         * @description Fields that are left out stay as they are.
         *
         *     Requires an API key or a session with the permission `workspaces:write`.
         */
        patch: operations["changeWorkspace"];
        trace?: never;
    };
    "/workspaces/{id}/egress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the hosts to which the tools of a workspace may send requests
         * @description For the key's own workspace; with the permission `workspaces:write`, for any workspace of its organization.
         *
         *     Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getEgressRules"];
        /**
         * Replace the egress rules of a workspace
         * @description Hosts are `host`, `host:port` or `*.host`. The rules narrow what the data plane allows and never widen it. With `version` or `If-Match`, this answers 409 if somebody else made a change.
         *
         *     Requires an API key or a session with the permission `workspaces:write`.
         */
        put: operations["putEgressRules"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a password
         * @description Sets a session cookie. In the state `second_factor`, the session can only be used to give the second factor.
         *
         *     Requires no key.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the signed-in person and their memberships
         * @description Requests that change something with a session require the `csrfToken` of this answer in `x-csrf-token`.
         *
         *     Requires the session of a person who has signed in.
         */
        get: operations["getSession"];
        put?: never;
        post?: never;
        /**
         * Sign out
         * @description Requires the session of a person who has signed in.
         */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change your password
         * @description Ends all other sessions.
         *
         *     Requires the session of a person who has signed in.
         */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your sessions
         * @description Requires the session of a person who has signed in.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End one of your sessions
         * @description Requires the session of a person who has signed in.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sso-connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the issuers with which people sign in
         * @description Requires an API key or a session with the permission `organization:write`.
         */
        get: operations["listSsoConnections"];
        put?: never;
        /**
         * Let people sign in with an OpenID Connect issuer
         * @description A domain belongs to one connection. The egress rules of this workspace apply to its requests.
         *
         *     Requires an API key or a session with the permission `organization:write`.
         */
        post: operations["createSsoConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sso-connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an issuer with which people sign in
         * @description Requires an API key or a session with the permission `organization:write`.
         */
        get: operations["getSsoConnection"];
        put?: never;
        post?: never;
        /**
         * Stop people from signing in with an issuer
         * @description People who did so stay members, and their sessions continue until they end.
         *
         *     Requires an API key or a session with the permission `organization:write`.
         */
        delete: operations["deleteSsoConnection"];
        options?: never;
        head?: never;
        /**
         * Change how people sign in with an issuer
         * @description Requires an API key or a session with the permission `organization:write`.
         */
        patch: operations["changeSsoConnection"];
        trace?: never;
    };
    "/sign-in/sso": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find out whether people of a domain sign in with an issuer
         * @description Requires no key.
         */
        get: operations["findSingleSignOn"];
        put?: never;
        /**
         * Begin to sign in with an issuer
         * @description The sign-in must be completed in this browser within ten minutes.
         *
         *     Requires no key.
         */
        post: operations["startSingleSignOn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give the second factor
         * @description One of a code, a recovery code or the answer of a passkey. Sets a new session cookie.
         *
         *     Requires the session of a person who has signed in.
         */
        post: operations["giveSecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in/passkey-options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the challenge for a passkey
         * @description Requires the session of a person who has signed in.
         */
        post: operations["askForPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/second-factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your second factors
         * @description Requires the session of a person who has signed in.
         */
        get: operations["listSecondFactors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/second-factors/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to set up an authenticator app
         * @description It is not used for signing in until you confirm one of its codes.
         *
         *     Requires the session of a person who has signed in.
         */
        post: operations["beginTotp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/second-factors/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm an authenticator app with one of its codes
         * @description Requires the session of a person who has signed in.
         */
        post: operations["confirmTotp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/second-factors/passkey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to set up a passkey
         * @description Requires the session of a person who has signed in.
         */
        post: operations["beginPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/second-factors/passkey/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm a passkey
         * @description Requires the session of a person who has signed in.
         */
        post: operations["confirmPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/second-factors/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove one of your second factors
         * @description Removing the last one also removes the recovery codes.
         *
         *     Requires the session of a person who has signed in.
         */
        delete: operations["removeSecondFactor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get new recovery codes
         * @description The earlier codes become invalid.
         *
         *     Requires the session of a person who has signed in.
         */
        post: operations["renewRecoveryCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the members
         * @description For a workspace: its members and those of the whole organization.
         *
         *     Requires an API key or a session with the permission `members:write`.
         */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members/{personId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the roles of a member in the organization and in this workspace
         * @description Requires an API key or a session with the permission `members:write`.
         */
        get: operations["getMember"];
        put?: never;
        post?: never;
        /**
         * Remove a member
         * @description Immediately ends what their sessions could do here, and the invitations that they created.
         *
         *     Requires an API key or a session with the permission `members:write`.
         */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /**
         * Change the role of a member
         * @description Requires an API key or a session with the permission `members:write`.
         */
        patch: operations["changeMember"];
        trace?: never;
    };
    "/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List invitations that can be used
         * @description Requires an API key or a session with the permission `members:write`.
         */
        get: operations["listInvitations"];
        put?: never;
        /**
         * Invite somebody
         * @description Nothing is sent: pass on the link yourself. It is shown once, works once and is valid for seven days.
         *
         *     Requires an API key or a session with the permission `members:write`.
         */
        post: operations["createInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an invitation that can be used
         * @description Requires an API key or a session with the permission `members:write`.
         */
        get: operations["getInvitation"];
        put?: never;
        post?: never;
        /**
         * Withdraw an invitation
         * @description Requires an API key or a session with the permission `members:write`.
         */
        delete: operations["withdrawInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept an invitation and create an account
         * @description Requires no key.
         */
        post: operations["acceptInvitationAsNewcomer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept an invitation as the signed-in person
         * @description Requires the session of a person who has signed in.
         */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what clients may do at servers in your name
         * @description Requires the session of a person who has signed in.
         */
        get: operations["listGrants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/grants/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a client's grant
         * @description Its refresh tokens end at once, and its access tokens within ten minutes.
         *
         *     Requires the session of a person who has signed in.
         */
        delete: operations["revokeGrant"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agents/{id}/oauth-clients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the OAuth clients of an agent
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listAgentClients"];
        put?: never;
        /**
         * Create an OAuth client of an agent
         * @description With `grant_type=client_credentials`, it gets tokens for private servers of its workspace.
         *
         *     Requires an API key or a session with the permission `agents:write`.
         */
        post: operations["createAgentClient"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agents/{id}/oauth-clients/{clientId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an OAuth client of an agent
         * @description The client gets no more tokens; a token that it already has stays valid for up to ten minutes. A key needs `tools:call` for this, too.
         *
         *     Requires an API key or a session with the permission `agents:write`.
         */
        delete: operations["deleteAgentClient"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description Requires an API key or a session with the permission `api-keys:write`.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Create an API key
         * @description The key is shown once. Without `permissions`, it gets those for work in its workspace; it may name users if its creator may.
         *
         *     Requires an API key or a session with the permission `api-keys:write`.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the API key of this request
         * @description Any key may read its own record. Answers 404 to a session.
         *
         *     Requires an API key or a session.
         */
        get: operations["getCurrentApiKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an API key
         * @description Requires an API key or a session with the permission `api-keys:write`.
         */
        get: operations["getApiKey"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description A key revokes only keys that can do no more than itself; a person revokes any.
         *
         *     Requires an API key or a session with the permission `api-keys:write`.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        /**
         * Change the name and the restrictions of an API key
         * @description Fields that are left out stay as they are; `null` removes the description or a restriction. Every edge knows of the change within seconds. Requires everything that the key has and then has. A key that expires can change none so that it expires later.
         *
         *     Requires an API key or a session with the permission `api-keys:write`.
         */
        patch: operations["changeApiKey"];
        trace?: never;
    };
    "/api-keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace an API key with a new one
         * @description The new key has the same permissions and restrictions; rotating requires all that the key has. To leave time for the change, the old key stays valid for `overlapSeconds` more, but never longer than before. A key can be rotated once; after that, rotate its successor. In an organization that has all the keys it may have, rotate with `overlapSeconds: 0`.
         *
         *     Requires an API key or a session with the permission `api-keys:write`.
         */
        post: operations["rotateApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List agents
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listAgents"];
        put?: never;
        /**
         * Create an agent
         * @description Create its keys with `agentId`; its credentials have the scope `agent` and its id as subject.
         *
         *     Requires an API key or a session with the permission `agents:write`.
         */
        post: operations["createAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an agent
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getAgent"];
        put?: never;
        post?: never;
        /**
         * Delete an agent, its keys and its credentials
         * @description This cannot be undone: its keys are revoked. If the data plane is unavailable, this answers 503; repeat it then.
         *
         *     Requires an API key or a session with the permission `agents:write`.
         */
        delete: operations["deleteAgent"];
        options?: never;
        head?: never;
        /**
         * Rename an agent
         * @description Requires an API key or a session with the permission `agents:write`.
         */
        patch: operations["changeAgent"];
        trace?: never;
    };
    "/agents/{id}/toggle-active": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Activate or deactivate an agent
         * @description While the agent is deactivated, every edge refuses its keys and tokens like revoked ones, within seconds.
         *
         *     Requires an API key or a session with the permission `agents:write`.
         */
        put: operations["toggleAgent"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List changes and decisions, newest first
         * @description Without `kind`, `begun` entries are left out, because the entry for the end of the change is listed as well.
         *
         *     Requires an API key or a session with the permission `audit:read`.
         */
        get: operations["listAuditEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit-log/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export entries as JSON Lines, in the order of the chain
         * @description At most 5,000 entries, or about 16 MB; `x-next-cursor` is the `cursor` of the next part, and is absent at the end.
         *
         *     Requires an API key or a session with the permission `audit:read`.
         */
        get: operations["exportAuditLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit-log/head": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the signed end of the chain
         * @description Store it elsewhere: it later proves that nothing before it was changed. Also requires `workspaces:write`.
         *
         *     Requires an API key or a session with the permission `audit:read`.
         */
        get: operations["getAuditHead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit-log/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verify the chain of the audit log
         * @description At most 20,000 entries per request; `nextCursor` is the `cursor` of the next request. Also requires `workspaces:write`.
         *
         *     Requires an API key or a session with the permission `audit:read`.
         */
        get: operations["verifyAuditLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List calls that have ended, newest first
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/calls/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count calls by server and tool
         * @description For the last 24 hours, or from `from` to `to`: at most 31 days. Covers the 1,000 tools with the most calls.
         *
         *     Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getCallStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/calls/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export calls as JSON Lines, oldest first
         * @description At most 5,000 calls; `x-next-cursor` is the `cursor` for the next part, and is absent at the end.
         *
         *     Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["exportCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/calls/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a call that has ended
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/external-users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the external users in whose names calls are made
         * @description Users are listed once they have something: credentials, a call that was approved, a deactivation, or because they were created.
         *
         *     Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listExternalUsers"];
        put?: never;
        /**
         * Create an external user
         * @description Required only if the workspace refuses users that it does not know.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["createExternalUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/external-users/username/{username}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an external user by name
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getExternalUserByName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/external-users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an external user
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getExternalUser"];
        put?: never;
        post?: never;
        /**
         * Delete an external user with everything that belongs to them
         * @description Deletes the credentials and connections of the user, and their name in the call log and in approvals; what waits for approval in it expires, and what was approved ends. The audit log keeps its entries. The name of a user who was deactivated, or whom edges were told of because the workspace refuses or refused unknown users, stays refused, as a digest, until somebody creates the user again. Answers 409 for an agent and for a member. Also requires `secrets:write`.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        delete: operations["deleteExternalUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/external-users/{id}/toggle-active": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Activate or deactivate an external user
         * @description Takes effect at once: requests in the name of a deactivated user get 403, and their streams end.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        put: operations["toggleExternalUser"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/external-users/{id}/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the connections of an external user
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listUserConnections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/external-users/{id}/connections/{instanceId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Disconnect an external user
         * @description Deletes the credentials of this user for a connector instance. Calls in the name of this user then fail.
         *
         *     Requires an API key or a session with the permission `secrets:write`.
         */
        delete: operations["deleteUserConnection"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List MCP servers
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listMcpServers"];
        put?: never;
        /**
         * Create an MCP server
         * @description Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["createMcpServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an MCP server by id or slug
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getMcpServer"];
        put?: never;
        post?: never;
        /**
         * Delete an MCP server with its deployments and secrets
         * @description Requires an API key or a session with the permission `servers:write`.
         */
        delete: operations["deleteMcpServer"];
        options?: never;
        head?: never;
        /**
         * Change an MCP server
         * @description Fields that are left out stay as they are. With `version` or `If-Match`, this answers 409 if somebody else made a change.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        patch: operations["changeMcpServer"];
        trace?: never;
    };
    "/mcp-servers/{id}/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the tools that an MCP server offers
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getMcpServerConfig"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/load-tools-from-url": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * List the tools of any MCP server, without attaching it
         * @description Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["loadToolsFromUrl"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/external/{name}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve tools of an external MCP server as they are now
         * @description Approves all tools that are new or changed since their approval, or only those that are named.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["approveExternalTools"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/external/{name}/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start the sign-in of the platform to an external MCP server
         * @description OAuth 2.1 as in MCP, for all callers of its tools. The address is valid for 15 minutes and one sign-in.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["startExternalSignIn"];
        /**
         * Sign the platform out of an external MCP server
         * @description The platform deletes its tokens, and calls carry none. The authorization server is not notified.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        delete: operations["deleteExternalSignIn"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop an MCP server: it offers nothing until it is started
         * @description With `If-Match`, this answers 409 if somebody else made a change.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["stopMcpServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start an MCP server that was stopped
         * @description With `If-Match`, this answers 409 if somebody else made a change.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["startMcpServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop an MCP server and keep it out of lists; its name stays taken
         * @description With `If-Match`, this answers 409 if somebody else made a change.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["archiveMcpServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/unarchive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * List an archived MCP server again; it stays stopped
         * @description With `If-Match`, this answers 409 if somebody else made a change.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["unarchiveMcpServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/duplicate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create an MCP server with the settings and the document of another
         * @description Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["duplicateMcpServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the policy of an MCP server: who may call which tool
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getPolicy"];
        /**
         * Replace the policy of an MCP server
         * @description Among the rules that match a call, `deny` takes precedence over `approve`, and `approve` over `allow`; `unmatched` decides calls that no rule matches. With `version` (0: there never was one) or `If-Match`, this answers 409 if somebody else made a change.
         *
         *     Requires an API key or a session with the permission `policies:write`.
         */
        put: operations["putPolicy"];
        post?: never;
        /**
         * Delete the policy of an MCP server: everyone who may use it may then call all of its tools
         * @description Requires an API key or a session with the permission `policies:write`.
         */
        delete: operations["deletePolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/policy/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Explain what would happen to a call, and which rule decides it
         * @description Nothing is called and nothing is counted.
         *
         *     Requires an API key or a session with the permission `servers:read`.
         */
        post: operations["explainPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the calls that need an approval
         * @description Requires an API key or a session with the permission `approvals:write`.
         */
        get: operations["listApprovals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an approval
         * @description Requires an API key or a session with the permission `approvals:write`.
         */
        get: operations["getApproval"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a call, which may then be made once
         * @description The caller cannot approve their own call, and whoever created or rotated the key of the caller counts as the caller: 403. If the approval is already decided or has expired: 409.
         *
         *     Requires an API key or a session with the permission `approvals:write`.
         */
        post: operations["approveCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/{id}/deny": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deny a call
         * @description The caller is told for as long as an approval would have been valid. If the approval is already decided: 409.
         *
         *     Requires an API key or a session with the permission `approvals:write`.
         */
        post: operations["denyCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/debug-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who debugged an MCP server, and when
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listDebugSessions"];
        put?: never;
        /**
         * Open a debug session, in which you see for a while what the tools of an MCP server do when they run
         * @description A server has one session at a time: 409 says who has it. Nobody else sees what you see, and all of it is deleted when the session ends.
         *
         *     Requires an API key or a session with the permission `debug:write`.
         */
        post: operations["openDebugSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/debug-sessions/{sessionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a debug session
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getDebugSession"];
        put?: never;
        post?: never;
        /**
         * End a debug session
         * @description Ending another person's session also requires `members:write`. All recorded data is deleted.
         *
         *     Requires an API key or a session with the permission `debug:write`.
         */
        delete: operations["endDebugSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/debug-sessions/{sessionId}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a debug session live, as server-sent events
         * @description Each event is JSON in the schema of debug events. The stream begins with the first existing event or, with `Last-Event-ID`, after that event. The last event is `end`, which says why the session ended.
         *
         *     Requires an API key or a session with the permission `debug:write`.
         */
        get: operations["followDebugSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/debug-sessions/{sessionId}/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the calls in a debug session, oldest first
         * @description Only calls that are still kept: the oldest are dropped first. A session that has ended has none.
         *
         *     Requires an API key or a session with the permission `debug:write`.
         */
        get: operations["listSeenCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/debug-sessions/{sessionId}/calls/{callId}/trace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the trace of a call in a debug session
         * @description A tree: `flow.run` contains `step.run`, which contains `action.run`.
         *
         *     Requires an API key or a session with the permission `debug:write`.
         */
        get: operations["getCallTrace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a recorded call again, with its recorded answers
         * @description No upstream is called and no secret is read. The differences show where the run does not match the recording.
         *
         *     Requires an API key or a session with the permission `debug:write`.
         */
        post: operations["replayCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/debug-sessions/{sessionId}/calls/{callId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export a call of a debug session as a recording
         * @description Only for the person or key that opened the session, with its token as `Authorization: Token`, while the session is open.
         *
         *     Requires an API key or a session with the permission `debug:write`.
         */
        get: operations["exportRecording"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/deploy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deploy a document to an MCP server
         * @description The first deployment starts the server. If a deployment fails, the last good one keeps running. Documents to which this one refers are sent in `references` or fetched now, and stored: a rollback fetches nothing.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["deploy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the deployments of an MCP server
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listDeployments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/deployments/{deploymentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a deployment with its document
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getDeployment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/deployments/{deploymentId}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Roll back to an earlier deployment
         * @description Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["rollBack"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * List every problem of a document
         * @description Nothing is saved. With `server`, it is checked like a deployment to it, which requires `servers:read`; without it, for a server that has no secrets and allows no hosts from expressions. Documents to which it refers are fetched only for a key with the permission `servers:write`, as for a deployment.
         *
         *     Requires an API key or a session.
         */
        post: operations["validateDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sealing-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the public key for which secrets are sealed
         * @description Requires an API key or a session.
         */
        get: operations["getSealingKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the secrets of an MCP server
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listSecrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a secret with its versions and what uses it
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getSecret"];
        /**
         * Store a sealed secret, or a new version of it
         * @description The sealed text is a compact JWE of `{value, hosts}` for the sealing key. The new version is used at once, unless another version is pinned. The replaced version is kept for the overlap: during that time, a request that is answered with 401 is repeated once with the replaced version, which can also be pinned.
         *
         *     Requires an API key or a session with the permission `secrets:write`.
         */
        put: operations["putSecret"];
        post?: never;
        /**
         * Delete a secret with all its versions
         * @description Requires an API key or a session with the permission `secrets:write`.
         */
        delete: operations["deleteSecret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/secrets/{name}/pin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Use this version of a secret until it is unpinned
         * @description Any stored version: to go back, or to store a new version before it is used.
         *
         *     Requires an API key or a session with the permission `secrets:write`.
         */
        put: operations["pinSecret"];
        post?: never;
        /**
         * Use the newest version of a secret again
         * @description The version that was in use is kept for one more day, or for the rest of its overlap if that is longer.
         *
         *     Requires an API key or a session with the permission `secrets:write`.
         */
        delete: operations["unpinSecret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sealing-target": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what a value is sealed for: the public key, and the audience
         * @description The audience is the protected header `aud` of the seal. It names the one place where the data plane accepts the value: a secret of a server (`server`, `secret`), credentials of a connector instance (`instance`, `scope`, `subject`), the client for the sign-in to an external server (`server`, `externalServer`), the client secret of single sign-on (`issuer`), or the headers for loading tools from a URL (`url`).
         *
         *     Requires an API key or a session.
         */
        get: operations["getSealingTarget"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connectors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the connectors of the organization
         * @description Filters apply to active versions.
         *
         *     Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listConnectors"];
        put?: never;
        /**
         * Register a connector, or a new version of one
         * @description A version never changes, and a new version must be higher than all earlier ones. It becomes the active version, to which instances are moved.
         *
         *     Requires an API key or a session with the permission `connectors:write`.
         */
        post: operations["registerConnector"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connectors/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * List every problem of a descriptor
         * @description Nothing is saved.
         *
         *     Requires an API key or a session.
         */
        post: operations["validateConnector"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connectors/{slug}/deprecate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deprecate a version of a connector
         * @description It gets no new instances. The highest version that is not deprecated becomes the active one; if none is left, existing instances keep running.
         *
         *     Requires an API key or a session with the permission `connectors:write`.
         */
        post: operations["deprecateConnector"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connectors/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a connector: its authentication, tools and limits
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getConnector"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connectors/{slug}/openapi": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the operations of a connector as an OpenAPI 3.1 document
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getConnectorOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connectors/{slug}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the versions of a connector
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listConnectorVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connectors/{slug}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a version of a connector with its descriptor
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getConnectorVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connectors/{slug}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the differences between two versions of a connector
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["diffConnectorVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connectors/import-openapi": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a descriptor from an OpenAPI document
         * @description Nothing is saved: review the descriptor, remove what you do not need, and register it.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["importConnectorFromOpenApi"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connector-instances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List connector instances
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listConnectorInstances"];
        put?: never;
        /**
         * Create an instance of a connector
         * @description If the connector offers tools, the instance gets an MCP server.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["createConnectorInstance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connector-instances/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a connector instance
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["getConnectorInstance"];
        put?: never;
        post?: never;
        /**
         * Delete a connector instance with its server and credentials
         * @description Requires an API key or a session with the permission `servers:write`.
         */
        delete: operations["deleteConnectorInstance"];
        options?: never;
        head?: never;
        /**
         * Change a connector instance
         * @description Fields that are left out stay as they are. An instance that is not enabled offers nothing: its server stops.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        patch: operations["changeConnectorInstance"];
        trace?: never;
    };
    "/connector-instances/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Call the test endpoint of the connector
         * @description Uses the credentials of the scope, or those that apply to a caller without a name. The instance keeps the result, unless the credentials belong to a user or an agent.
         *
         *     Requires an API key or a session with the permission `servers:write`.
         */
        post: operations["testConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connector-instances/{id}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the credentials of a connector instance
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listCredentials"];
        /**
         * Store sealed credentials
         * @description The sealed text is a compact JWE of `{value: {field: value}, hosts}` for the sealing key. Credentials of the organization also require the permission `connectors:write`.
         *
         *     Requires an API key or a session with the permission `secrets:write`.
         */
        put: operations["putCredentials"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connector-instances/{id}/credentials/{scope}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete the credentials of a scope
         * @description Requires an API key or a session with the permission `secrets:write`.
         */
        delete: operations["deleteCredentials"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/connector-instances/{id}/authorizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a person sign in
         * @description OAuth 2.0 authorization code with PKCE. The address is valid for 15 minutes and one sign-in.
         *
         *     Requires an API key or a session with the permission `secrets:write`.
         */
        post: operations["startAuthorization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the tools that the workspace can use
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listTools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/toolkits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the toolkits of the workspace: connectors and workflows
         * @description Requires an API key or a session with the permission `servers:read`.
         */
        get: operations["listToolkits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Organization: {
            id: string;
            name: string;
            /** Format: date-time */
            createdAt: string;
        };
        Workspace: {
            id: string;
            organizationId: string;
            name: string;
            /**
             * @description How an unknown `x-username` is handled: as a new external user, or with 404
             * @enum {string}
             */
            unknownUsers: "create" | "refuse";
            /** Format: date-time */
            createdAt: string;
        };
        ShownApiKey: {
            id: string;
            /** @description The first characters of the key, which identify it */
            prefix: string;
            workspaceId: string;
            name: string;
            description: string | null;
            permissions: ("tools:call" | "servers:read" | "servers:write" | "secrets:write" | "connectors:write" | "debug:write" | "api-keys:write" | "policies:write" | "approvals:write" | "agents:write" | "audit:read" | "members:write" | "workspaces:write" | "organization:write" | "organizations:write")[];
            /** @description If `false`, the key may not name an external user in `x-username`; suitable for a key that is pasted into a client */
            mayAssertUser: boolean;
            /** @description The agent to which the key belongs; the key works only while the agent is active */
            agentId: string | null;
            /** @description Ids of the servers for which the key is valid; `null`: all servers of the workspace */
            allowedServers: string[] | null;
            /** @description Patterns of the tools for which the key is valid; `null`: all tools */
            allowedTools: string[] | null;
            /** @description Networks from which the key is accepted; `null`: any */
            allowedAddresses: string[] | null;
            /** @description The key that this key replaced */
            rotatedFrom: string | null;
            /** @description The key that replaced this key */
            rotatedTo: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description Last use of the key, with this API or over MCP, to the minute
             */
            lastUsedAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
            /** @description Shown only now */
            key: string;
        };
        /** @description Any failure. `code` is for programs, `message` for people. */
        Error: {
            /** @enum {boolean} */
            success: false;
            error: {
                /** @enum {string} */
                code: "invalid_request" | "unauthenticated" | "insufficient_scope" | "forbidden" | "not_found" | "method_not_allowed" | "request_timeout" | "conflict" | "quota_exceeded" | "payload_too_large" | "unsupported_media_type" | "misdirected_request" | "invalid_document" | "rate_limited" | "internal" | "config_unavailable" | "tenant_busy" | "queue_full" | "queue_unavailable" | "queue_restarted" | "shutting_down" | "deadline_exceeded" | "cancelled" | "worker_lost" | "incompatible" | "policy_denied" | "approval_required" | "approval_declined" | "idempotency_mismatch" | "client_capability_missing" | "input_declined" | "invalid_input_response" | "invalid_arguments" | "loop_limit" | "step_failed" | "no_action_matched" | "upstream_unreachable" | "upstream_busy" | "upstream_paused" | "upstream_timeout" | "upstream_bad_response" | "response_too_large" | "redirect_refused" | "egress_denied" | "invalid_upstream_request" | "external_server_unavailable" | "external_server_failed" | "external_sign_in_needed" | "secret_missing" | "secret_unavailable" | "secret_store_read_only" | "secret_host_denied" | "credentials_missing" | "credentials_refused" | "output_too_large" | "expression_failed";
                message: string;
                details?: {
                    path: string;
                    message: string;
                    /** @description What was probably meant */
                    suggestions?: string[];
                }[];
            };
        };
        EgressRules: {
            workspaceId: string;
            allowHosts: string[] | null;
            denyHosts: string[];
            /** @description Incremented by each change; send it with a change to detect changes by others */
            version: number;
        };
        SignedIn: {
            /** @enum {string} */
            next: "done" | "second_factor";
            csrfToken: string;
        };
        Session: {
            id: string;
            person: {
                id: string;
                email: string;
                name: string;
            };
            csrfToken: string;
            workspaces: components["schemas"]["Place"][];
        };
        /** @description A workspace and the person's role in it */
        Place: {
            workspaceId: string;
            workspaceName: string;
            organizationId: string;
            organizationName: string;
            roles: {
                /** @enum {string} */
                organization?: "viewer" | "maintainer" | "admin" | "owner";
                /** @enum {string} */
                workspace?: "viewer" | "maintainer" | "admin" | "owner";
            };
            permissions: ("tools:call" | "servers:read" | "servers:write" | "secrets:write" | "connectors:write" | "debug:write" | "api-keys:write" | "policies:write" | "approvals:write" | "agents:write" | "audit:read" | "members:write" | "workspaces:write" | "organization:write" | "organizations:write")[];
        };
        ShownSession: {
            id: string;
            address: string;
            userAgent: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastSeenAt: string;
            /** Format: date-time */
            expiresAt: string;
            isThisOne: boolean;
        };
        SsoConnection: {
            id: string;
            issuer: string;
            clientId: string;
            hasSecret: boolean;
            domains: string[];
            /**
             * @description Role of new members
             * @enum {string}
             */
            defaultRole: "viewer" | "maintainer" | "admin";
            isEnforced: boolean;
            /** Format: date-time */
            createdAt: string;
        };
        SecondFactors: {
            factors: {
                id: string;
                /** @enum {string} */
                kind: "totp" | "passkey";
                name: string;
                /** Format: date-time */
                createdAt: string;
                /** Format: date-time */
                lastUsedAt: string | null;
            }[];
            recoveryCodesLeft: number;
        };
        Member: {
            personId: string;
            email: string;
            name: string;
            /** @description `null`: member of the whole organization */
            workspaceId: string | null;
            /** @enum {string} */
            role: "viewer" | "maintainer" | "admin" | "owner";
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastSignInAt: string | null;
        };
        MemberRoles: {
            personId: string;
            email: string;
            name: string;
            roles: {
                /** @enum {string} */
                organization?: "viewer" | "maintainer" | "admin" | "owner";
                /** @enum {string} */
                workspace?: "viewer" | "maintainer" | "admin" | "owner";
            };
        };
        Invitation: {
            id: string;
            organizationId: string;
            /** @description `null`: an invitation to the whole organization */
            workspaceId: string | null;
            /** @enum {string} */
            role: "viewer" | "maintainer" | "admin" | "owner";
            /** @description The only address that may accept it; `null`: anybody with the link */
            email: string | null;
            /** @description Id of the person or the key */
            invitedBy: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
        };
        Grant: {
            id: string;
            client: {
                id: string;
                /** @description The name that the client gives itself */
                name: string | null;
            };
            server: {
                id: string;
                slug: string;
            };
            workspace: {
                id: string;
                name: string;
            };
            scopes: string[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            /**
             * Format: date-time
             * @description When a token was last issued for this grant
             */
            lastUsedAt: string | null;
        };
        AgentClient: {
            clientId: string;
            name: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastUsedAt: string | null;
        };
        CreatedAgentClient: {
            clientId: string;
            name: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastUsedAt: string | null;
            clientSecret: string;
        };
        ApiKey: {
            id: string;
            /** @description The first characters of the key, which identify it */
            prefix: string;
            workspaceId: string;
            name: string;
            description: string | null;
            permissions: ("tools:call" | "servers:read" | "servers:write" | "secrets:write" | "connectors:write" | "debug:write" | "api-keys:write" | "policies:write" | "approvals:write" | "agents:write" | "audit:read" | "members:write" | "workspaces:write" | "organization:write" | "organizations:write")[];
            /** @description If `false`, the key may not name an external user in `x-username`; suitable for a key that is pasted into a client */
            mayAssertUser: boolean;
            /** @description The agent to which the key belongs; the key works only while the agent is active */
            agentId: string | null;
            /** @description Ids of the servers for which the key is valid; `null`: all servers of the workspace */
            allowedServers: string[] | null;
            /** @description Patterns of the tools for which the key is valid; `null`: all tools */
            allowedTools: string[] | null;
            /** @description Networks from which the key is accepted; `null`: any */
            allowedAddresses: string[] | null;
            /** @description The key that this key replaced */
            rotatedFrom: string | null;
            /** @description The key that replaced this key */
            rotatedTo: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description Last use of the key, with this API or over MCP, to the minute
             */
            lastUsedAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
        };
        Agent: {
            /** @description The id that policies and credentials of the scope `agent` use */
            id: string;
            workspaceId: string;
            name: string;
            description: string | null;
            /** @description If `false`, its keys and tokens are refused */
            isActive: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /**
             * Format: date-time
             * @description Last request with one of its keys, to the minute
             */
            lastSeenAt: string | null;
        };
        AuditEntry: {
            organizationId: string;
            /** @description Position in the chain of the organization: from 1, without gaps */
            number: number;
            /** Format: date-time */
            at: string;
            /**
             * @description `begun` and `ended`: the start and the end of a change; `event`: a single entry
             * @enum {string}
             */
            kind: "begun" | "ended" | "event";
            /** @description The same for the start and the end of a change */
            requestId?: string;
            workspaceId?: string;
            actor: {
                /** @enum {string} */
                kind: "key" | "person" | "agent" | "token" | "anonymous" | "platform";
                id: string;
            };
            address?: string;
            /** @description `operationId` of this API, or the name of an event */
            action: string;
            target?: {
                [key: string]: string;
            };
            /** @description `done` or an error code */
            outcome?: string;
            /** @description The answers of GET before and after the change, where they differ */
            changes?: {
                pointer: string;
                before?: unknown;
                after?: unknown;
            }[];
            details?: {
                [key: string]: unknown;
            };
            previousHash: string;
            /** @description SHA-256 of the canonical JSON of all other members */
            hash: string;
        };
        Call: {
            id: string;
            /** Format: date-time */
            startedAt: string;
            /** @description Measured at the edge, from the request to its outcome */
            durationMs: number;
            /** @description The server at which the tool was called */
            serverId: string;
            /** @description The server to which the tool belongs, if that is another one */
            originId?: string;
            /** @description The name in its plan; prompts and resources have `prompt:` or `resource:` in front */
            tool: string;
            /** @enum {string} */
            kind: "tool" | "prompt" | "resource" | "completion";
            /**
             * @description `input_required`: the call asked for input; the request with the answers is a separate call
             * @enum {string}
             */
            outcome: "done" | "not_started" | "unknown" | "input_required";
            /** @description Error code, or `tool_error`: the tool itself reported a failure */
            code?: string;
            /**
             * @description `debug`: the run endpoint of a debug session
             * @enum {string}
             */
            source: "direct" | "execute_tools" | "task" | "debug";
            protocolVersion: string;
            caller: {
                /** @enum {string} */
                kind: "key" | "token" | "anonymous";
                id?: string;
                agentId?: string;
                username?: string;
            };
            /** @description Part of the duration: on the way to a worker and back */
            queueMs?: number;
            /** @description Part of the duration: in a worker; absent: no worker ran it */
            executionMs?: number;
            /** @description Part of `executionMs`: waiting for upstreams */
            upstreamMs?: number;
            /** @description Size of the call as sent to a worker, as JSON */
            requestBytes?: number;
            /** @description Size of the worker's answer, as JSON */
            responseBytes?: number;
            /** @description The name that the client gives itself */
            client?: {
                name: string;
                version?: string;
            };
            /** @description What the document declares is to be recorded for its calls */
            analytics?: {
                [key: string]: string | number | boolean | null;
            };
            traceId?: string;
            /** @description The trace in Jaeger, if the platform has a Jaeger */
            traceUrl?: string;
        };
        CallStatistics: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            tools: {
                serverId: string;
                originId?: string;
                tool: string;
                /** @enum {string} */
                kind: "tool" | "prompt" | "resource" | "completion";
                calls: number;
                /** @description Calls with an error code: failed, not started or of unknown outcome */
                errors: number;
                notStarted: number;
                unknown: number;
                /** @description Questions, which do not count as calls */
                inputRequired: number;
                /** @description Over calls that are `done`; absent: there were none */
                p50Ms?: number;
                p95Ms?: number;
                p99Ms?: number;
                /** @description Over calls that a worker ran */
                averageQueueMs?: number;
                averageExecutionMs?: number;
                averageUpstreamMs?: number;
                /** @description Total over all calls */
                requestBytes: number;
                responseBytes: number;
            }[];
        };
        ExternalUser: {
            id: string;
            workspaceId: string;
            /** @description The name in `x-username`; case-sensitive */
            username: string;
            /**
             * @description How the user became known: created in this API, or because credentials were stored or an approval was requested in the name
             * @enum {string}
             */
            source: "api" | "mcp";
            /** @description If `false`, requests in the name of this user are refused */
            isActive: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /**
             * Format: date-time
             * @description Last request in the name of this user, to the minute
             */
            lastSeenAt: string | null;
        };
        /** @description An external user has credentials for a connector instance */
        UserConnection: {
            instanceId: string;
            instanceName: string;
            /** @description Slug */
            connector: string;
            authType: string;
            /** @description False while a person must sign in first, or if the instance now uses another authentication */
            isUsable: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /**
             * Format: date-time
             * @description When these replaced other ones that worked
             */
            replacedAt: string | null;
            /** @description Who had that done: id of a key, agent, person or user */
            replacedBy: string | null;
        };
        McpServer: {
            id: string;
            slug: string;
            name: string;
            description: string | null;
            /**
             * Format: uri
             * @description The MCP endpoint
             */
            url: string;
            /** @enum {string} */
            state: "stopped" | "running" | "errored";
            /** @description Somebody stopped it: it offers nothing until it is started */
            isStopped: boolean;
            isArchived: boolean;
            /** @enum {string} */
            mode: "SMART" | "NORMAL";
            /** @description The pool of data planes; only these run its calls and have its secrets; null: the default pool */
            pool: string | null;
            isPublic: boolean;
            config: {
                allowedHosts: string[];
                allowSharedConnections: boolean;
            };
            /** @description The owner's own authorization server; null: tokens of the platform's server are accepted */
            oauth: {
                /** @description Exactly as in its metadata and in the `iss` of its tokens */
                issuer: string;
                /**
                 * @description `jwt`: verified with the keys of the issuer. `opaque`: sent to its UserInfo endpoint
                 * @default jwt
                 * @enum {string}
                 */
                tokens: "jwt" | "opaque";
                /** @description For `jwt`: URL of its keys. Absent: the URL in its metadata */
                jwksUri?: string;
                /** @description For `opaque`. Absent: the URL in its metadata */
                userinfoEndpoint?: string;
                /** @description For `jwt`: the value that `aud` must be or contain. Absent: the URL of the server, `…/mcp/{id}` */
                audience?: string;
                /**
                 * @description For `jwt`: the maximum age of a token; an older token is refused even if it has not expired
                 * @default 3600
                 */
                maxTokenAgeSeconds: number;
                /** @description For `jwt`: what the issuer calls the scopes `tools:read` and `tools:call`. A scope that is left out is not required */
                scopes?: {
                    read?: string;
                    call?: string;
                };
                /** @description The claims with the user and the groups of the user. Absent: `sub` and `groups` */
                claims?: {
                    username?: string;
                    groups?: string;
                };
            } | null;
            sourceServers: {
                [key: string]: string;
            };
            selectedTools: string[];
            /** @description Incremented by each change; send it with a change to detect changes by others */
            version: number;
            activeDeploymentId: string | null;
            /** @description The connector instance to which the server belongs; only the instance decides what it runs */
            connectorInstanceId: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        CreatedMcpServer: {
            id: string;
            slug: string;
            name: string;
            description: string | null;
            /**
             * Format: uri
             * @description The MCP endpoint
             */
            url: string;
            /** @enum {string} */
            state: "stopped" | "running" | "errored";
            /** @description Somebody stopped it: it offers nothing until it is started */
            isStopped: boolean;
            isArchived: boolean;
            /** @enum {string} */
            mode: "SMART" | "NORMAL";
            /** @description The pool of data planes; only these run its calls and have its secrets; null: the default pool */
            pool: string | null;
            isPublic: boolean;
            config: {
                allowedHosts: string[];
                allowSharedConnections: boolean;
            };
            /** @description The owner's own authorization server; null: tokens of the platform's server are accepted */
            oauth: {
                /** @description Exactly as in its metadata and in the `iss` of its tokens */
                issuer: string;
                /**
                 * @description `jwt`: verified with the keys of the issuer. `opaque`: sent to its UserInfo endpoint
                 * @default jwt
                 * @enum {string}
                 */
                tokens: "jwt" | "opaque";
                /** @description For `jwt`: URL of its keys. Absent: the URL in its metadata */
                jwksUri?: string;
                /** @description For `opaque`. Absent: the URL in its metadata */
                userinfoEndpoint?: string;
                /** @description For `jwt`: the value that `aud` must be or contain. Absent: the URL of the server, `…/mcp/{id}` */
                audience?: string;
                /**
                 * @description For `jwt`: the maximum age of a token; an older token is refused even if it has not expired
                 * @default 3600
                 */
                maxTokenAgeSeconds: number;
                /** @description For `jwt`: what the issuer calls the scopes `tools:read` and `tools:call`. A scope that is left out is not required */
                scopes?: {
                    read?: string;
                    call?: string;
                };
                /** @description The claims with the user and the groups of the user. Absent: `sub` and `groups` */
                claims?: {
                    username?: string;
                    groups?: string;
                };
            } | null;
            sourceServers: {
                [key: string]: string;
            };
            selectedTools: string[];
            /** @description Incremented by each change; send it with a change to detect changes by others */
            version: number;
            activeDeploymentId: string | null;
            /** @description The connector instance to which the server belongs; only the instance decides what it runs */
            connectorInstanceId: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description Selected tools that have another name here than on their own server, because another tool has that name */
            renamed: {
                slug: string;
                name: string;
            }[];
            /** @description Slugs of selected tools that are not in the catalogue now: clients do not see them until they return */
            missing: string[];
            /** @description Selected tools for which no name is available on this server */
            leftOut: {
                slug: string;
                reason: string;
            }[];
            /** @description For a public server: slugs of selected tools that anybody can call here, with the secrets and connections of a server that itself requires a key */
            exposed: string[];
            externalMcpConfigs: components["schemas"]["ExternalMcpServer"][];
            /** @description Advice on the tools that clients see */
            diagnostics: components["schemas"]["Diagnostic"][];
        };
        ExternalMcpServer: {
            name: string;
            url: string;
            /** @enum {string|null} */
            transport: "http" | "sse" | null;
            /** @description The values are never returned */
            headerNames: string[];
            tools: string[];
            prefix: string;
            /** @enum {string} */
            pin: "review" | "strict";
            allow: ("elicitation" | "sampling" | "roots")[];
            timeoutMs: number;
            maxOutputBytes: number;
            /**
             * @description Result of the last check; a failed check is repeated soon
             * @enum {string}
             */
            state: "ok" | "unreachable" | "failed";
            message: string | null;
            /** @description The platform's sign-in to it, for all callers of its tools */
            authorization: {
                /**
                 * @description `needed`: it refused the last check, and somebody has to sign in, perhaps again
                 * @enum {string}
                 */
                state: "none" | "needed" | "signed_in";
                /** Format: date-time */
                signedInAt: string | null;
                /** @description Issuer of the token */
                issuer: string | null;
                /** @description Scope of the token */
                scope: string | null;
            };
            /** Format: date-time */
            checkedAt: string | null;
            /** @description Names of tools that are new or were changed since their approval */
            toReview: string[];
        };
        Diagnostic: {
            /** @enum {string} */
            severity: "error" | "warning";
            code: string;
            message: string;
            hint: string;
            /** @description Name of the source description whose document has the problem; absent: the definition */
            source?: string;
            pointer: string;
            line: number;
            column: number;
        };
        ExternalMcpConfig: {
            name: string;
            url: string;
            /**
             * @description Streamable HTTP, or HTTP+SSE of MCP 2024-11-05; detected if left out
             * @enum {string}
             */
            transport?: "http" | "sse";
            /** @description Values name secrets of the server (`Bearer $secrets.NAME`) or are sealed, with the host of the URL. They are never returned. If left out for an existing server, they stay as they are */
            headers?: {
                [key: string]: string | {
                    sealed: string;
                };
            };
            /** @description Names of its tools; `["*"]`: all; `[]`: it offers nothing here */
            tools: ("*" | string)[];
            /** @description Prefix for the names of its tools and prompts; default: its name and two underscores */
            prefix?: string;
            /**
             * @description What happens to a tool that its server changed since its approval, or that nobody has approved: `review` offers the former as it was approved, and the latter as one that may be destructive, whatever its annotations say; `strict` withholds both until somebody approves them
             * @enum {string}
             */
            pin?: "review" | "strict";
            /** @description What it may ask of the client behind a call, if the client supports it: `elicitation` (the person), `sampling` (the model), `roots` (where the files are). Default: ["elicitation"] */
            allow?: ("elicitation" | "sampling" | "roots")[];
            /** @description Default: 60000 */
            timeoutMs?: number;
            /** @description What a call may return to an agent; a larger result is an error. Default: 81920 */
            maxOutputBytes?: number;
        };
        ShownMcpServer: {
            id: string;
            slug: string;
            name: string;
            description: string | null;
            /**
             * Format: uri
             * @description The MCP endpoint
             */
            url: string;
            /** @enum {string} */
            state: "stopped" | "running" | "errored";
            /** @description Somebody stopped it: it offers nothing until it is started */
            isStopped: boolean;
            isArchived: boolean;
            /** @enum {string} */
            mode: "SMART" | "NORMAL";
            /** @description The pool of data planes; only these run its calls and have its secrets; null: the default pool */
            pool: string | null;
            isPublic: boolean;
            config: {
                allowedHosts: string[];
                allowSharedConnections: boolean;
            };
            /** @description The owner's own authorization server; null: tokens of the platform's server are accepted */
            oauth: {
                /** @description Exactly as in its metadata and in the `iss` of its tokens */
                issuer: string;
                /**
                 * @description `jwt`: verified with the keys of the issuer. `opaque`: sent to its UserInfo endpoint
                 * @default jwt
                 * @enum {string}
                 */
                tokens: "jwt" | "opaque";
                /** @description For `jwt`: URL of its keys. Absent: the URL in its metadata */
                jwksUri?: string;
                /** @description For `opaque`. Absent: the URL in its metadata */
                userinfoEndpoint?: string;
                /** @description For `jwt`: the value that `aud` must be or contain. Absent: the URL of the server, `…/mcp/{id}` */
                audience?: string;
                /**
                 * @description For `jwt`: the maximum age of a token; an older token is refused even if it has not expired
                 * @default 3600
                 */
                maxTokenAgeSeconds: number;
                /** @description For `jwt`: what the issuer calls the scopes `tools:read` and `tools:call`. A scope that is left out is not required */
                scopes?: {
                    read?: string;
                    call?: string;
                };
                /** @description The claims with the user and the groups of the user. Absent: `sub` and `groups` */
                claims?: {
                    username?: string;
                    groups?: string;
                };
            } | null;
            sourceServers: {
                [key: string]: string;
            };
            selectedTools: string[];
            /** @description Incremented by each change; send it with a change to detect changes by others */
            version: number;
            activeDeploymentId: string | null;
            /** @description The connector instance to which the server belongs; only the instance decides what it runs */
            connectorInstanceId: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description Selected tools that have another name here than on their own server, because another tool has that name */
            renamed: {
                slug: string;
                name: string;
            }[];
            /** @description Slugs of selected tools that are not in the catalogue now: clients do not see them until they return */
            missing: string[];
            /** @description Selected tools for which no name is available on this server */
            leftOut: {
                slug: string;
                reason: string;
            }[];
            /** @description For a public server: slugs of selected tools that anybody can call here, with the secrets and connections of a server that itself requires a key */
            exposed: string[];
            externalMcpConfigs: components["schemas"]["ExternalMcpServer"][];
        };
        ChangedMcpServer: {
            id: string;
            slug: string;
            name: string;
            description: string | null;
            /**
             * Format: uri
             * @description The MCP endpoint
             */
            url: string;
            /** @enum {string} */
            state: "stopped" | "running" | "errored";
            /** @description Somebody stopped it: it offers nothing until it is started */
            isStopped: boolean;
            isArchived: boolean;
            /** @enum {string} */
            mode: "SMART" | "NORMAL";
            /** @description The pool of data planes; only these run its calls and have its secrets; null: the default pool */
            pool: string | null;
            isPublic: boolean;
            config: {
                allowedHosts: string[];
                allowSharedConnections: boolean;
            };
            /** @description The owner's own authorization server; null: tokens of the platform's server are accepted */
            oauth: {
                /** @description Exactly as in its metadata and in the `iss` of its tokens */
                issuer: string;
                /**
                 * @description `jwt`: verified with the keys of the issuer. `opaque`: sent to its UserInfo endpoint
                 * @default jwt
                 * @enum {string}
                 */
                tokens: "jwt" | "opaque";
                /** @description For `jwt`: URL of its keys. Absent: the URL in its metadata */
                jwksUri?: string;
                /** @description For `opaque`. Absent: the URL in its metadata */
                userinfoEndpoint?: string;
                /** @description For `jwt`: the value that `aud` must be or contain. Absent: the URL of the server, `…/mcp/{id}` */
                audience?: string;
                /**
                 * @description For `jwt`: the maximum age of a token; an older token is refused even if it has not expired
                 * @default 3600
                 */
                maxTokenAgeSeconds: number;
                /** @description For `jwt`: what the issuer calls the scopes `tools:read` and `tools:call`. A scope that is left out is not required */
                scopes?: {
                    read?: string;
                    call?: string;
                };
                /** @description The claims with the user and the groups of the user. Absent: `sub` and `groups` */
                claims?: {
                    username?: string;
                    groups?: string;
                };
            } | null;
            sourceServers: {
                [key: string]: string;
            };
            selectedTools: string[];
            /** @description Incremented by each change; send it with a change to detect changes by others */
            version: number;
            activeDeploymentId: string | null;
            /** @description The connector instance to which the server belongs; only the instance decides what it runs */
            connectorInstanceId: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description Selected tools that have another name here than on their own server, because another tool has that name */
            renamed: {
                slug: string;
                name: string;
            }[];
            /** @description Slugs of selected tools that are not in the catalogue now: clients do not see them until they return */
            missing: string[];
            /** @description Selected tools for which no name is available on this server */
            leftOut: {
                slug: string;
                reason: string;
            }[];
            /** @description For a public server: slugs of selected tools that anybody can call here, with the secrets and connections of a server that itself requires a key */
            exposed: string[];
            externalMcpConfigs: components["schemas"]["ExternalMcpServer"][];
            /** @description After a change of `name`, `mode`, `selectedTools` or `externalMcpConfigs`: advice on the tools that clients see; after one of `sourceServers`: also on the running document, which is compiled for them */
            diagnostics: components["schemas"]["Diagnostic"][];
            /** @description After a move to another pool: what remains in the secret store of the old pool. Unless both pools use the same store, enter it again, or sign in again, and delete it there by hand */
            leftBehind: {
                /** @enum {string} */
                kind: "secret" | "credentials" | "sign-in";
                name: string;
            }[];
        };
        McpServerConfig: {
            /** @enum {string} */
            mode: "SMART" | "NORMAL";
            tools: {
                name: string;
                description?: string;
                inputSchema: {
                    [key: string]: unknown;
                };
            }[];
            externalMcpConfigs: components["schemas"]["ReportedExternalMcpServer"][];
            selectedTools: string[];
            /** @description The tools that clients see in mode SMART, with which they find and call `tools`; their schemas are in `tools/list` */
            metaTools: string[];
            /** @description Selected tools that have another name here than on their own server, because another tool has that name */
            renamed: {
                slug: string;
                name: string;
            }[];
            /** @description Slugs of selected tools that are not in the catalogue now: clients do not see them until they return */
            missing: string[];
            /** @description Selected tools for which no name is available on this server */
            leftOut: {
                slug: string;
                reason: string;
            }[];
            /** @description For a public server: slugs of selected tools that anybody can call here, with the secrets and connections of a server that itself requires a key */
            exposed: string[];
            /** @description Secrets that the deployment and the attached servers use but that are not set: such calls fail */
            missingSecrets: {
                name: string;
                usedBy: {
                    tool: string;
                    steps: string[];
                }[];
                /** @description Hosts to which it would be sent, if known before a call */
                hosts: string[];
            }[];
            /** @description Advice on the names and the number of the tools that clients see */
            diagnostics: components["schemas"]["Diagnostic"][];
        };
        ReportedExternalMcpServer: {
            name: string;
            url: string;
            /** @enum {string|null} */
            transport: "http" | "sse" | null;
            /** @description The values are never returned */
            headerNames: string[];
            tools: string[];
            prefix: string;
            /** @enum {string} */
            pin: "review" | "strict";
            allow: ("elicitation" | "sampling" | "roots")[];
            timeoutMs: number;
            maxOutputBytes: number;
            /**
             * @description Result of the last check; a failed check is repeated soon
             * @enum {string}
             */
            state: "ok" | "unreachable" | "failed";
            message: string | null;
            /** @description The platform's sign-in to it, for all callers of its tools */
            authorization: {
                /**
                 * @description `needed`: it refused the last check, and somebody has to sign in, perhaps again
                 * @enum {string}
                 */
                state: "none" | "needed" | "signed_in";
                /** Format: date-time */
                signedInAt: string | null;
                /** @description Issuer of the token */
                issuer: string | null;
                /** @description Scope of the token */
                scope: string | null;
            };
            /** Format: date-time */
            checkedAt: string | null;
            /** @description Names of tools that are new or were changed since their approval */
            toReview: string[];
            reviewed: {
                /** @description Name at its server */
                name: string;
                /** @description Name on this server; null: clients do not see it */
                exposedAs: string | null;
                /** @enum {string} */
                status: "approved" | "changed" | "new" | "missing" | "left_out";
                reason?: string;
                /** @description Digest of what its server declares now, to approve exactly that */
                digest?: string;
                /** @description `hidden`: invisible characters were removed from its texts; `cut`: its texts were too long and were cut */
                flags?: ("hidden" | "cut")[];
                /** @description For a tool that is changed or new: what is to be approved */
                changes?: {
                    /** @enum {string} */
                    member: "title" | "description" | "inputSchema" | "outputSchema" | "annotations";
                    before?: unknown;
                    now?: unknown;
                }[];
            }[];
            /** @description Prompts and resources that are not offered */
            leftOut: {
                /** @enum {string} */
                kind: "tool" | "prompt" | "resource" | "resourceTemplate";
                name: string;
                reason: string;
            }[];
        };
        LoadedTools: {
            server: {
                name: string;
                title?: string;
                version: string;
            };
            /** @enum {string} */
            era: "modern" | "legacy";
            /** @enum {string} */
            transport: "http" | "sse";
            tools: {
                name: string;
                title?: string;
                description?: string;
                inputSchema: {
                    [key: string]: unknown;
                };
                outputSchema?: {
                    [key: string]: unknown;
                };
                annotations?: {
                    [key: string]: unknown;
                };
                /** @description `hidden`: invisible characters were removed from its texts; `cut`: its texts were too long and were cut */
                flags?: ("hidden" | "cut")[];
            }[];
            promptsCount: number;
            resourcesCount: number;
            leftOut: {
                /** @enum {string} */
                kind: "tool" | "prompt" | "resource" | "resourceTemplate";
                name: string;
                reason: string;
            }[];
            /** Format: date-time */
            loadedAt: string;
            isCached: boolean;
        };
        ExternalSignIn: {
            /**
             * Format: uri
             * @description Where a person signs in
             */
            authorizationUrl: string;
            /** Format: date-time */
            expiresAt: string;
        };
        DuplicatedMcpServer: {
            id: string;
            slug: string;
            name: string;
            description: string | null;
            /**
             * Format: uri
             * @description The MCP endpoint
             */
            url: string;
            /** @enum {string} */
            state: "stopped" | "running" | "errored";
            /** @description Somebody stopped it: it offers nothing until it is started */
            isStopped: boolean;
            isArchived: boolean;
            /** @enum {string} */
            mode: "SMART" | "NORMAL";
            /** @description The pool of data planes; only these run its calls and have its secrets; null: the default pool */
            pool: string | null;
            isPublic: boolean;
            config: {
                allowedHosts: string[];
                allowSharedConnections: boolean;
            };
            /** @description The owner's own authorization server; null: tokens of the platform's server are accepted */
            oauth: {
                /** @description Exactly as in its metadata and in the `iss` of its tokens */
                issuer: string;
                /**
                 * @description `jwt`: verified with the keys of the issuer. `opaque`: sent to its UserInfo endpoint
                 * @default jwt
                 * @enum {string}
                 */
                tokens: "jwt" | "opaque";
                /** @description For `jwt`: URL of its keys. Absent: the URL in its metadata */
                jwksUri?: string;
                /** @description For `opaque`. Absent: the URL in its metadata */
                userinfoEndpoint?: string;
                /** @description For `jwt`: the value that `aud` must be or contain. Absent: the URL of the server, `…/mcp/{id}` */
                audience?: string;
                /**
                 * @description For `jwt`: the maximum age of a token; an older token is refused even if it has not expired
                 * @default 3600
                 */
                maxTokenAgeSeconds: number;
                /** @description For `jwt`: what the issuer calls the scopes `tools:read` and `tools:call`. A scope that is left out is not required */
                scopes?: {
                    read?: string;
                    call?: string;
                };
                /** @description The claims with the user and the groups of the user. Absent: `sub` and `groups` */
                claims?: {
                    username?: string;
                    groups?: string;
                };
            } | null;
            sourceServers: {
                [key: string]: string;
            };
            selectedTools: string[];
            /** @description Incremented by each change; send it with a change to detect changes by others */
            version: number;
            activeDeploymentId: string | null;
            /** @description The connector instance to which the server belongs; only the instance decides what it runs */
            connectorInstanceId: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description Selected tools that have another name here than on their own server, because another tool has that name */
            renamed: {
                slug: string;
                name: string;
            }[];
            /** @description Slugs of selected tools that are not in the catalogue now: clients do not see them until they return */
            missing: string[];
            /** @description Selected tools for which no name is available on this server */
            leftOut: {
                slug: string;
                reason: string;
            }[];
            /** @description For a public server: slugs of selected tools that anybody can call here, with the secrets and connections of a server that itself requires a key */
            exposed: string[];
            externalMcpConfigs: components["schemas"]["ExternalMcpServer"][];
            /** @description Names of the secrets of the original, whose values are not copied */
            secretsToSet: string[];
            /** @description Advice on the tools that clients see, and on the document that runs */
            diagnostics: components["schemas"]["Diagnostic"][];
        };
        McpServerPolicy: {
            /** @description `null`: there is none, so nothing is denied */
            policy: {
                /**
                 * @default allow
                 * @enum {string}
                 */
                unmatched: "allow" | "deny";
                /** @default [] */
                rules: {
                    id: string;
                    description?: string;
                    /** @enum {string} */
                    effect: "allow" | "deny" | "approve";
                    tools?: {
                        names?: string[];
                        toolkits?: string[];
                        annotations?: {
                            readOnlyHint?: boolean;
                            destructiveHint?: boolean;
                            idempotentHint?: boolean;
                            openWorldHint?: boolean;
                        };
                    };
                    callers?: {
                        kinds?: ("key" | "token" | "anonymous")[];
                        keys?: string[];
                        agents?: string[];
                        users?: string[];
                        groups?: string[];
                        claims?: {
                            [key: string]: string[];
                        };
                    };
                    /** @description JSON Schema 2020-12 against which the arguments of a call must be valid for the rule to match */
                    arguments?: {
                        [key: string]: unknown;
                    };
                    times?: {
                        days?: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
                        from?: string;
                        to?: string;
                        /** @default UTC */
                        timezone: string;
                    };
                    approval?: {
                        /**
                         * @default workspace
                         * @enum {string}
                         */
                        by: "user" | "workspace";
                        /** @default 900 */
                        validSeconds: number;
                    };
                }[];
                /** @default [] */
                limits: {
                    id: string;
                    description?: string;
                    tools?: {
                        names?: string[];
                        toolkits?: string[];
                        annotations?: {
                            readOnlyHint?: boolean;
                            destructiveHint?: boolean;
                            idempotentHint?: boolean;
                            openWorldHint?: boolean;
                        };
                    };
                    callers?: {
                        kinds?: ("key" | "token" | "anonymous")[];
                        keys?: string[];
                        agents?: string[];
                        users?: string[];
                        groups?: string[];
                        claims?: {
                            [key: string]: string[];
                        };
                    };
                    /** @enum {string} */
                    per: "caller" | "user" | "agent" | "server";
                    calls?: {
                        max: number;
                        seconds: number;
                    };
                    concurrent?: number;
                }[];
            } | null;
            /** @description Incremented by each change; send it with a change to detect changes by others */
            version: number;
        };
        ReplacedMcpServerPolicy: {
            /** @description `null`: there is none, so nothing is denied */
            policy: {
                /**
                 * @default allow
                 * @enum {string}
                 */
                unmatched: "allow" | "deny";
                /** @default [] */
                rules: {
                    id: string;
                    description?: string;
                    /** @enum {string} */
                    effect: "allow" | "deny" | "approve";
                    tools?: {
                        names?: string[];
                        toolkits?: string[];
                        annotations?: {
                            readOnlyHint?: boolean;
                            destructiveHint?: boolean;
                            idempotentHint?: boolean;
                            openWorldHint?: boolean;
                        };
                    };
                    callers?: {
                        kinds?: ("key" | "token" | "anonymous")[];
                        keys?: string[];
                        agents?: string[];
                        users?: string[];
                        groups?: string[];
                        claims?: {
                            [key: string]: string[];
                        };
                    };
                    /** @description JSON Schema 2020-12 against which the arguments of a call must be valid for the rule to match */
                    arguments?: {
                        [key: string]: unknown;
                    };
                    times?: {
                        days?: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
                        from?: string;
                        to?: string;
                        /** @default UTC */
                        timezone: string;
                    };
                    approval?: {
                        /**
                         * @default workspace
                         * @enum {string}
                         */
                        by: "user" | "workspace";
                        /** @default 900 */
                        validSeconds: number;
                    };
                }[];
                /** @default [] */
                limits: {
                    id: string;
                    description?: string;
                    tools?: {
                        names?: string[];
                        toolkits?: string[];
                        annotations?: {
                            readOnlyHint?: boolean;
                            destructiveHint?: boolean;
                            idempotentHint?: boolean;
                            openWorldHint?: boolean;
                        };
                    };
                    callers?: {
                        kinds?: ("key" | "token" | "anonymous")[];
                        keys?: string[];
                        agents?: string[];
                        users?: string[];
                        groups?: string[];
                        claims?: {
                            [key: string]: string[];
                        };
                    };
                    /** @enum {string} */
                    per: "caller" | "user" | "agent" | "server";
                    calls?: {
                        max: number;
                        seconds: number;
                    };
                    concurrent?: number;
                }[];
            } | null;
            /** @description Incremented by each change; send it with a change to detect changes by others */
            version: number;
            /** @description What does not exist at present: tools, toolkits, keys, agents and arguments */
            warnings: {
                path: string;
                message: string;
                suggestions: string[];
            }[];
        };
        Policy: {
            /**
             * @default allow
             * @enum {string}
             */
            unmatched?: "allow" | "deny";
            /** @default [] */
            rules?: {
                id: string;
                description?: string;
                /** @enum {string} */
                effect: "allow" | "deny" | "approve";
                tools?: {
                    names?: string[];
                    toolkits?: string[];
                    annotations?: {
                        readOnlyHint?: boolean;
                        destructiveHint?: boolean;
                        idempotentHint?: boolean;
                        openWorldHint?: boolean;
                    };
                };
                callers?: {
                    kinds?: ("key" | "token" | "anonymous")[];
                    keys?: string[];
                    agents?: string[];
                    users?: string[];
                    groups?: string[];
                    claims?: {
                        [key: string]: string[];
                    };
                };
                /** @description JSON Schema 2020-12 against which the arguments of a call must be valid for the rule to match */
                arguments?: {
                    [key: string]: unknown;
                };
                times?: {
                    days?: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
                    from?: string;
                    to?: string;
                    /** @default UTC */
                    timezone?: string;
                };
                approval?: {
                    /**
                     * @default workspace
                     * @enum {string}
                     */
                    by?: "user" | "workspace";
                    /** @default 900 */
                    validSeconds?: number;
                };
            }[];
            /** @default [] */
            limits?: {
                id: string;
                description?: string;
                tools?: {
                    names?: string[];
                    toolkits?: string[];
                    annotations?: {
                        readOnlyHint?: boolean;
                        destructiveHint?: boolean;
                        idempotentHint?: boolean;
                        openWorldHint?: boolean;
                    };
                };
                callers?: {
                    kinds?: ("key" | "token" | "anonymous")[];
                    keys?: string[];
                    agents?: string[];
                    users?: string[];
                    groups?: string[];
                    claims?: {
                        [key: string]: string[];
                    };
                };
                /** @enum {string} */
                per: "caller" | "user" | "agent" | "server";
                calls?: {
                    max: number;
                    seconds: number;
                };
                concurrent?: number;
            }[];
        };
        PolicyExplanation: {
            /** @enum {string} */
            decision: "allow" | "deny" | "approve";
            /**
             * @description What decided
             * @enum {string}
             */
            by: "key" | "user" | "server" | "tool" | "arguments" | "policy" | "originPolicy";
            /** @description The rule that decided; `null`: no rule matched or was evaluated */
            rule: {
                id: string;
                description: string | null;
                /** @description The server whose policy has the rule */
                serverId: string;
            } | null;
            /** @description Who decides, if the call needs an approval */
            approval: {
                /** @enum {string} */
                by: "user" | "workspace";
                validSeconds: number;
            } | null;
            /** @description Whether this caller sees the tool in lists */
            listed: boolean;
            /** @description Limits that apply in addition */
            limits: {
                id: string;
                description?: string;
                tools?: {
                    names?: string[];
                    toolkits?: string[];
                    annotations?: {
                        readOnlyHint?: boolean;
                        destructiveHint?: boolean;
                        idempotentHint?: boolean;
                        openWorldHint?: boolean;
                    };
                };
                callers?: {
                    kinds?: ("key" | "token" | "anonymous")[];
                    keys?: string[];
                    agents?: string[];
                    users?: string[];
                    groups?: string[];
                    claims?: {
                        [key: string]: string[];
                    };
                };
                /** @enum {string} */
                per: "caller" | "user" | "agent" | "server";
                calls?: {
                    max: number;
                    seconds: number;
                };
                concurrent?: number;
                serverId: string;
            }[];
            /** @description All checks in their order: the first that denies decides */
            reasons: {
                /** @enum {string} */
                check: "key" | "user" | "server" | "tool" | "arguments" | "policy" | "originPolicy";
                /** @enum {string} */
                decision: "allow" | "deny" | "approve";
                message: string;
                rule: {
                    id: string;
                    description: string | null;
                    /** @description The server whose policy has the rule */
                    serverId: string;
                } | null;
            }[];
        };
        Approval: {
            id: string;
            workspaceId: string;
            /** @description The server whose policy requires the approval */
            serverId: string;
            /** @description The name of the tool at that server */
            tool: string;
            /** @description Id of the rule */
            rule: string;
            /** @description The same id as in the answer that the caller got */
            request: string;
            /**
             * @description `expired`: nobody decided within 24 hours after the last attempt of the call
             * @enum {string}
             */
            state: "pending" | "approved" | "denied" | "expired";
            caller: {
                /** @enum {string} */
                kind: "key" | "token" | "anonymous";
                keyId: string | null;
                agentId: string | null;
                username: string | null;
                clientId: string | null;
            };
            /** @description Names only: the values stay at the edge */
            argumentNames: string[];
            /** @description How long the call may be made after its approval */
            validSeconds: number;
            /** Format: date-time */
            requestedAt: string;
            /**
             * Format: date-time
             * @description When the call was last attempted
             */
            askedAt: string;
            /**
             * Format: date-time
             * @description The end of the time for a decision
             */
            expiresAt: string;
            /** Format: date-time */
            decidedAt: string | null;
            /** @description Id of an API key or of a person */
            decidedBy: {
                /** @enum {string} */
                kind: "key" | "person";
                id: string;
            } | null;
            reason: string | null;
            /**
             * Format: date-time
             * @description The end of the time for which the decision holds
             */
            validUntil: string | null;
        };
        OpenedDebugSession: {
            id: string;
            server_id: string;
            /** @enum {string} */
            state: "open" | "ended";
            environment: {
                hosts?: {
                    [key: string]: string;
                };
                secrets?: {
                    [key: string]: string;
                };
            } | null;
            opened_by: {
                /** @enum {string} */
                kind: "key" | "person";
                id: string;
            };
            /** Format: date-time */
            opened_at: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: date-time */
            ended_at: string | null;
            /** @description null: nobody did */
            ended_by: {
                /** @enum {string} */
                kind: "key" | "person";
                id: string;
            } | null;
            /**
             * @description `revoked`: the person or key that opened it lost the permission; `server_deleted`: its server was deleted; `server_moved`: its server moved to a pool
             * @enum {string|null}
             */
            end_reason: "stopped" | "expired" | "revoked" | "server_deleted" | "server_moved" | null;
            /** @description Shown only now. With this token, tools run at `run_url` */
            token: string;
            /** @description Replace `{tool}` with the name of a tool */
            run_url: string;
        };
        DebugSession: {
            id: string;
            server_id: string;
            /** @enum {string} */
            state: "open" | "ended";
            environment: {
                hosts?: {
                    [key: string]: string;
                };
                secrets?: {
                    [key: string]: string;
                };
            } | null;
            opened_by: {
                /** @enum {string} */
                kind: "key" | "person";
                id: string;
            };
            /** Format: date-time */
            opened_at: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: date-time */
            ended_at: string | null;
            /** @description null: nobody did */
            ended_by: {
                /** @enum {string} */
                kind: "key" | "person";
                id: string;
            } | null;
            /**
             * @description `revoked`: the person or key that opened it lost the permission; `server_deleted`: its server was deleted; `server_moved`: its server moved to a pool
             * @enum {string|null}
             */
            end_reason: "stopped" | "expired" | "revoked" | "server_deleted" | "server_moved" | null;
        };
        SeenCall: {
            call_id: string;
            /** @description The server to which the tool belongs */
            server_id?: string;
            tool?: string;
            /**
             * @description `debugger`: you
             * @enum {string}
             */
            caller?: "key" | "token" | "anonymous" | "debugger";
            /** Format: date-time */
            started_at: string;
            events: number;
            /**
             * @description Absent: it has not ended
             * @enum {string}
             */
            outcome?: "done" | "not_started" | "unknown" | "input_required";
            /** @enum {string} */
            code?: "invalid_request" | "unauthenticated" | "insufficient_scope" | "forbidden" | "not_found" | "method_not_allowed" | "request_timeout" | "conflict" | "quota_exceeded" | "payload_too_large" | "unsupported_media_type" | "misdirected_request" | "invalid_document" | "rate_limited" | "internal" | "config_unavailable" | "tenant_busy" | "queue_full" | "queue_unavailable" | "queue_restarted" | "shutting_down" | "deadline_exceeded" | "cancelled" | "worker_lost" | "incompatible" | "policy_denied" | "approval_required" | "approval_declined" | "idempotency_mismatch" | "client_capability_missing" | "input_declined" | "invalid_input_response" | "invalid_arguments" | "loop_limit" | "step_failed" | "no_action_matched" | "upstream_unreachable" | "upstream_busy" | "upstream_paused" | "upstream_timeout" | "upstream_bad_response" | "response_too_large" | "redirect_refused" | "egress_denied" | "invalid_upstream_request" | "external_server_unavailable" | "external_server_failed" | "external_sign_in_needed" | "secret_missing" | "secret_unavailable" | "secret_store_read_only" | "secret_host_denied" | "credentials_missing" | "credentials_refused" | "output_too_large" | "expression_failed";
            duration_ms?: number;
        };
        CallTrace: {
            /** @enum {string} */
            type: "flow.run";
            flow_id: string;
            duration_ms: number;
            children: ({
                /** @enum {string} */
                type: "flow.run" | "step.run";
            } & {
                [key: string]: unknown;
            })[];
        } & {
            [key: string]: unknown;
        };
        Replay: {
            matches: boolean;
            /**
             * @description `diverged`: the run ended where the recording has no answer for it
             * @enum {string}
             */
            outcome: "done" | "not_started" | "unknown" | "input_required" | "diverged";
            outputs?: unknown;
            error?: {
                /** @enum {string} */
                code: "invalid_request" | "unauthenticated" | "insufficient_scope" | "forbidden" | "not_found" | "method_not_allowed" | "request_timeout" | "conflict" | "quota_exceeded" | "payload_too_large" | "unsupported_media_type" | "misdirected_request" | "invalid_document" | "rate_limited" | "internal" | "config_unavailable" | "tenant_busy" | "queue_full" | "queue_unavailable" | "queue_restarted" | "shutting_down" | "deadline_exceeded" | "cancelled" | "worker_lost" | "incompatible" | "policy_denied" | "approval_required" | "approval_declined" | "idempotency_mismatch" | "client_capability_missing" | "input_declined" | "invalid_input_response" | "invalid_arguments" | "loop_limit" | "step_failed" | "no_action_matched" | "upstream_unreachable" | "upstream_busy" | "upstream_paused" | "upstream_timeout" | "upstream_bad_response" | "response_too_large" | "redirect_refused" | "egress_denied" | "invalid_upstream_request" | "external_server_unavailable" | "external_server_failed" | "external_sign_in_needed" | "secret_missing" | "secret_unavailable" | "secret_store_read_only" | "secret_host_denied" | "credentials_missing" | "credentials_refused" | "output_too_large" | "expression_failed";
                message: string;
            };
            trace: components["schemas"]["CallTrace"];
            differences: {
                /** @enum {string} */
                kind: "unanswered" | "unasked" | "request" | "action" | "error" | "outcome" | "outputs";
                /** @description The step with those that led to it; absent: the whole call */
                step?: string;
                attempt?: number;
                index?: number;
                /** @description JSON Pointer into the request or the outputs */
                pointer?: string;
                message: string;
                recorded?: unknown;
                replayed?: unknown;
            }[];
            differences_left_out?: number;
        };
        Recording: {
            /** @enum {string} */
            format: "toolplane-recording";
            /** @enum {number} */
            version: 1;
            tool: string;
            plan_digest: string;
            /** @enum {string} */
            outcome: "done" | "not_started" | "unknown" | "input_required";
        } & {
            [key: string]: unknown;
        };
        RejectedDocument: {
            /** @enum {boolean} */
            success: false;
            error: {
                /** @enum {string} */
                code: "invalid_document";
                message: string;
            };
            message: string;
            errors: {
                raw_definition: string[];
            };
            diagnostics: components["schemas"]["Diagnostic"][];
        };
        Deployment: {
            id: string;
            serverId: string;
            /**
             * @description `deployed`: it ran and was superseded
             * @enum {string}
             */
            state: "deploying" | "active" | "deployed" | "errored";
            /** @description Why it is `errored`, in the words shown to the person who deployed it */
            error: {
                code: string;
                message: string;
                details?: unknown;
            } | null;
            /** Format: date-time */
            createdAt: string;
        };
        DeploymentWithSource: {
            id: string;
            serverId: string;
            /**
             * @description `deployed`: it ran and was superseded
             * @enum {string}
             */
            state: "deploying" | "active" | "deployed" | "errored";
            /** @description Why it is `errored`, in the words shown to the person who deployed it */
            error: {
                code: string;
                message: string;
                details?: unknown;
            } | null;
            /** Format: date-time */
            createdAt: string;
            definition: string;
            references: {
                name: string;
                content: string;
                location: string;
                /** @description SHA-256 of the content in UTF-8, in hex; absent in old deployments */
                sha256?: string;
                /**
                 * Format: date-time
                 * @description Absent: the document was sent with the deployment
                 */
                fetchedAt?: string;
            }[];
        };
        Validation: {
            valid: boolean;
            diagnostics: components["schemas"]["Diagnostic"][];
        };
        /** @description Everything that can be read about a secret: its value never leaves the data plane */
        Secret: {
            name: string;
            /** @description Hosts to which it may be sent */
            hosts: string[];
            /** @description The version in use */
            version: number;
            newestVersion: number;
            /** @description If true, the version in use stays the same when new ones are stored */
            isPinned: boolean;
            /** @description Values of fewer than 8 characters are too short to be found in texts */
            isRedactable: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /**
             * Format: date-time
             * @description Up to some seconds late; null: never
             */
            lastUsedAt: string | null;
        };
        SecretDetails: {
            name: string;
            /** @description Hosts to which it may be sent */
            hosts: string[];
            /** @description The version in use */
            version: number;
            newestVersion: number;
            /** @description If true, the version in use stays the same when new ones are stored */
            isPinned: boolean;
            /** @description Values of fewer than 8 characters are too short to be found in texts */
            isRedactable: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /**
             * Format: date-time
             * @description Up to some seconds late; null: never
             */
            lastUsedAt: string | null;
            /** @description All stored versions, newest first */
            versions: components["schemas"]["SecretVersion"][];
            /** @description The running deployment; null: nothing runs, so nothing uses the secret */
            deploymentId: string | null;
            /** @description Tools of this deployment and of external servers, `prompt:…` and `resource:…`, with the steps that send the secret or get a token with it */
            usedBy: {
                tool: string;
                steps: string[];
            }[];
            /** @description Hosts to which running tools would send it although it was not sealed for them: such calls fail */
            uncovered: {
                tool: string;
                step: string;
                host: string;
            }[];
        };
        SecretVersion: {
            version: number;
            /** @description Hosts to which it may be sent */
            hosts: string[];
            /** @description Values of fewer than 8 characters are too short to be found in texts */
            isRedactable: boolean;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it is deleted; null for the version in use and for the newest
             */
            retiresAt: string | null;
            /**
             * Format: date-time
             * @description Up to some seconds late; null: never
             */
            lastUsedAt: string | null;
        };
        StoredSecret: {
            name: string;
            /** @description Hosts to which it may be sent */
            hosts: string[];
            /** @description The version in use */
            version: number;
            newestVersion: number;
            /** @description If true, the version in use stays the same when new ones are stored */
            isPinned: boolean;
            /** @description Values of fewer than 8 characters are too short to be found in texts */
            isRedactable: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /**
             * Format: date-time
             * @description Up to some seconds late; null: never
             */
            lastUsedAt: string | null;
            /** @description Hosts to which running tools would send it although it was not sealed for them: such calls fail */
            uncovered: {
                tool: string;
                step: string;
                host: string;
            }[];
        };
        RejectedDescriptor: {
            /** @enum {boolean} */
            success: false;
            error: {
                /** @enum {string} */
                code: "invalid_document";
                message: string;
            };
            /** @description Every violation, with its place */
            diagnostics: components["schemas"]["Diagnostic"][];
        };
        ConnectorVersion: {
            version: string;
            /** @description SHA-256 of the descriptor in UTF-8, in hex */
            sha256: string;
            tools_count: number;
            /** @description Instances follow this version */
            is_active: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            deprecated_at: string | null;
            deprecation_message: string | null;
        };
        Connector: {
            id: string;
            slug: string;
            name: string;
            description: string;
            publisher: string | null;
            categories: ("database" | "file_storage" | "saas" | "messaging" | "analytics" | "custom")[];
            tags: string[];
            tools_count: number;
            /** @description The active version, or the highest when all are deprecated */
            version: string;
            /** @description Null: no new instances can be created */
            active_version: string | null;
            /** Format: date-time */
            created_at: string;
        };
        ConnectorDetail: {
            id: string;
            slug: string;
            name: string;
            description: string;
            publisher: string | null;
            categories: ("database" | "file_storage" | "saas" | "messaging" | "analytics" | "custom")[];
            tags: string[];
            tools_count: number;
            /** @description The active version, or the highest when all are deprecated */
            version: string;
            /** @description Null: no new instances can be created */
            active_version: string | null;
            /** Format: date-time */
            created_at: string;
            summary?: string;
            documentation_url?: string;
            /** @description What an instance configures */
            configuration: components["schemas"]["ConnectorField"][];
            /** @description The ways to sign in */
            authentication: {
                /** @description `auth_type` of instances and credentials */
                id: string;
                /** @enum {string} */
                type: "none" | "api_key" | "bearer" | "basic" | "oauth2_client_credentials" | "oauth2_authorization_code" | "oauth2_token_exchange" | "custom";
                /** @description Including the fields that the type implies */
                fields: components["schemas"]["ConnectorField"][];
                scopes?: string[];
                has_test: boolean;
            }[];
            operations_count: number;
            tools: {
                name: string;
                description: string;
                operation_id: string;
                is_read_only: boolean;
            }[];
            rate_limits: {
                /** @enum {string} */
                scope: "per_account" | "per_instance" | "per_user" | "per_token";
                limit: number;
                interval_seconds: number;
            }[];
            /** @description What the API declares */
            sla?: {
                availability_percentage?: number;
                latency_ms_p95?: number;
            };
            capabilities?: {
                [key: string]: unknown;
            };
            database_config?: {
                [key: string]: unknown;
            };
            mcp_config: {
                enabled: boolean;
                server_name?: string;
                server_description?: string;
            };
        };
        /** @description What a form asks for */
        ConnectorField: {
            key: string;
            label?: string;
            /** @enum {string} */
            field_type: "string" | "secret" | "number" | "boolean" | "url" | "select";
            required: boolean;
            secret?: boolean;
            default_value?: string | number | boolean;
            description?: string;
            options?: string[];
        };
        ConnectorVersionDetail: {
            version: string;
            /** @description SHA-256 of the descriptor in UTF-8, in hex */
            sha256: string;
            tools_count: number;
            /** @description Instances follow this version */
            is_active: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            deprecated_at: string | null;
            deprecation_message: string | null;
            summary?: string;
            documentation_url?: string;
            /** @description What an instance configures */
            configuration: components["schemas"]["ConnectorField"][];
            /** @description The ways to sign in */
            authentication: {
                /** @description `auth_type` of instances and credentials */
                id: string;
                /** @enum {string} */
                type: "none" | "api_key" | "bearer" | "basic" | "oauth2_client_credentials" | "oauth2_authorization_code" | "oauth2_token_exchange" | "custom";
                /** @description Including the fields that the type implies */
                fields: components["schemas"]["ConnectorField"][];
                scopes?: string[];
                has_test: boolean;
            }[];
            operations_count: number;
            tools: {
                name: string;
                description: string;
                operation_id: string;
                is_read_only: boolean;
            }[];
            rate_limits: {
                /** @enum {string} */
                scope: "per_account" | "per_instance" | "per_user" | "per_token";
                limit: number;
                interval_seconds: number;
            }[];
            /** @description What the API declares */
            sla?: {
                availability_percentage?: number;
                latency_ms_p95?: number;
            };
            capabilities?: {
                [key: string]: unknown;
            };
            database_config?: {
                [key: string]: unknown;
            };
            mcp_config: {
                enabled: boolean;
                server_name?: string;
                server_description?: string;
            };
            /** @description Exactly as registered */
            descriptor: string;
        };
        ConnectorInstance: {
            id: string;
            connector: string;
            /** @description The version of the connector that is deployed */
            version: string | null;
            /** @description Null: for all workspaces of the organization */
            workspace: string | null;
            /** @description The workspace in which it was created and in which its server is */
            home_workspace: string;
            /** @description The pool of the data planes for which its credentials are sealed; null: the default pool */
            pool: string | null;
            /** @description Hosts that its tools call and sign in at, if known before a call: seal credentials for these */
            hosts: string[];
            instance_name: string;
            description: string | null;
            configuration: {
                [key: string]: string | number | boolean;
            };
            auth_type: string;
            is_enabled: boolean;
            has_credentials: boolean;
            /** Format: date-time */
            last_tested_at: string | null;
            /**
             * @description Result for shared credentials. Pending: being tested, or not tested since the last change
             * @enum {string}
             */
            test_status: "success" | "failed" | "pending";
            test_message: string | null;
            /** @description Why the instance does not run the active version of its connector */
            deploy_message: string | null;
            /** @description Null where the connector offers no tools */
            server: {
                id: string;
                slug: string;
                /** Format: uri */
                url: string;
            } | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        ConnectionTest: {
            /** @enum {string} */
            status: "success" | "failed";
            message: string;
            /** @description Null: there was no answer */
            http_status: number | null;
        };
        /** @description Everything that can be read about credentials: their values stay in the data plane */
        ConnectorCredential: {
            /** @enum {string} */
            scope: "agent" | "user" | "workspace" | "organization";
            /** @description The workspace, user or agent; null for the organization */
            subject: string | null;
            auth_type: string;
            version: number;
            /** @description Hosts to which they may be sent */
            hosts: string[];
            /** @description Keys of the fields that have a value */
            fields: string[];
            /** @description False while a person must sign in before they can be used */
            is_usable: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /**
             * Format: date-time
             * @description When these replaced other ones that worked
             */
            replaced_at: string | null;
            /** @description Who had that done: id of a key, agent, person or user */
            replaced_by: string | null;
        };
        StoredConnectorCredential: {
            /** @enum {string} */
            scope: "agent" | "user" | "workspace" | "organization";
            /** @description The workspace, user or agent; null for the organization */
            subject: string | null;
            auth_type: string;
            version: number;
            /** @description Hosts to which they may be sent */
            hosts: string[];
            /** @description Keys of the fields that have a value */
            fields: string[];
            /** @description False while a person must sign in before they can be used */
            is_usable: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /**
             * Format: date-time
             * @description When these replaced other ones that worked
             */
            replaced_at: string | null;
            /** @description Who had that done: id of a key, agent, person or user */
            replaced_by: string | null;
            /** @description Hosts that tools call but for which the credentials were not sealed */
            warnings: string[];
        };
        ConnectorAuthorization: {
            /**
             * Format: uri
             * @description Where the person signs in
             */
            authorization_url: string;
            /** Format: date-time */
            expires_at: string;
        };
        CatalogueTool: {
            /** @description `<toolkit>.<tool>` */
            slug: string;
            name: string;
            title: string | null;
            description: string | null;
            toolkit: string;
            read_only: boolean;
            /**
             * @description Of an external server, and approved by nobody yet
             * @enum {boolean}
             */
            unreviewed?: true;
            /**
             * @description `active`: shared credentials exist; `not_connected`: only callers with their own credentials can use it
             * @enum {string}
             */
            connection: "active" | "not_connected" | "not_required";
            /** @description Null: the server belongs to an organization instance in another workspace, and servers of this workspace offer its tools */
            server: {
                id: string;
                slug: string;
            } | null;
            input_schema?: {
                [key: string]: unknown;
            };
        };
        Toolkit: {
            /** @description Slug of the connector, id of the document or name of the external server, with a number if several share it; a slug is never reused for something else */
            slug: string;
            name: string;
            description: string | null;
            /** @enum {string} */
            kind: "connector" | "workflow" | "external";
            version?: string;
            categories: ("database" | "file_storage" | "saas" | "messaging" | "analytics" | "custom")[];
            tools_count: number;
            /**
             * @description `active`: shared credentials exist; `not_connected`: only callers with their own credentials can use it
             * @enum {string}
             */
            connection: "active" | "not_connected" | "not_required";
            instance_id?: string;
            instance_name?: string;
            /** @description Slug */
            connector?: string;
            /** @description Null: the server belongs to an organization instance in another workspace, and servers of this workspace offer its tools */
            server: {
                id: string;
                slug: string;
            } | null;
            /** @description What the API declares */
            sla?: {
                availability_percentage?: number;
                latency_ms_p95?: number;
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    createOrganization: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @default default */
                    workspaceName?: string;
                };
            };
        };
        responses: {
            /** @description Created. The key is shown only now */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            organization: components["schemas"]["Organization"];
                            workspace: components["schemas"]["Workspace"];
                            apiKey: components["schemas"]["ShownApiKey"];
                        };
                    };
                };
            };
        };
    };
    listWorkspaces: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of workspaces, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Workspace"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    createWorkspace: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Workspace"];
                    };
                };
            };
        };
    };
    getWorkspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workspace */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Workspace"];
                    };
                };
            };
        };
    };
    changeWorkspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description How an unknown `x-username` is handled: as a new external user, or with 404
                     * @enum {string}
                     */
                    unknownUsers?: "create" | "refuse";
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Workspace"];
                    };
                };
            };
        };
    };
    getEgressRules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rules */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["EgressRules"];
                    };
                };
            };
        };
    };
    putEgressRules: {
        parameters: {
            query?: never;
            header?: {
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Only these; `null`: all */
                    allowHosts: string[] | null;
                    /** @description Hosts that are never allowed, even if they are in the allowed list */
                    denyHosts: string[];
                    version?: number;
                };
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["EgressRules"];
                    };
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description Signed in, or waiting for the second factor */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SignedIn"];
                    };
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Session"];
                    };
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    current: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description Changed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listSessions: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the open sessions, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ShownSession"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listSsoConnections: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of connections, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SsoConnection"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    createSsoConnection: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    issuer: string;
                    clientId: string;
                    /** @description The client secret, sealed for the host of the token endpoint */
                    sealed?: string;
                    /** @description Domains of the e-mail addresses for which the issuer may vouch */
                    domains: string[];
                    /**
                     * @description Role of new members
                     * @default viewer
                     * @enum {string}
                     */
                    defaultRole?: "viewer" | "maintainer" | "admin";
                    /**
                     * @description Members with an address in these domains cannot use a password, except for owners
                     * @default false
                     */
                    isEnforced?: boolean;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SsoConnection"];
                    };
                };
            };
        };
    };
    getSsoConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Never its secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SsoConnection"];
                    };
                };
            };
        };
    };
    deleteSsoConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    changeSsoConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    clientId?: string;
                    /** @description The client secret, sealed for the host of the token endpoint */
                    sealed?: string;
                    /** @description Domains of the e-mail addresses for which the issuer may vouch */
                    domains?: string[];
                    /**
                     * @description Role of new members
                     * @enum {string}
                     */
                    defaultRole?: "viewer" | "maintainer" | "admin";
                    /** @description Members with an address in these domains cannot use a password, except for owners */
                    isEnforced?: boolean;
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SsoConnection"];
                    };
                };
            };
        };
    };
    findSingleSignOn: {
        parameters: {
            query: {
                domain: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `null`: they do not */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            issuerHost: string;
                            isEnforced: boolean;
                        } | null;
                    };
                };
            };
        };
    };
    startSingleSignOn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    /** @default /account */
                    returnTo?: string;
                };
            };
        };
        responses: {
            /** @description Where to sign in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            authorizationUrl: string;
                        };
                    };
                };
            };
        };
    };
    giveSecondFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    code?: string;
                    recoveryCode?: string;
                    passkey?: {
                        id: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description Signed in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SignedIn"];
                    };
                };
            };
        };
    };
    askForPasskey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description For `navigator.credentials.get` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
        };
    };
    listSecondFactors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SecondFactors"];
                    };
                };
            };
        };
    };
    beginTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Input for the app: a QR code as SVG, and the same as text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            id: string;
                            secret: string;
                            url: string;
                            qrCode: string;
                        };
                    };
                };
            };
        };
    };
    confirmTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    id: string;
                    code: string;
                    /** @default Authenticator app */
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Confirmed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /** @description Shown only now, with the first factor. Each replaces a second factor once */
                            recoveryCodes?: string[];
                        };
                    };
                };
            };
        };
    };
    beginPasskey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description For `navigator.credentials.create` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
        };
    };
    confirmPasskey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    response: {
                        id: string;
                    } & {
                        [key: string]: unknown;
                    };
                    /** @default Passkey */
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Confirmed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /** @description Shown only now, with the first factor. Each replaces a second factor once */
                            recoveryCodes?: string[];
                        };
                    };
                };
            };
        };
    };
    removeSecondFactor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    renewRecoveryCodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Shown only now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            codes: string[];
                        };
                    };
                };
            };
        };
    };
    listMembers: {
        parameters: {
            query?: {
                /** @description Role in the whole organization, which requires `workspaces:write`, or in this workspace */
                scope?: "organization" | "workspace";
                page?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of members, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Member"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    getMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["MemberRoles"];
                    };
                };
            };
        };
    };
    removeMember: {
        parameters: {
            query: {
                /** @description Role in the whole organization, which requires `workspaces:write`, or in this workspace */
                scope: "organization" | "workspace";
            };
            header?: never;
            path: {
                personId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    changeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Role in the whole organization, which requires `workspaces:write`, or in this workspace
                     * @enum {string}
                     */
                    scope: "organization" | "workspace";
                    /** @enum {string} */
                    role: "viewer" | "maintainer" | "admin" | "owner";
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Member"];
                    };
                };
            };
        };
    };
    listInvitations: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of invitations, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Invitation"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    createInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Role in the whole organization, which requires `workspaces:write`, or in this workspace
                     * @enum {string}
                     */
                    scope: "organization" | "workspace";
                    /** @enum {string} */
                    role: "viewer" | "maintainer" | "admin" | "owner";
                    email?: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            id: string;
                            organizationId: string;
                            /** @description `null`: an invitation to the whole organization */
                            workspaceId: string | null;
                            /** @enum {string} */
                            role: "viewer" | "maintainer" | "admin" | "owner";
                            /** @description The only address that may accept it; `null`: anybody with the link */
                            email: string | null;
                            /** @description Id of the person or the key */
                            invitedBy: string;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            expiresAt: string;
                            link: string;
                        };
                    };
                };
            };
        };
    };
    getInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invitation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Invitation"];
                    };
                };
            };
        };
    };
    withdrawInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdrawn */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    acceptInvitationAsNewcomer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                    name: string;
                    email: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description Accepted and signed in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SignedIn"];
                    };
                };
            };
        };
    };
    acceptInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listGrants: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of grants, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Grant"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    revokeGrant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listAgentClients: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of clients, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["AgentClient"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    createAgentClient: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description Created; the secret is shown only now */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["CreatedAgentClient"];
                    };
                };
            };
        };
    };
    deleteAgentClient: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                clientId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
                /** @description The agent to which the key belongs; the key works only while the agent is active */
                agentId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ApiKey"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    description?: string;
                    /**
                     * Format: date-time
                     * @description Absent: never, or when the key that creates it expires; no key creates one that outlives it
                     */
                    expiresAt?: string;
                    permissions?: ("tools:call" | "servers:read" | "servers:write" | "secrets:write" | "connectors:write" | "debug:write" | "api-keys:write" | "policies:write" | "approvals:write" | "agents:write" | "audit:read" | "members:write" | "workspaces:write" | "organization:write" | "organizations:write")[];
                    /** @description If `false`, the key may not name an external user in `x-username`; suitable for a key that is pasted into a client */
                    mayAssertUser?: boolean;
                    workspaceId?: string;
                    /** @description The agent to which the key belongs; the key works only while the agent is active */
                    agentId?: string;
                    /** @description Ids or names of servers of its workspace. Over MCP the key reaches no others; in this API it has at most `servers:read` */
                    allowedServers?: string[];
                    /** @description Names of tools, in which `*` stands for any characters; in this API the key has at most `servers:read` */
                    allowedTools?: string[];
                    /** @description IP addresses and networks such as `192.0.2.0/24`; requests from other addresses are refused */
                    allowedAddresses?: string[];
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ShownApiKey"];
                    };
                };
            };
        };
    };
    getCurrentApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ApiKey"];
                    };
                };
            };
        };
    };
    getApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ApiKey"];
                    };
                };
            };
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ApiKey"];
                    };
                };
            };
        };
    };
    changeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    name?: string;
                    description?: string | null;
                    /** Format: date-time */
                    expiresAt?: string | null;
                    permissions?: ("tools:call" | "servers:read" | "servers:write" | "secrets:write" | "connectors:write" | "debug:write" | "api-keys:write" | "policies:write" | "approvals:write" | "agents:write" | "audit:read" | "members:write" | "workspaces:write" | "organization:write" | "organizations:write")[];
                    /** @description If `false`, the key may not name an external user in `x-username`; suitable for a key that is pasted into a client */
                    mayAssertUser?: boolean;
                    /** @description The agent to which the key belongs; the key works only while the agent is active */
                    agentId?: string | null;
                    /** @description Ids or names of servers of its workspace. Over MCP the key reaches no others; in this API it has at most `servers:read` */
                    allowedServers?: string[] | null;
                    /** @description Names of tools, in which `*` stands for any characters; in this API the key has at most `servers:read` */
                    allowedTools?: string[] | null;
                    /** @description IP addresses and networks such as `192.0.2.0/24`; requests from other addresses are refused */
                    allowedAddresses?: string[] | null;
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ApiKey"];
                    };
                };
            };
        };
    };
    rotateApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default 86400 */
                    overlapSeconds?: number;
                    /**
                     * Format: date-time
                     * @description Expiry of the new key; absent: the same as for the old key
                     */
                    expiresAt?: string | null;
                };
            };
        };
        responses: {
            /** @description The new key */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ShownApiKey"];
                    };
                };
            };
        };
    };
    listAgents: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
                /** @description Part of the name */
                q?: string;
                isActive?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of agents, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    createAgent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    description?: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
        };
    };
    getAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The agent */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
        };
    };
    deleteAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    changeAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    name?: string;
                    description?: string | null;
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
        };
    };
    toggleAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The state that is meant. If it is omitted, the state becomes the opposite of what it is */
                    isActive?: boolean;
                };
            };
        };
        responses: {
            /** @description The agent as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
        };
    };
    listAuditEntries: {
        parameters: {
            query?: {
                workspaceId?: string;
                /** @description Id of a key, a person or an agent */
                actorId?: string;
                action?: string;
                outcome?: string;
                from?: string;
                to?: string;
                kind?: "begun" | "ended" | "event";
                /** @description `nextCursor` of the previous page */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of entries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["AuditEntry"][];
                        /** @description `cursor` of the next page; null: there is none */
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    exportAuditLog: {
        parameters: {
            query?: {
                workspaceId?: string;
                /** @description Id of a key, a person or an agent */
                actorId?: string;
                action?: string;
                outcome?: string;
                from?: string;
                to?: string;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One entry per line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
        };
    };
    getAuditHead: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            number: number;
                            hash: string;
                            /** Format: date-time */
                            at: string;
                            /** @description JWS by the key that signs publications */
                            signature: string;
                        };
                    };
                };
            };
        };
    };
    verifyAuditLog: {
        parameters: {
            query?: {
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether each entry follows the previous one */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            isIntact: boolean;
                            entries: number;
                            brokenAt: number | null;
                            /** @description `cursor` of the next page; null: there is none */
                            nextCursor: string | null;
                        };
                    };
                };
            };
        };
    };
    listCalls: {
        parameters: {
            query?: {
                /** @description Id or slug; for a deleted server, its id */
                serverId?: string;
                tool?: string;
                outcome?: "done" | "not_started" | "unknown" | "input_required";
                code?: string;
                agentId?: string;
                /** @description `id` of a caller of the kind `key` */
                keyId?: string;
                username?: string;
                from?: string;
                to?: string;
                minDurationMs?: number;
                /** @description Name of a client */
                client?: string;
                /** @description A name, or `name=value` */
                analytics?: string;
                /** @description `nextCursor` of the previous page */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of calls */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Call"][];
                        /** @description null: there are no more pages */
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getCallStatistics: {
        parameters: {
            query?: {
                /** @description Id or slug; for a deleted server, its id */
                serverId?: string;
                tool?: string;
                from?: string;
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Per tool */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["CallStatistics"];
                    };
                };
            };
        };
    };
    exportCalls: {
        parameters: {
            query?: {
                /** @description Id or slug; for a deleted server, its id */
                serverId?: string;
                tool?: string;
                outcome?: "done" | "not_started" | "unknown" | "input_required";
                code?: string;
                agentId?: string;
                /** @description `id` of a caller of the kind `key` */
                keyId?: string;
                username?: string;
                from?: string;
                to?: string;
                minDurationMs?: number;
                /** @description Name of a client */
                client?: string;
                /** @description A name, or `name=value` */
                analytics?: string;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One call per line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
        };
    };
    getCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The call */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Call"];
                    };
                };
            };
        };
    };
    listExternalUsers: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
                /** @description Part of the name */
                q?: string;
                /** @description How the user became known: created in this API, or because credentials were stored or an approval was requested in the name */
                source?: "api" | "mcp";
                isActive?: boolean;
                /** @description Created at this time or later */
                from?: string;
                /** @description Created at this time or earlier */
                to?: string;
                /** @description Newest first, or whoever was seen last */
                sortBy?: "createdAt" | "lastSeenAt";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of users */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ExternalUser"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    createExternalUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    username: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ExternalUser"];
                    };
                };
            };
        };
    };
    getExternalUserByName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                username: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ExternalUser"];
                    };
                };
            };
        };
    };
    getExternalUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ExternalUser"];
                    };
                };
            };
        };
    };
    deleteExternalUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    toggleExternalUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The state that is meant. If it is omitted, the state becomes the opposite of what it is */
                    isActive?: boolean;
                };
            };
        };
        responses: {
            /** @description The user as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ExternalUser"];
                    };
                };
            };
        };
    };
    listUserConnections: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of connections, by instance */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["UserConnection"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    deleteUserConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                instanceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Disconnected */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listMcpServers: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
                cursor?: string;
                q?: string;
                sortBy?: "createdAt" | "updatedAt" | "name";
                sortOrder?: "ASC" | "DESC";
                /** @description `true`: archived servers, which are otherwise not listed */
                isArchived?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of servers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["McpServer"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    createMcpServer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    description?: string | null;
                    /**
                     * @description NORMAL: clients see its own tools and those it selects. SMART: clients see the meta tools, with which they find and call the tools of the catalogue. `META` is an older name for `SMART`
                     * @enum {string}
                     */
                    mode?: "SMART" | "NORMAL" | "META";
                    /** @description The pool of data planes; only these run its calls and have its secrets; null: the default pool */
                    pool?: string | null;
                    isPublic?: boolean;
                    config?: {
                        /** @description Hosts to which an expression in the host part of a URL may evaluate, and to which redirects may lead: `host`, `host:port` or `*.host` */
                        allowedHosts?: string[];
                        /** @description If true, a call in the name of a user (`x-username`) who has not connected an account may use credentials of the agent, the workspace or the organization; otherwise it is refused */
                        allowSharedConnections?: boolean;
                    };
                    /** @description The owner's own authorization server, whose tokens are accepted instead of the platform's; null: none */
                    oauth?: {
                        /** @description Exactly as in its metadata and in the `iss` of its tokens */
                        issuer: string;
                        /**
                         * @description `jwt`: verified with the keys of the issuer. `opaque`: sent to its UserInfo endpoint
                         * @default jwt
                         * @enum {string}
                         */
                        tokens?: "jwt" | "opaque";
                        /** @description For `jwt`: URL of its keys. Absent: the URL in its metadata */
                        jwksUri?: string;
                        /** @description For `opaque`. Absent: the URL in its metadata */
                        userinfoEndpoint?: string;
                        /** @description For `jwt`: the value that `aud` must be or contain. Absent: the URL of the server, `…/mcp/{id}` */
                        audience?: string;
                        /**
                         * @description For `jwt`: the maximum age of a token; an older token is refused even if it has not expired
                         * @default 3600
                         */
                        maxTokenAgeSeconds?: number;
                        /** @description For `jwt`: what the issuer calls the scopes `tools:read` and `tools:call`. A scope that is left out is not required */
                        scopes?: {
                            read?: string;
                            call?: string;
                        };
                        /** @description The claims with the user and the groups of the user. Absent: `sub` and `groups` */
                        claims?: {
                            username?: string;
                            groups?: string;
                        };
                    } | null;
                    /** @description Key: name of a source description; value: a base URL that replaces the servers of its OpenAPI document, base path included. For a source of another Arazzo document, join both names with a dot. */
                    sourceServers?: {
                        [key: string]: string;
                    };
                    /** @description Mode NORMAL: catalogue slugs of tools of other servers of the workspace that it offers in addition to its own */
                    selectedTools?: string[];
                    /** @description External MCP servers whose tools it offers in addition to its own */
                    externalMcpConfigs?: components["schemas"]["ExternalMcpConfig"][];
                    name: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["CreatedMcpServer"];
                    };
                };
            };
        };
    };
    getMcpServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ShownMcpServer"];
                    };
                };
            };
        };
    };
    deleteMcpServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    changeMcpServer: {
        parameters: {
            query?: never;
            header?: {
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    description?: string | null;
                    /**
                     * @description NORMAL: clients see its own tools and those it selects. SMART: clients see the meta tools, with which they find and call the tools of the catalogue. `META` is an older name for `SMART`
                     * @enum {string}
                     */
                    mode?: "SMART" | "NORMAL" | "META";
                    /** @description The pool of data planes; only these run its calls and have its secrets; null: the default pool */
                    pool?: string | null;
                    isPublic?: boolean;
                    config?: {
                        /** @description Hosts to which an expression in the host part of a URL may evaluate, and to which redirects may lead: `host`, `host:port` or `*.host` */
                        allowedHosts?: string[];
                        /** @description If true, a call in the name of a user (`x-username`) who has not connected an account may use credentials of the agent, the workspace or the organization; otherwise it is refused */
                        allowSharedConnections?: boolean;
                    };
                    /** @description The owner's own authorization server, whose tokens are accepted instead of the platform's; null: none */
                    oauth?: {
                        /** @description Exactly as in its metadata and in the `iss` of its tokens */
                        issuer: string;
                        /**
                         * @description `jwt`: verified with the keys of the issuer. `opaque`: sent to its UserInfo endpoint
                         * @default jwt
                         * @enum {string}
                         */
                        tokens?: "jwt" | "opaque";
                        /** @description For `jwt`: URL of its keys. Absent: the URL in its metadata */
                        jwksUri?: string;
                        /** @description For `opaque`. Absent: the URL in its metadata */
                        userinfoEndpoint?: string;
                        /** @description For `jwt`: the value that `aud` must be or contain. Absent: the URL of the server, `…/mcp/{id}` */
                        audience?: string;
                        /**
                         * @description For `jwt`: the maximum age of a token; an older token is refused even if it has not expired
                         * @default 3600
                         */
                        maxTokenAgeSeconds?: number;
                        /** @description For `jwt`: what the issuer calls the scopes `tools:read` and `tools:call`. A scope that is left out is not required */
                        scopes?: {
                            read?: string;
                            call?: string;
                        };
                        /** @description The claims with the user and the groups of the user. Absent: `sub` and `groups` */
                        claims?: {
                            username?: string;
                            groups?: string;
                        };
                    } | null;
                    /** @description Key: name of a source description; value: a base URL that replaces the servers of its OpenAPI document, base path included. For a source of another Arazzo document, join both names with a dot. */
                    sourceServers?: {
                        [key: string]: string;
                    };
                    /** @description Mode NORMAL: catalogue slugs of tools of other servers of the workspace that it offers in addition to its own */
                    selectedTools?: string[];
                    /** @description External MCP servers whose tools it offers in addition to its own */
                    externalMcpConfigs?: components["schemas"]["ExternalMcpConfig"][];
                    name?: string;
                    version?: number;
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ChangedMcpServer"];
                    };
                };
            };
        };
    };
    getMcpServerConfig: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tools and the mode */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["McpServerConfig"];
                    };
                };
            };
        };
    };
    loadToolsFromUrl: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    url: string;
                    /**
                     * @description Streamable HTTP, or HTTP+SSE of MCP 2024-11-05; detected if left out
                     * @enum {string}
                     */
                    transport?: "http" | "sse";
                    /** @description Sealed like a secret, with the host of the URL; the value is an object of headers as JSON text */
                    headers?: {
                        sealed: string;
                    };
                    /**
                     * @description Maximum age of the answer, and the minimum time for which it is kept, for the same URL and headers
                     * @default 0
                     */
                    cacheMinutes?: number;
                };
            };
        };
        responses: {
            /** @description What the server declares */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["LoadedTools"];
                    };
                };
            };
        };
    };
    approveExternalTools: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    tools?: (string | {
                        name: string;
                        /** @description The digest in `reviewed`; 409 if the tool has changed since */
                        digest: string;
                    })[];
                };
            };
        };
        responses: {
            /** @description Approved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            approved: string[];
                        };
                    };
                };
            };
        };
    };
    startExternalSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description A client that was registered by hand. If left out: the client of the last sign-in, otherwise the metadata document of the platform, otherwise the platform registers a client */
                    client?: {
                        id: string;
                        /** @description Sealed like a secret, with the host of the token endpoint (`secrets:write`) */
                        secret?: {
                            sealed: string;
                        };
                    };
                    /**
                     * @description Scopes in addition to those for which the external server asks
                     * @default []
                     */
                    scopes?: string[];
                };
            };
        };
        responses: {
            /** @description To be opened in a browser */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ExternalSignIn"];
                    };
                };
            };
        };
    };
    deleteExternalSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    stopMcpServer: {
        parameters: {
            query?: never;
            header?: {
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ShownMcpServer"];
                    };
                };
            };
        };
    };
    startMcpServer: {
        parameters: {
            query?: never;
            header?: {
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ShownMcpServer"];
                    };
                };
            };
        };
    };
    archiveMcpServer: {
        parameters: {
            query?: never;
            header?: {
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ShownMcpServer"];
                    };
                };
            };
        };
    };
    unarchiveMcpServer: {
        parameters: {
            query?: never;
            header?: {
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ShownMcpServer"];
                    };
                };
            };
        };
    };
    duplicateMcpServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description The new server */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["DuplicatedMcpServer"];
                    };
                };
            };
        };
    };
    getPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["McpServerPolicy"];
                    };
                };
            };
        };
    };
    putPolicy: {
        parameters: {
            query?: never;
            header?: {
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    policy: components["schemas"]["Policy"];
                    version?: number;
                };
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ReplacedMcpServerPolicy"];
                    };
                };
            };
        };
    };
    deletePolicy: {
        parameters: {
            query?: never;
            header?: {
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["McpServerPolicy"];
                    };
                };
            };
        };
    };
    explainPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The name that clients of the server see; in mode SMART, the slug */
                    tool: string;
                    /**
                     * @description Left out: a caller without a key
                     * @default {}
                     */
                    caller?: {
                        /** @enum {string} */
                        kind?: "key" | "token" | "anonymous";
                        /** @description Id of an API key of the workspace */
                        key?: string;
                        agent?: string;
                        username?: string;
                        groups?: string[];
                        claims?: {
                            [key: string]: string | string[];
                        };
                    };
                    /** @description Left out: the call is checked with only the defaults of the tool */
                    arguments?: {
                        [key: string]: unknown;
                    };
                    /**
                     * Format: date-time
                     * @description Left out: now
                     */
                    at?: string;
                };
            };
        };
        responses: {
            /** @description The decision */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["PolicyExplanation"];
                    };
                };
            };
        };
    };
    listApprovals: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
                /** @description `expired`: nobody decided within 24 hours after the last attempt of the call */
                state?: "pending" | "approved" | "denied" | "expired";
                /** @description Id or slug */
                serverId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of approvals, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Approval"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    getApproval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The approval */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Approval"];
                    };
                };
            };
        };
    };
    approveCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description For people who review the decision later */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Decided */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Approval"];
                    };
                };
            };
        };
    };
    denyCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description For people who review the decision later */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Decided */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Approval"];
                    };
                };
            };
        };
    };
    listDebugSessions: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of debug sessions, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["DebugSession"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    openDebugSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default 30 */
                    minutes?: number;
                    /** @description Only for runs of the debugger: other origins, and other secrets of the same server */
                    environment?: {
                        hosts?: {
                            [key: string]: string;
                        };
                        secrets?: {
                            [key: string]: string;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description The session, with its token */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["OpenedDebugSession"];
                    };
                };
            };
        };
    };
    getDebugSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["DebugSession"];
                    };
                };
            };
        };
    };
    endDebugSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ended session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["DebugSession"];
                    };
                };
            };
        };
    };
    followDebugSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Token` and the token of the session, in addition to the API key or the cookie of the person or key that opened it */
                authorization?: string;
                "last-event-id"?: string;
            };
            path: {
                id: string;
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    listSeenCalls: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Token` and the token of the session, in addition to the API key or the cookie of the person or key that opened it */
                authorization?: string;
            };
            path: {
                id: string;
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The calls */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SeenCall"][];
                    };
                };
            };
        };
    };
    getCallTrace: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Token` and the token of the session, in addition to the API key or the cookie of the person or key that opened it */
                authorization?: string;
            };
            path: {
                id: string;
                sessionId: string;
                callId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The trace */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["CallTrace"];
                    };
                };
            };
        };
    };
    replayCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The recording as the debug session exported it */
                    recording: unknown;
                    /**
                     * @description The plan that ran at the time of the recording, or the current plan of its tool
                     * @default recorded
                     * @enum {string}
                     */
                    against?: "recorded" | "current";
                };
            };
        };
        responses: {
            /** @description Result of the replay */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Replay"];
                    };
                };
            };
        };
    };
    exportRecording: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Token` and the token of the session, in addition to the API key or the cookie of the person or key that opened it */
                authorization?: string;
            };
            path: {
                id: string;
                sessionId: string;
                callId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The recording */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recording"];
                };
            };
        };
    };
    deploy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A Flower or an Arazzo document in YAML or JSON, at most 1 MiB */
                    definition: string;
                    /**
                     * @description Documents to which the definition refers, at most 20 MiB in total. Others are fetched from their https URLs.
                     * @default []
                     */
                    references?: {
                        /** @description Name of the source description to which the document belongs */
                        name: string;
                        /** @description At most 5 MiB */
                        content: string;
                        /** @description Its URL, or a file name */
                        location: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description Deployed */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            id: string;
                            serverId: string;
                            /**
                             * @description `deployed`: it ran and was superseded
                             * @enum {string}
                             */
                            state: "deploying" | "active" | "deployed" | "errored";
                            /** @description Why it is `errored`, in the words shown to the person who deployed it */
                            error: {
                                code: string;
                                message: string;
                                details?: unknown;
                            } | null;
                            /** Format: date-time */
                            createdAt: string;
                            diagnostics: components["schemas"]["Diagnostic"][];
                        };
                        id: string;
                        mcp_server_id: string;
                    };
                };
            };
            /** @description This deployment is already running */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listDeployments: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deployments, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Deployment"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    getDeployment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                deploymentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The deployment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["DeploymentWithSource"];
                    };
                };
            };
        };
    };
    rollBack: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                deploymentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It runs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Deployment"];
                    };
                };
            };
        };
    };
    validateDocument: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A Flower or an Arazzo document in YAML or JSON, at most 1 MiB */
                    definition: string;
                    /**
                     * @description Documents to which the definition refers, at most 20 MiB in total. Others are fetched from their https URLs.
                     * @default []
                     */
                    references?: {
                        /** @description Name of the source description to which the document belongs */
                        name: string;
                        /** @description At most 5 MiB */
                        content: string;
                        /** @description Its URL, or a file name */
                        location: string;
                    }[];
                    /** @description Id or slug: its secrets, hosts and policy apply, and its `sourceServers` unless these are sent as well */
                    server?: string;
                    /** @description Key: name of a source description; value: a base URL that replaces the servers of its OpenAPI document, base path included. For a source of another Arazzo document, join both names with a dot. */
                    sourceServers?: {
                        [key: string]: string;
                    };
                };
            };
        };
        responses: {
            /** @description The problems that were found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Validation"];
                    };
                };
            };
        };
    };
    getSealingKey: {
        parameters: {
            query?: {
                /** @description Pool of the server for which the secret is; default: the default pool */
                pool?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A JWK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /** @enum {string} */
                            kty: "EC";
                            /** @enum {string} */
                            crv: "P-256";
                            x: string;
                            y: string;
                            kid: string;
                            /** @enum {string} */
                            alg: "ECDH-ES+A256KW";
                            /** @enum {string} */
                            use: "enc";
                        };
                    };
                };
            };
        };
    };
    listSecrets: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of secrets by name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Secret"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    getSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Never its value */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["SecretDetails"];
                    };
                };
            };
        };
    };
    putSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    sealed: string;
                    /** @default 86400 */
                    overlapSeconds?: number;
                };
            };
        };
        responses: {
            /** @description Stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["StoredSecret"];
                    };
                };
            };
        };
    };
    deleteSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    pinSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    version: number;
                };
            };
        };
        responses: {
            /** @description In use */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Secret"];
                    };
                };
            };
        };
    };
    unpinSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description In use */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Secret"];
                    };
                };
            };
        };
    };
    getSealingTarget: {
        parameters: {
            query?: {
                /** @description Name or id of the server */
                server?: string;
                /** @description Name of the secret. A sealed header of an external server is the secret `EXTERNAL_<NAME>_<HEADER>`, in capitals, with `_` for `-` */
                secret?: string;
                /** @description Name of the external server whose client it is */
                externalServer?: string;
                /** @description Id of the connector instance */
                instance?: string;
                /** @description Whose credentials they are; default: `workspace` */
                scope?: "agent" | "user" | "workspace" | "organization";
                /** @description The user or agent, as for storing the credentials */
                subject?: string;
                /** @description Issuer of single sign-on */
                issuer?: string;
                /** @description Of the external server to load tools from */
                url?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key and the audience */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            key: {
                                /** @enum {string} */
                                kty: "EC";
                                /** @enum {string} */
                                crv: "P-256";
                                x: string;
                                y: string;
                                kid: string;
                                /** @enum {string} */
                                alg: "ECDH-ES+A256KW";
                                /** @enum {string} */
                                use: "enc";
                            };
                            audience: string;
                        };
                    };
                };
            };
        };
    };
    listConnectors: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
                /** @description Text in the slug, name, description or publisher */
                q?: string;
                category?: "database" | "file_storage" | "saas" | "messaging" | "analytics" | "custom";
                tag?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of connectors, by slug */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Connector"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    registerConnector: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description YAML of at most 1 MiB or JSON of at most 16 MiB */
                    descriptor: string;
                };
            };
        };
        responses: {
            /** @description This version already exists with the same content */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            version: string;
                            /** @description SHA-256 of the descriptor in UTF-8, in hex */
                            sha256: string;
                            tools_count: number;
                            /** @description Instances follow this version */
                            is_active: boolean;
                            /** Format: date-time */
                            created_at: string;
                            /** Format: date-time */
                            deprecated_at: string | null;
                            deprecation_message: string | null;
                            slug: string;
                        };
                        /** @description Advice */
                        diagnostics: components["schemas"]["Diagnostic"][];
                    };
                };
            };
            /** @description Registered */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            version: string;
                            /** @description SHA-256 of the descriptor in UTF-8, in hex */
                            sha256: string;
                            tools_count: number;
                            /** @description Instances follow this version */
                            is_active: boolean;
                            /** Format: date-time */
                            created_at: string;
                            /** Format: date-time */
                            deprecated_at: string | null;
                            deprecation_message: string | null;
                            slug: string;
                        };
                        /** @description Advice */
                        diagnostics: components["schemas"]["Diagnostic"][];
                    };
                };
            };
        };
    };
    validateConnector: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description YAML of at most 1 MiB or JSON of at most 16 MiB */
                    descriptor: string;
                };
            };
        };
        responses: {
            /** @description The problems that were found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Validation"];
                    };
                };
            };
        };
    };
    deprecateConnector: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    version: string;
                    message?: string;
                };
            };
        };
        responses: {
            /** @description Deprecated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorVersion"];
                    };
                };
            };
        };
    };
    getConnector: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connector */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorDetail"];
                    };
                };
            };
        };
    };
    getConnectorOpenApi: {
        parameters: {
            query?: {
                version?: string;
            };
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The OpenAPI document itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    listConnectorVersions: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of versions, highest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorVersion"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    getConnectorVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorVersionDetail"];
                    };
                };
            };
        };
    };
    diffConnectorVersions: {
        parameters: {
            query: {
                from: string;
                to: string;
            };
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The changes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            is_breaking: boolean;
                            /** @description Number of all changes; the first thousand are shown */
                            changes_count: number;
                            changes: {
                                /** @enum {string} */
                                kind: "added" | "removed" | "changed";
                                /** @description By ids: `/operations/get_ticket/parameters/limit` */
                                path: string;
                                is_breaking: boolean;
                                message: string;
                            }[];
                        };
                    };
                };
            };
        };
    };
    importConnectorFromOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description OpenAPI 3.0, 3.1 or 3.2, at most 32 MiB */
                    document: string;
                    /** @default {} */
                    options?: {
                        slug?: string;
                        name?: string;
                        publisher?: string;
                        /** @description Replaces the servers that the document declares */
                        server_url?: string;
                        /** @description URL of the document, to resolve relative server URLs */
                        location?: string;
                        /** @description Only the operations with these operationIds */
                        operations?: string[];
                        /** @description Only operations that have one of these tags */
                        tags?: string[];
                        /** @description Only read-only operations */
                        read_only?: boolean;
                        with_deprecated?: boolean;
                        /** @description For operations whose document says nothing about security */
                        authentication?: {
                            /** @enum {string} */
                            type: "bearer" | "basic";
                        } | {
                            /** @enum {string} */
                            type: "api_key";
                            header: string;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description The descriptor */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /** @description JSON */
                            descriptor: string;
                            /** @description Number of operations */
                            imported: number;
                            skipped: {
                                operation: string;
                                reason: string;
                            }[];
                            /** @description About the OpenAPI document */
                            diagnostics: components["schemas"]["Diagnostic"][];
                        };
                    };
                };
            };
        };
    };
    listConnectorInstances: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
                q?: string;
                connector?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of instances, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorInstance"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    createConnectorInstance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    connector: string;
                    instance_name: string;
                    /** @default null */
                    description?: string | null;
                    /** @default {} */
                    configuration?: {
                        [key: string]: string | number | boolean;
                    };
                    /** @description Id of an authentication of the connector, or `none` */
                    auth_type: string;
                    /** @description Null: for all workspaces of the organization, which requires `connectors:write`; default: your own workspace */
                    workspace?: string | null;
                    /** @default true */
                    is_enabled?: boolean;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorInstance"];
                        diagnostics: components["schemas"]["Diagnostic"][];
                    };
                };
            };
        };
    };
    getConnectorInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorInstance"];
                    };
                };
            };
        };
    };
    deleteConnectorInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    changeConnectorInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    instance_name?: string;
                    description?: string | null;
                    configuration?: {
                        [key: string]: string | number | boolean;
                    };
                    /** @description Id of an authentication of the connector, or `none` */
                    auth_type?: string;
                    is_enabled?: boolean;
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorInstance"];
                        diagnostics: components["schemas"]["Diagnostic"][];
                    };
                };
            };
        };
    };
    testConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    scope?: "agent" | "user" | "workspace" | "organization";
                    subject?: string;
                };
            };
        };
        responses: {
            /** @description Result of the test */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectionTest"];
                    };
                };
            };
        };
    };
    listCredentials: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of credentials, by scope and subject */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorCredential"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    putCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    scope: "agent" | "user" | "workspace" | "organization";
                    /** @description Required for a user (the name in `x-username`) and an agent (the id of its API key); for a workspace, its own id */
                    subject?: string;
                    /** @description Id of an authentication of the connector */
                    auth_type: string;
                    sealed: string;
                };
            };
        };
        responses: {
            /** @description Stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["StoredConnectorCredential"];
                    };
                };
            };
        };
    };
    deleteCredentials: {
        parameters: {
            query?: {
                /** @description Required for a user (the name in `x-username`) and an agent (the id of its API key); for a workspace, its own id */
                subject?: string;
            };
            header?: never;
            path: {
                id: string;
                scope: "agent" | "user" | "workspace" | "organization";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    startAuthorization: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    scope: "agent" | "user" | "workspace" | "organization";
                    /** @description Required for a user (the name in `x-username`) and an agent (the id of its API key); for a workspace, its own id */
                    subject?: string;
                };
            };
        };
        responses: {
            /** @description To be opened in a browser */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConnectorAuthorization"];
                    };
                };
            };
        };
    };
    listTools: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
                q?: string;
                toolkit?: string;
                read_only?: boolean;
                connection?: "active" | "not_connected" | "not_required";
                include_schemas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tools by slug */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["CatalogueTool"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
    listToolkits: {
        parameters: {
            query?: {
                page?: number;
                limit?: number;
                q?: string;
                kind?: "connector" | "workflow" | "external";
                category?: "database" | "file_storage" | "saas" | "messaging" | "analytics" | "custom";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of toolkits by slug */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Toolkit"][];
                        total: number;
                        page: number;
                        limit: number;
                        totalPages: number;
                        hasNextPage: boolean;
                        hasPreviousPage: boolean;
                        nextCursor?: string;
                    };
                };
            };
        };
    };
}
