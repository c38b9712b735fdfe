import type { Edge } from '../edge.ts';
import type { Principal } from './principal.ts';

/** What one request asks for beyond its first part: asking for several things at once gains nothing. */
export async function countFurther(
  { limitAnonymous, callerLimits }: Pick<Edge, 'limitAnonymous' | 'callerLimits'>,
  principal: Principal,
  count: number,
): Promise<void> {
  if (count <= 0) return;
  if (principal.kind === 'anonymous') await limitAnonymous(principal.address ?? '', count);
  else callerLimits.count(principal, count);
}
