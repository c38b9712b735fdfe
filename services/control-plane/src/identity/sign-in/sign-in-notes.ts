import type { Logger } from '@toolplane/service-kit';
import type { Audit } from '../../platform/audit/audit.ts';
import type { Database } from '../../platform/database/database.ts';
import { logFailedSignInLost } from '../../platform/events.ts';
import { listAccessibleWorkspaces } from '../people/places.ts';

/** Records sign-ins of a person in the audit logs of all of their organizations. */
export type SignInNotes = {
  note(personId: string, action: SignInAction, outcome: string, address?: string): Promise<void>;
  /** Not awaited: the response time must not reveal whether an e-mail address has an account. */
  noteFailedPassword(personId: string, address: string): void;
};

type SignInAction =
  | 'sign-in.password'
  | 'sign-in.second-factor'
  | 'sign-in.sso'
  | 'person.password'
  | 'person.second-factors';

export function createSignInNotes(options: { database: Database; audit: Audit; logger: Logger }): SignInNotes {
  const { database, audit, logger } = options;
  const note: SignInNotes['note'] = async (personId, action, outcome, address) => {
    const places = await database.asPlatform((tx) => listAccessibleWorkspaces(tx, personId));
    const whose = { actor: { kind: 'person', id: personId }, ...(address === undefined ? {} : { address }) } as const;
    const event = { kind: 'event', ...whose, action, outcome } as const;
    for (const id of new Set(places.map(({ organizationId }) => organizationId))) await audit.record(id, event);
  };
  return {
    note,
    noteFailedPassword(personId, address) {
      note(personId, 'sign-in.password', 'unauthenticated', address).catch((error: unknown) =>
        logFailedSignInLost(logger, error),
      );
    },
  };
}
