/** As `task-pool.example.ts`, after so long that its thread could not turn, as on a machine that has much to do. */
Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, 2500);
await import('./task-pool.example.ts');
