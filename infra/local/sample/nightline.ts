import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { berths, lostThings, type Station, stations, type Train, trains } from './timetable.ts';

/**
 * The upstream API of the sample: a night train company with an API key, pagination, and the failures of a real API,
 * all of them predictable. Bookings are held in memory, so each new process starts without any.
 */
export function createNightline(key: string): Server {
  const world: World = { bookings: [], lookouts: new Map(), awakened: new Set() };
  return createServer((request, response) => {
    answer(key, world, request).then(
      (reply) => send(response, reply),
      (error) =>
        send(response, error instanceof ApiError ? error.reply : new ApiError(400, 'bad_request', 'What?').reply),
    );
  });
}

type World = {
  bookings: Booking[];
  /** How often the position of each train was requested. */
  lookouts: Map<number, number>;
  /** Bookings whose wake-up call was requested at least once. */
  awakened: Set<string>;
};
type Booking = { booking: string; train: number; berth: string; passenger: string; price: number };
type Reply = { status: number; body: unknown; headers?: Record<string, string> };
type Context = { world: World; query: URLSearchParams; id: string; body(): Promise<Record<string, unknown>> };

const routes: [method: string, path: RegExp, handle: (context: Context) => Reply | Promise<Reply>][] = [
  ['GET', /^\/clock$/, () => ok({ time: '23:55', note: 'It is always five to midnight at Nightline.' })],
  ['GET', /^\/stations$/, listStations],
  ['GET', /^\/stations\/([^/]+)$/, ({ id }) => ok(getStation(id))],
  ['GET', /^\/trains$/, listDirectTrains],
  ['GET', /^\/connections$/, getConnection],
  ['GET', /^\/trains\/([^/]+)\/berths$/, listFreeBerths],
  ['GET', /^\/trains\/([^/]+)\/position$/, getPosition],
  ['GET', /^\/lost-property$/, readLedger],
  ['GET', /^\/bookings$/, ({ world }) => ok({ bookings: world.bookings, total: world.bookings.length })],
  ['POST', /^\/bookings$/, book],
  ['POST', /^\/bookings\/([^/]+)\/wake-up$/, orderWakeUp],
];

async function answer(key: string, world: World, request: IncomingMessage): Promise<Reply> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://nightline');
  if (pathname === '/' || pathname === '/readyz') return ok({ name: 'Nightline', motto: 'You sleep, we roll.' });
  if (request.headers.authorization !== `Bearer ${key}`) {
    throw new ApiError(401, 'no_ticket', 'Send the key as a Bearer token.', { 'www-authenticate': 'Bearer' });
  }
  await delay(Math.min(Number(query.get('slow_ms')) || 0, 30_000));
  for (const [method, path, handle] of routes) {
    const match = path.exec(pathname);
    if (match === null || method !== request.method) continue;
    const id = decodeURIComponent(match[1] ?? '');
    return handle({ world, query, id, body: () => json(request) as Promise<Record<string, unknown>> });
  }
  throw new ApiError(404, 'no_such_track', `Nothing runs at ${request.method} ${pathname}.`);
}

function listStations({ query }: Context): Reply {
  const page = Math.max(1, Number(query.get('page')) || 1);
  const limit = Math.max(1, Number(query.get('limit')) || 3);
  const nextPage = page * limit < stations.length ? page + 1 : null;
  const onPage = stations.slice((page - 1) * limit, page * limit).map(({ id, name }) => ({ id, name }));
  return ok({ stations: onPage, page, next_page: nextPage, total: stations.length });
}

function listDirectTrains({ query }: Context): Reply {
  const [from, to] = [getStation(query.get('from')), getStation(query.get('to'))];
  const found = trains.flatMap((train) => toRide(train, from, to));
  return ok({ trains: found, total: found.length });
}

/** Finds a connection with one change of trains: nobody should be woken twice. */
function getConnection({ query }: Context): Reply {
  const [from, to] = [getStation(query.get('from')), getStation(query.get('to'))];
  for (const change of stations) {
    const first = trains.flatMap((train) => toRide(train, from, change))[0];
    const second = trains.flatMap((train) => toRide(train, change, to))[0];
    if (first && second) return ok({ change_at: change.name, first, second });
  }
  throw new ApiError(404, 'no_connection', `No two night trains lead from ${from.name} to ${to.name}.`);
}

function listFreeBerths({ world, query, id }: Context): Reply {
  const train = getTrain(Number(id));
  const wanted = query.get('class');
  const isTaken = (berth: string) => world.bookings.some((b) => b.train === train.number && b.berth === berth);
  const free = berths.filter((berth) => (wanted === null || berth.class === wanted) && !isTaken(berth.berth));
  return ok({ train: train.number, name: train.name, berths: free, total: free.length });
}

/** Two of three requests fail, because the train is in a tunnel. */
function getPosition({ world, id }: Context): Reply {
  const train = getTrain(Number(id));
  const lookouts = (world.lookouts.get(train.number) ?? 0) + 1;
  world.lookouts.set(train.number, lookouts);
  if (lookouts % 3 !== 0) throw new ApiError(503, 'in_a_tunnel', `${train.name} is in a tunnel. Ask again.`);
  const [before, after] = train.stops.slice(-2).map((stop) => getStation(stop.station).name);
  return ok({ train: train.number, name: train.name, position: `between ${before} and ${after}`, on_time: true });
}

function readLedger({ query }: Context): Reply {
  const page = Number(query.get('page')) || 1;
  const entry = lostThings[page - 1];
  if (entry === undefined) throw new ApiError(404, 'no_such_page', `The ledger has ${lostThings.length} pages.`);
  return ok({ page, entry, next_page: page < lostThings.length ? page + 1 : null });
}

async function book({ world, body }: Context): Promise<Reply> {
  const { train: number, berth: place, passenger } = await body();
  if (typeof passenger !== 'string' || passenger === '') {
    throw new ApiError(422, 'nameless', 'A berth is booked for somebody: send a passenger.');
  }
  const train = getTrain(Number(number));
  const berth = berths.find((candidate) => candidate.berth === place);
  if (berth === undefined) throw new ApiError(422, 'no_such_berth', `There is no berth ${place}.`);
  if (world.bookings.some((b) => b.train === train.number && b.berth === berth.berth)) {
    throw new ApiError(409, 'taken', `Somebody already sleeps in ${berth.berth}.`);
  }
  const booking = `NB-${String(world.bookings.length + 1).padStart(4, '0')}`;
  world.bookings.push({ booking, train: train.number, berth: berth.berth, passenger, price: berth.price });
  return { status: 201, body: world.bookings.at(-1) };
}

/** The first request is always answered with 429, because the conductor asks for a moment. */
function orderWakeUp({ world, id }: Context): Reply {
  const booking = world.bookings.find((candidate) => candidate.booking === id);
  if (booking === undefined) throw new ApiError(404, 'no_such_booking', `Nobody booked as ${id}.`);
  if (!world.awakened.has(id)) {
    world.awakened.add(id);
    throw new ApiError(429, 'pouring_tea', 'The conductor is pouring tea. One moment.', { 'retry-after': '1' });
  }
  const { time } = getTrain(booking.train).stops.at(-1) ?? { time: '07:00' };
  return { status: 201, body: { booking: id, wake_up: `a knock and a cup of tea, before ${time}` } };
}

function toRide(train: Train, from: Station, to: Station): Record<string, unknown>[] {
  const start = train.stops.findIndex((stop) => stop.station === from.id);
  const end = train.stops.findIndex((stop) => stop.station === to.id);
  if (start < 0 || end <= start) return [];
  const [departs, arrives] = [train.stops[start]?.time, train.stops[end]?.time];
  return [{ number: train.number, name: train.name, from: from.name, departs, to: to.name, arrives }];
}

function getStation(idOrName: string | null): Station {
  const wanted = idOrName?.toLowerCase();
  const station = stations.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
  if (station === undefined)
    throw new ApiError(404, 'unknown_station', 'No train stops there. GET /stations names all.');
  return station;
}

function getTrain(number: number): Train {
  const train = trains.find((candidate) => candidate.number === number);
  if (train === undefined) throw new ApiError(404, 'unknown_train', 'There is no such night train.');
  return train;
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

class ApiError extends Error {
  readonly reply: Reply;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.reply = { status, body: { error: { code, message } }, headers };
  }
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
