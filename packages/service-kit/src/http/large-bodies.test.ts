import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { closeServer } from '../health.ts';
import { createLargeBodies } from './large-bodies.ts';

const mib = 1024 * 1024;

test('a client that does not take its answer keeps its place only for a while', async () => {
  const bodies = createLargeBodies<string>({
    holderOf: (name) => name,
    bytesMax: 4 * mib,
    atOnceMax: 1,
    stuckMsMax: 50,
    parse: () => Promise.reject(new Error('nothing is parsed here')),
  });
  const ended = Promise.withResolvers<void>();
  const server = createServer((req, res) => {
    bodies.admit(req as Request, res as Response, 'a');
    expect(() => bodies.admit(req as Request, res as Response, 'b')).toThrow('Too many large documents');
    // More than the system buffers for a client that does not read.
    res.once('close', ended.resolve).end(Buffer.alloc(64 * mib));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${3 * mib}\r\n\r\n${' '.repeat(3 * mib)}`);
  await ended.promise;
  client.destroy();
  await closeServer(server);
});

test('one organization leaves three quarters of the places to others, and gets them back with its answers (T48)', () => {
  const bodies = createLargeBodies<string>({
    holderOf: (name) => name,
    bytesMax: 4 * mib,
    atOnceMax: 8,
    parse: () => Promise.reject(new Error('nothing is parsed here')),
  });
  const request = { headers: { 'content-length': String(3 * mib) } } as unknown as Request;
  const admit = (name: string) => {
    const response = new EventEmitter();
    bodies.admit(request, response as unknown as Response, name);
    return () => response.emit('close');
  };
  const end = admit('a');
  admit('a');
  expect(() => admit('a')).toThrow(expect.objectContaining({ code: 'rate_limited' }));
  for (const name of ['b', 'c', 'd']) for (let n = 0; n < 2; n += 1) admit(name);
  expect(() => admit('e')).toThrow(expect.objectContaining({ code: 'config_unavailable' }));
  end();
  admit('e');
});
