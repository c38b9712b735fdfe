import { describe, expect, test } from '@jest/globals';
import { lacksVerb } from './lacks-verb.ts';

describe('a text that says what a tool does, or that may', () => {
  test.each([
    'Look a ticket up by number. Returns status and owner e-mail.',
    'Finds a night train between two stations, with one change where no train goes all the way.',
    'Says where a night train is. Trains in a tunnel do not answer at once, so this may take a moment.',
    'One page of the stations where night trains stop.',
    'Leafs through the ledger of lost things until one of the kind is found.',
    'Creating an issue in the tracker of a project',
    'The weather of a city, given as temperature and wind',
    'Cancelled bookings of a passenger are listed by this',
    'LIST all repositories of an organization',
    'Throttles a campaign by a percentage.',
    'Reconciles the ledger of a month with the bank.',
    'Freezes a card of the customer.',
    'Freeze the card of a customer.',
    'Reconcile invoices of the month with the bank.',
    'Triages a bug report and labels it by severity.',
    'Weather data for the city',
    'The endpoint creates an issue in the tracker of a project.',
    'A new project moves to the top of the list.',
  ])('%s', (text) => {
    expect(lacksVerb(text)).toBe(false);
  });
});

describe('a text that only names a thing', () => {
  test.each([
    'The timetable of a station for a day',
    'Information about the followers of the user.',
    'Details of the loan transaction for a customer',
    'A list of users from the directory',
    'A snapshot ID for the playlist',
  ])('%s', (text) => {
    expect(lacksVerb(text)).toBe(true);
  });
});

// False alarms teach people to ignore the correct ones.
describe('a text that may be in another language is not judged', () => {
  test.each([
    'Sucht einen Zug nach seiner Nummer',
    'Donne la position du train de nuit',
    'Devuelve la lista de trenes',
    '駅の時刻表を返します',
    'Ticket lookup service',
    'Weather for Lyon',
    'The menu of the café',
    'A lista de trens com destino a Lisboa',
    'A rendelés állapotát és a szállítás dátumát adja vissza.',
  ])('%s', (text) => {
    expect(lacksVerb(text)).toBe(false);
  });
});
