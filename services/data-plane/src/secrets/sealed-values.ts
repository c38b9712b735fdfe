import { AppError, type SealedCredential, type SealedSecret } from '@toolplane/contracts';
import { declaredHostSchema } from '@toolplane/contracts/declared-host';
import { audienceOf, describeMismatch, kidOf, NO_AUDIENCE, openCredential, openSecret } from '@toolplane/sealing';
import { tally } from '@toolplane/service-kit';
import type { GetSealingKeys } from './sealing-keys.ts';

/**
 * Opens values that people have sealed, but only for the purpose for which they were sealed: otherwise, an attacker who
 * captures a sealed value could store it as a secret of their own and have it sent to a host that echoes it. Throws
 * `invalid_request`.
 */
export type SealedValues = {
  openSecret(sealed: string, audience: string): Promise<SealedSecret>;
  openCredential(sealed: string, audience: string): Promise<SealedCredential>;
};

const withoutAudience = tally('toolplane_seals_without_audience_total');
const [accepted, refused] = [withoutAudience('accepted'), withoutAudience('refused')];

export function createSealedValues({
  getSealingKeys,
  withoutAudienceUntil,
  now,
}: {
  getSealingKeys: GetSealingKeys;
  /** Until this time, values that do not say what they are for are opened; if absent, never. */
  withoutAudienceUntil?: Date | undefined;
  now(): number;
}): SealedValues {
  function checkAudience(sealed: string, expected: string): void {
    const audience = audienceOf(sealed);
    if (audience === expected) return;
    if (audience !== undefined) throw refuse(describeMismatch(String(audience), expected));
    const isAccepted = withoutAudienceUntil !== undefined && now() < withoutAudienceUntil.getTime();
    (isAccepted ? accepted : refused).inc();
    if (!isAccepted) throw refuse(NO_AUDIENCE);
  }

  function opening<Opened extends { hosts: readonly string[] }>(
    open: (keys: Awaited<ReturnType<GetSealingKeys>>['privateJwks'], sealed: string) => Promise<Opened>,
  ) {
    return async (sealed: string, audience: string): Promise<Opened> => {
      const { privateJwks } = await getSealingKeys(kidOf(sealed));
      const opened = await open(privateJwks, sealed);
      checkAudience(sealed, audience);
      checkHosts(opened.hosts);
      return opened;
    };
  }

  return { openSecret: opening(openSecret), openCredential: opening(openCredential) };
}

function checkHosts(hosts: readonly string[]): void {
  for (const [index, host] of hosts.entries()) {
    const { error } = declaredHostSchema.safeParse(host);
    if (error === undefined) continue;
    const message = error.issues[0]?.message ?? '';
    const details = [{ path: `/hosts/${index}`, message }];
    throw new AppError('invalid_request', `The host ${host} that the value is sealed for ${message}`, { details });
  }
}

function refuse(problem: string): AppError {
  return new AppError('invalid_request', `The sealed value ${problem}`);
}
