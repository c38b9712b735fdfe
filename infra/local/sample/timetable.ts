/** The data of the sample: four night trains, eight stations, and a ledger of lost things. */

export type Station = { id: string; name: string; lost_property: string };
export type Stop = { station: string; time: string };
export type Train = { number: number; name: string; stops: Stop[] };
export type Berth = { berth: string; class: 'seat' | 'couchette' | 'sleeper'; price: number };
export type LostThing = { kind: string; description: string; found_on: number; kept_at: string };

export const stations: Station[] = [
  { id: 'port-halcyon', name: 'Port Halcyon', lost_property: 'Behind the ticket hall, 22:00 to 02:00. Ask for Ines.' },
  { id: 'mirefall', name: 'Mirefall', lost_property: 'In the signal box. Ring twice, then wait for the dog.' },
  { id: 'low-bridge', name: 'Low Bridge', lost_property: 'Under the bridge, naturally. Midnight to one.' },
  { id: 'tannenlicht', name: 'Tannenlicht', lost_property: 'With the baker on platform 2, from 04:00.' },
  { id: 'saint-orrin', name: 'Saint Orrin', lost_property: 'In the vestry, except on Sundays.' },
  { id: 'glasswater', name: 'Glasswater', lost_property: 'At the baths. They open at seven.' },
  { id: 'copperhill', name: 'Copperhill', lost_property: 'Locker 9. The code is on the back of the timetable.' },
  { id: 'worlds-end', name: "World's End", lost_property: 'The stationmaster keeps everything, and never asks.' },
];

export const trains: Train[] = [
  {
    number: 7,
    name: 'The Somnambulist',
    stops: [
      { station: 'port-halcyon', time: '21:40' },
      { station: 'low-bridge', time: '00:55' },
      { station: 'saint-orrin', time: '04:10' },
      { station: 'glasswater', time: '06:32' },
    ],
  },
  {
    number: 12,
    name: 'The Quiet Owl',
    stops: [
      { station: 'glasswater', time: '22:15' },
      { station: 'copperhill', time: '02:05' },
      { station: 'worlds-end', time: '06:58' },
    ],
  },
  {
    number: 19,
    name: 'Milk and Moonlight',
    stops: [
      { station: 'tannenlicht', time: '21:05' },
      { station: 'low-bridge', time: '23:50' },
      { station: 'mirefall', time: '03:15' },
      { station: 'port-halcyon', time: '06:20' },
    ],
  },
  {
    number: 31,
    name: 'The Long Yawn',
    stops: [
      { station: 'saint-orrin', time: '23:30' },
      { station: 'tannenlicht', time: '03:40' },
      { station: 'copperhill', time: '07:12' },
    ],
  },
];

/** The berths of every train. */
export const berths: Berth[] = [
  { berth: '11A', class: 'seat', price: 19 },
  { berth: '11B', class: 'seat', price: 19 },
  { berth: '21A', class: 'couchette', price: 39 },
  { berth: '21B', class: 'couchette', price: 35 },
  { berth: '21C', class: 'couchette', price: 32 },
  { berth: '31A', class: 'sleeper', price: 89 },
];

/** The ledger has one entry per page, because it is kept by hand. */
export const lostThings: LostThing[] = [
  { kind: 'umbrella', description: 'black, handle carved as a duck', found_on: 7, kept_at: 'glasswater' },
  { kind: 'book', description: '"Sleep and Its Enemies", last page missing', found_on: 19, kept_at: 'mirefall' },
  { kind: 'violin', description: 'three strings, smells of oranges', found_on: 12, kept_at: 'worlds-end' },
  { kind: 'teapot', description: 'blue, still warm', found_on: 31, kept_at: 'tannenlicht' },
  { kind: 'compass', description: 'points at the dining car', found_on: 7, kept_at: 'saint-orrin' },
];
