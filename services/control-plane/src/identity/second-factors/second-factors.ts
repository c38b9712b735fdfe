import { AppError } from '@toolplane/contracts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import { lockPerson } from '../people/people.ts';
import {
  type OpenedSession,
  type Session,
  type SessionOrigin,
  type Sessions,
  setChallenge,
} from '../sign-in/sessions.ts';
import type { SignInNotes } from '../sign-in/sign-in-notes.ts';
import type { Throttle } from '../sign-in/throttle.ts';
import { createPasskeys } from './passkeys.ts';
import { hashOfCode, newRecoveryCodes } from './recovery-codes.ts';
import * as store from './store.ts';
import { createTotps } from './totp.ts';

export type Given = { code: string } | { recoveryCode: string } | { passkey: unknown };

export type ShownFactors = { factors: store.ShownFactor[]; recoveryCodesLeft: number };

/** The codes are returned only once. Undefined if the person already has some. */
export type Confirmed = { recoveryCodes: string[] | undefined };

/** Manages the factors that people must provide in addition to their password, once they have set one up. */
export type SecondFactors = {
  isNeeded(personId: string): Promise<boolean>;
  list(session: Session): Promise<ShownFactors>;
  /** Starts to set up an authenticator app. It is not used for signing in until its first code has been confirmed. */
  beginTotp(session: Session): Promise<{ id: string; secret: string; url: string; qrCode: string }>;
  confirmTotp(session: Session, confirmed: { id: string; code: string; name: string }): Promise<Confirmed>;
  beginPasskey(session: Session): Promise<Record<string, unknown>>;
  confirmPasskey(session: Session, confirmed: { response: unknown; name: string }): Promise<Confirmed>;
  remove(session: Session, id: string): Promise<void>;
  /** Creates new codes. Earlier codes become invalid. */
  renewRecoveryCodes(session: Session): Promise<string[]>;
  /** Returns a challenge for a session that waits for the second factor. */
  askForPasskey(session: Session): Promise<Record<string, unknown>>;
  /** Verifies a second factor and replaces the session. Every wrong answer gets the same 401 response. */
  give(session: Session, given: Given, origin: SessionOrigin): Promise<OpenedSession>;
};

export function createSecondFactors(options: {
  database: Database;
  sessions: Pick<Sessions, 'open'>;
  throttle: Throttle;
  notes: SignInNotes;
  pepper: string;
  publicUrl: string;
}): SecondFactors {
  const { database, sessions, throttle, notes } = options;
  const totps = createTotps(options.pepper);
  const passkeys = createPasskeys(options.publicUrl);

  /** With the first factor, the person gets recovery codes, in case the factor is lost. */
  async function withCodes(tx: Transaction, personId: string): Promise<Confirmed> {
    if ((await store.countCodes(tx, personId)) > 0) return { recoveryCodes: undefined };
    return { recoveryCodes: await renew(tx, personId) };
  }

  async function renew(tx: Transaction, personId: string): Promise<string[]> {
    const codes = newRecoveryCodes();
    await store.replaceCodes(tx, personId, codes.map(hashOfCode));
    return codes;
  }

  /** Serializes changes of a person's factors, and records them in the audit log. */
  async function changing<T>(personId: string, run: (tx: Transaction) => Promise<T>): Promise<T> {
    const result = await database.asPlatform(async (tx) => {
      await lockPerson(tx, personId);
      return run(tx);
    });
    await notes.note(personId, 'person.second-factors', 'done');
    return result;
  }

  async function isRight(tx: Transaction, { id, person, challenge }: Session, given: Given): Promise<boolean> {
    if ('recoveryCode' in given) {
      return store.takeCode(tx, { hash: hashOfCode(given.recoveryCode), personId: person.id });
    }
    if ('code' in given) {
      for (const factor of await store.findFactors(tx, person.id, 'totp')) {
        const step = totps.findStep(person.id, factor.secret, given.code);
        if (step !== undefined && (await store.raiseCounter(tx, factor.id, BigInt(step)))) return true;
      }
      return false;
    }
    await setChallenge(tx, id, null);
    const known = await store.findFactors(tx, person.id, 'passkey');
    const checked = challenge === null ? undefined : await passkeys.check(given.passkey, challenge, known);
    if (checked === undefined) return false;
    // Many passkeys do not count signatures: their counter stays zero, and cannot be raised.
    if (checked.counter > 0n) return store.raiseCounter(tx, checked.factor.id, checked.counter);
    await store.noteUse(tx, checked.factor.id);
    return true;
  }

  return {
    isNeeded: (personId) => database.asPlatform(async (tx) => (await store.countFactors(tx, personId)) > 0),

    list: ({ person }) =>
      database.asPlatform(async (tx) => ({
        factors: await store.listFactors(tx, person.id),
        recoveryCodesLeft: await store.countCodes(tx, person.id),
      })),

    async beginTotp({ person }) {
      const { sealed, ...shown } = totps.create(person.id, person.email);
      const id = newId('fac');
      await database.asPlatform(async (tx) => {
        await store.deleteUnconfirmed(tx, person.id);
        const factor = { id, personId: person.id, kind: 'totp', name: '', secret: sealed } as const;
        await store.insertFactor(tx, { ...factor, credentialId: null, isConfirmed: false });
      });
      return { id, ...shown };
    },

    async confirmTotp({ person }, { id, code, name }) {
      return changing(person.id, async (tx) => {
        const factor = orNotFound(await store.findUnconfirmed(tx, person.id, id), 'second factor');
        const step = totps.findStep(person.id, factor.secret, code);
        if (step === undefined) throw new AppError('forbidden', 'The code is wrong');
        await store.raiseCounter(tx, id, BigInt(step));
        await store.setName(tx, id, name);
        return withCodes(tx, person.id);
      });
    },

    async beginPasskey({ id, person }) {
      return database.asPlatform(async (tx) => {
        const known = await store.findFactors(tx, person.id, 'passkey');
        const { options: asked } = await passkeys.askForNew(person, known);
        await setChallenge(tx, id, asked.challenge);
        return asked;
      });
    },

    async confirmPasskey({ id, person, challenge }, { response, name }) {
      if (challenge === null) throw new AppError('conflict', 'No passkey challenge is pending');
      const { publicKey, ...made } = await passkeys.checkNew(response, challenge);
      return changing(person.id, async (tx) => {
        await setChallenge(tx, id, null);
        const factor = { id: newId('fac'), personId: person.id, kind: 'passkey', name, secret: publicKey } as const;
        await store.insertFactor(tx, { ...factor, ...made, isConfirmed: true });
        return withCodes(tx, person.id);
      });
    },

    async remove({ person }, id) {
      await changing(person.id, async (tx) => {
        orNotFound((await store.deleteFactor(tx, { id, personId: person.id })) || undefined, 'second factor');
        if ((await store.countFactors(tx, person.id)) === 0) await store.replaceCodes(tx, person.id, []);
      });
    },

    async renewRecoveryCodes({ person }) {
      return changing(person.id, async (tx) => {
        if ((await store.countFactors(tx, person.id)) === 0) {
          throw new AppError('conflict', 'There is no second factor that recovery codes could replace');
        }
        return renew(tx, person.id);
      });
    },

    async askForPasskey({ id, person }) {
      return database.asPlatform(async (tx) => {
        const { options: asked } = await passkeys.ask(await store.findFactors(tx, person.id, 'passkey'));
        await setChallenge(tx, id, asked.challenge);
        return asked;
      });
    },

    async give(session, given, origin) {
      const { person } = session;
      const account = `second-factor:${person.id}`;
      await throttle.admit(account, origin.address);
      const opened = await database.asPlatform(async (tx) => {
        if (!(await isRight(tx, session, given))) return undefined;
        return sessions.open(tx, { person, origin, isHalf: false, before: session });
      });
      const outcome = opened === undefined ? 'unauthenticated' : 'done';
      await notes.note(person.id, 'sign-in.second-factor', outcome, origin.address);
      if (opened === undefined) throw new AppError('unauthenticated', 'The second factor is wrong');
      await throttle.noteSuccess(account, origin.address);
      return opened;
    },
  };
}
