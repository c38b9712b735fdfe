import type { Edge } from '../edge.ts';
import type { Principal } from './principal.ts';

/** Counts the further parts of one request, so that combining several of them in one request gains nothing. */
export async function countFurther(
  { limitAnonymous, callerLimits }: Pick<Edge, 'limitAnonymous' | 'callerLimits'>,
  principal: Principal,
  count: number,
): Promise<void> {
  if (count <= 0) return;
  if (principal.kind === 'anonymous') await limitAnonymous(principal.address ?? '', count);
  else callerLimits.count(principal, count);
}
