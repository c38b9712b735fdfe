import type { IncomingMessage } from 'node:http';
import {
  type Api,
  addOpenRoute,
  listOf,
  pageQuery,
  succeed,
  succeedWithoutBody,
  succeedWithPage,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Database } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema } from '../../platform/request-schemas.ts';
import { emailSchema } from '../people/email.ts';
import { passwordSchema } from '../people/passwords.ts';
import { listAccessibleWorkspaces, permissionsAt } from '../people/places.ts';
import { csrfTokenOf } from './forgery.ts';
import { sessionSchema, shownSessionSchema, signedInSchema } from './session-schemas.ts';
import { deleteSession, listSessions } from './session-store.ts';
import type { Sessions } from './sessions.ts';
import type { SignIn } from './sign-in.ts';

type Domains = { signIn: SignIn; sessions: Sessions; database: Database };

/** Adds the routes for signing in, and for what people do with the resulting session. */
export function addSignInRoutes(api: Api<Principal>, { signIn, sessions, database }: Domains): void {
  const about = { tag: 'Sign-in' } as const;
  const ofSession = {
    ...about,
    access: 'session',
    admit: async (req: IncomingMessage) => ({ session: await sessions.admit(req), origin: sessions.originOf(req) }),
  } as const;

  addOpenRoute(api, {
    ...about,
    method: 'post',
    path: '/api/v1/sign-in',
    operationId: 'signIn',
    summary: 'Sign in with a password',
    description:
      'Sets a session cookie. In the state `second_factor`, the session can only be used to give the second factor.',
    access: 'anyone',
    async admit(req) {
      sessions.refuseOtherSites(req);
      return sessions.originOf(req);
    },
    body: z.strictObject({ email: emailSchema, password: z.string().min(1).max(200) }),
    responses: { 200: { description: 'Signed in, or waiting for the second factor', body: successOf(signedInSchema) } },
    async handle({ visitor, body }) {
      const { setCookie, ...signedIn } = await signIn.withPassword(body, visitor);
      return { ...succeed(200, 'Signed in', signedIn), headers: { 'set-cookie': setCookie } };
    },
  });

  addOpenRoute(api, {
    ...ofSession,
    method: 'get',
    path: '/api/v1/session',
    operationId: 'getSession',
    summary: 'Get the signed-in person and their memberships',
    description:
      'Requests that change something with a session require the `csrfToken` of this answer in `x-csrf-token`.',
    responses: { 200: { description: 'The session', body: successOf(sessionSchema) } },
    async handle({ visitor: { session } }) {
      const places = await database.asPlatform((tx) => listAccessibleWorkspaces(tx, session.person.id));
      const { id, person, token } = session;
      return succeed(200, 'Signed in', {
        id,
        person,
        csrfToken: csrfTokenOf(token),
        workspaces: places.map((place) => ({ ...place, permissions: permissionsAt(place) })),
      });
    },
  });

  addOpenRoute(api, {
    ...ofSession,
    method: 'delete',
    path: '/api/v1/session',
    operationId: 'signOut',
    summary: 'Sign out',
    responses: { 204: { description: 'Signed out', body: null } },
    async handle({ visitor }) {
      const { setCookie } = await sessions.end(visitor.session);
      return { ...succeedWithoutBody(), headers: { 'set-cookie': setCookie } };
    },
  });

  addOpenRoute(api, {
    ...ofSession,
    method: 'put',
    path: '/api/v1/session/password',
    operationId: 'changePassword',
    summary: 'Change your password',
    description: 'Ends all other sessions.',
    body: z.strictObject({ current: z.string().max(200), password: passwordSchema }),
    responses: { 204: { description: 'Changed', body: null } },
    async handle({ visitor: { session, origin }, body }) {
      await signIn.changePassword(session, body, origin);
      return succeedWithoutBody();
    },
  });

  addOpenRoute(api, {
    ...ofSession,
    method: 'get',
    path: '/api/v1/sessions',
    operationId: 'listSessions',
    summary: 'List your sessions',
    query: z.strictObject(pageQuery),
    responses: {
      200: { description: 'A page of the open sessions, newest first', body: listOf(shownSessionSchema) },
    },
    async handle({ visitor: { session }, query }) {
      const { items, total } = await database.asPlatform((tx) => listSessions(tx, session.person.id, query));
      const shown = items.map((each) => ({ ...each, isThisOne: each.id === session.id }));
      return succeedWithPage('Sessions', query, { items: shown, total });
    },
  });

  addOpenRoute(api, {
    ...ofSession,
    method: 'delete',
    path: '/api/v1/sessions/{id}',
    operationId: 'endSession',
    summary: 'End one of your sessions',
    params: z.strictObject({ id: idSchema }),
    responses: { 204: { description: 'Ended', body: null } },
    async handle({ visitor, params: { id } }) {
      const personId = visitor.session.person.id;
      orNotFound((await database.asPlatform((tx) => deleteSession(tx, { id, personId }))) || undefined, 'session');
      return succeedWithoutBody();
    },
  });
}
