/** Works like `task-pool.example.ts`, but its thread is blocked first, as on a busy machine. */
Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, 2500);
await import('./task-pool.example.ts');
