import { expect, test } from '@jest/globals';
import { nearestSlugs } from './nearest-slugs.ts';

const slugs = ['crm.find_contact', 'crm.find_contacts', 'crm.find_deal', 'crm-2.find_contact', 'tickets.close'];

test.each([
  ['crm.find_contect', ['crm.find_contact', 'crm.find_contacts', 'crm-2.find_contact']],
  ['CRM.Find_Deal', ['crm.find_deal', 'crm.find_contact', 'crm.find_contacts']],
  ['find_contact', ['crm.find_contact', 'crm.find_contacts', 'crm-2.find_contact']],
  ['weather.today', []],
])('%s may be meant as %j, the nearest first', (slug, nearest) => {
  expect(nearestSlugs(slug, slugs)).toEqual(nearest);
});
