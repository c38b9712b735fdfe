import { type Ability, AppError, capabilitiesFor, type Json } from '@toolplane/contracts';
import type { PreparedQuestion } from './prepare-question.ts';

/**
 * Returns the questions of a round that still have to be asked. A question that the client does not support is answered
 * with null if it is optional; otherwise it ends the call.
 */
export function findOpenQuestions(
  round: readonly PreparedQuestion[],
  answers: Record<string, Json>,
  abilities: readonly Ability[],
): PreparedQuestion[] {
  return round.filter(({ key, ability, isOptional }) => {
    if (Object.hasOwn(answers, key)) return false;
    if (abilities.includes(ability)) return true;
    if (!isOptional) throw capabilityMissing(ability);
    answers[key] = null;
    return false;
  });
}

function capabilityMissing(ability: Ability): AppError {
  const message = `The tool asks for something that this client does not support: it lacks the capability ${ability}`;
  return new AppError('client_capability_missing', message, {
    details: { requiredCapabilities: capabilitiesFor([ability]) },
  });
}
