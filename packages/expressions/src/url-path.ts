/**
 * Returns true if a segment of the path is `.` or `..`, written plainly or as `%2e`. Such a segment would go up one
 * level.
 */
export function findDotSegment(url: string): boolean {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  if (start < 0) return false;
  const query = url.indexOf('?', start);
  const path = query < 0 ? url.slice(start) : url.slice(start, query);
  return /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path);
}
