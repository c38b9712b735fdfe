import { describe, expect, test } from '@jest/globals';
import { findFreeSlug, toServerSlug } from './server-slug.ts';

const FIT = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

describe('the name of a server', () => {
  test.each([
    ['ticket_system', 'ticket-system'],
    ['  Jira (Cloud) API!', 'jira-cloud-api'],
    ['a--b', 'a-b'],
    ['Übersicht', 'bersicht'],
    ['票', 'connector'],
  ])('%s becomes %s', (name, slug) => {
    expect(toServerSlug(name)).toBe(slug);
  });

  test.each(['x'.repeat(100), `${'x'.repeat(62)} y`, `-${'x_'.repeat(50)}`])('%.10s… is cut to what fits', (name) => {
    const slug = toServerSlug(name);
    expect(slug.length).toBeLessThanOrEqual(63);
    expect(slug).toMatch(FIT);
  });
});

test('a slug that is taken gets the first free number, and still fits', () => {
  expect(findFreeSlug('tickets', [])).toBe('tickets');
  expect(findFreeSlug('tickets', ['tickets', 'tickets-2', 'tickets-4'])).toBe('tickets-3');
  const long = 'x'.repeat(63);
  expect(findFreeSlug(long, [long])).toBe(`${'x'.repeat(61)}-2`);
});
