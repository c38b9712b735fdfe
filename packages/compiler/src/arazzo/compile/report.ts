import type { Part } from '../../document/part.ts';
import type { DiagnosticLocation, Hint, Problems } from '../../document/problems.ts';

/**
 * Reports a problem. `pointer` is relative to the part. The same problem is reported once, however many steps are
 * affected.
 */
export type Report = (
  severity: 'error' | 'warn',
  part: Part,
  code: string,
  message: string,
  hint: Hint,
  place?: DiagnosticLocation & { pointer?: string },
) => void;

export function createReport(): Report {
  const reportedOf = new WeakMap<Problems, Set<string>>();
  return (severity, { problems, pointer }, code, message, hint, { pointer: inside = '', ...place } = {}) => {
    const at = pointer + inside;
    const key = JSON.stringify([code, at, place.offset, message]);
    const reported = reportedOf.get(problems) ?? new Set();
    reportedOf.set(problems, reported);
    if (reported.has(key)) return;
    reported.add(key);
    problems[severity](code, at, message, hint, place);
  };
}
