import { AppError } from '@toolplane/contracts';
import { histogram, tally } from '@toolplane/service-kit';

const requests = tally('toolplane_upstream_requests_total');
const seconds = histogram('toolplane_upstream_request_seconds');

/**
 * Counts requests by the class of their status, or by the code of the error if there is no status; the host is in the
 * trace.
 */
export async function countUpstream<Answer extends { status: number }>(request: Promise<Answer>): Promise<Answer> {
  const since = performance.now();
  let result = 'internal';
  try {
    const answer = await request;
    result = `${Math.trunc(answer.status / 100)}xx`;
    return answer;
  } catch (thrown) {
    if (thrown instanceof AppError) result = thrown.code;
    throw thrown;
  } finally {
    requests(result).inc();
    seconds.observe((performance.now() - since) / 1000);
  }
}
