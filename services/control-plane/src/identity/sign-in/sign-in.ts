import { AppError } from '@toolplane/contracts';
import { createSemaphore } from '@toolplane/service-kit';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { hashPassword, isPassword, tooManySignIns } from '../people/passwords.ts';
import { findPerson, type Person, setPasswordHash } from '../people/people.ts';
import { deleteSessionsOf } from './session-store.ts';
import type { OpenedSession, Session, SessionOrigin, Sessions } from './sessions.ts';
import type { SignInNotes } from './sign-in-notes.ts';
import type { Throttle } from './throttle.ts';

/**
 * Limit of concurrent sign-ins. Each takes several transactions, and all of them together must leave most connections
 * of the pool to other requests. Those that wait finish within some seconds.
 */
const SIGN_INS_AT_ONCE = 4;
const SIGN_INS_WAITING = 100;

export type SignedIn = OpenedSession & { next: 'done' | 'second_factor' };

export type SignIn = {
  /** Answers every wrong pair in the same way, whether the address has an account or not. */
  withPassword(credentials: { email: string; password: string }, origin: SessionOrigin): Promise<SignedIn>;
  /** Ends all other sessions of the person. */
  changePassword(session: Session, change: { current: string; password: string }, origin: SessionOrigin): Promise<void>;
};

export function createSignIn(options: {
  database: Database;
  sessions: Pick<Sessions, 'open'>;
  throttle: Throttle;
  notes: SignInNotes;
  secondFactors: { isNeeded(personId: string): Promise<boolean> };
  /** Throws if the person may not sign in with a password. */
  refusePassword(tx: Transaction, person: Person): Promise<void>;
}): SignIn {
  const { database, sessions, throttle, notes, secondFactors, refusePassword } = options;
  const { run: runInSlot } = createSemaphore({
    slotsMax: SIGN_INS_AT_ONCE,
    waitingMax: SIGN_INS_WAITING,
    toError: tooManySignIns,
  });

  /** Undefined if the password is wrong, or no such account exists. */
  async function findProven({ email, password }: { email: string; password: string }, { address }: SessionOrigin) {
    const tried = await throttle.admitAccount(email, address);
    const person = await database.asPlatform((tx) => findPerson(tx, { email }));
    const isRight = await isPassword(password, person?.passwordHash).catch(async (error: unknown) => {
      await tried.withdraw();
      throw error;
    });
    if (!isRight) {
      if (person !== undefined) notes.noteFailedPassword(person.id, address);
      return undefined;
    }
    await throttle.noteSuccess(email, address);
    return person;
  }

  async function signIn(credentials: { email: string; password: string }, origin: SessionOrigin): Promise<SignedIn> {
    const person = await findProven(credentials, origin);
    if (person === undefined) throw new AppError('unauthenticated', 'The e-mail address or the password is wrong');
    // Checked last, so that only people who know the password learn that it cannot be used.
    await database.asPlatform((tx) => refusePassword(tx, person));
    const isHalf = await secondFactors.isNeeded(person.id);
    const opened = await database.asPlatform((tx) => sessions.open(tx, { person, origin, isHalf }));
    await notes.note(person.id, 'sign-in.password', 'done', origin.address);
    return { ...opened, next: isHalf ? 'second_factor' : 'done' };
  }

  return {
    async withPassword(credentials, origin) {
      await throttle.admitAddress(origin.address);
      return runInSlot(() => signIn(credentials, origin));
    },

    async changePassword({ id, person: { id: personId, email } }, { current, password }, origin) {
      await throttle.admitAddress(origin.address);
      if ((await findProven({ email, password: current }, origin)) === undefined) {
        throw new AppError('forbidden', 'The current password is wrong');
      }
      const passwordHash = await hashPassword(password);
      await database.asPlatform(async (tx) => {
        await setPasswordHash(tx, personId, passwordHash);
        await deleteSessionsOf(tx, personId, id);
      });
      await notes.note(personId, 'person.password', 'done', origin.address);
    },
  };
}
