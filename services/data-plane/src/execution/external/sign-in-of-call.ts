import { RefusedError } from '../../external-mcp/external-error.ts';
import { readChallenge } from '../../external-mcp/oauth/read-challenge.ts';
import type { PreparedExternal } from '../prepare-plan.ts';
import type { Run } from '../run.ts';
import { type NamedSecret, untilAborted } from '../step-secrets.ts';
import { SIGN_IN } from './bearer.ts';
import { urlOf } from './build-request.ts';
import { signInNeeded } from './external-tokens.ts';

type SignInOfCall = {
  get(): Promise<NamedSecret>;
  /**
   * Returns another token if the server refused this one and did nothing; undefined if another token would not help.
   * Throws `external_sign_in_needed` if a person has to sign in, perhaps with more scopes.
   */
  other(refused: NamedSecret, thrown: unknown): Promise<NamedSecret | undefined>;
};

/** Returns undefined for a server without a sign-in. */
export function createSignIn(run: Run, { external }: PreparedExternal): SignInOfCall | undefined {
  const { signIn: ref, serverName } = external;
  if (ref === undefined) return undefined;
  const { externalTokens } = run.services;
  const { signal } = run.call;
  const target = { ref, workspaceId: run.prepared.plan.workspaceId, url: urlOf(run, external), serverName };
  return {
    async get() {
      const token = await untilAborted(externalTokens.get(target, signal), signal);
      return { ...token, name: SIGN_IN };
    },
    async other(refused, thrown) {
      if (!(thrown instanceof RefusedError)) return undefined;
      const wantsMore = thrown.status === 403 && readChallenge(thrown.challenge).error === 'insufficient_scope';
      if (thrown.status !== 401 && !wantsMore) return undefined;
      // The server refuses a token before it does anything.
      run.isAnythingSent = false;
      if (!wantsMore) {
        const token = await untilAborted(externalTokens.renew(target, refused.value, signal), signal);
        return { ...token, name: SIGN_IN };
      }
      await untilAborted(externalTokens.storeChallenge(target, thrown.challenge), signal);
      throw signInNeeded(target, ' with more scopes than the current token has');
    },
  };
}
