import type { DescriptorDraft } from '../descriptor/draft.ts';

export function checkRateLimits(draft: DescriptorDraft): void {
  const seen = new Set<string>();
  for (const [index, { scope, interval_seconds: seconds }] of draft.connector.rate_limits.entries()) {
    const window = `${scope} ${seconds}`;
    if (seen.has(window)) {
      const message = `There are two limits ${scope} for ${seconds} seconds`;
      draft.at('rate_limits', index).error('duplicate_rate_limit', message, 'Keep the smaller one.');
    }
    seen.add(window);
  }
}
