import { createNightline } from './nightline.ts';

const { PORT, NIGHTLINE_KEY = '' } = process.env;
const server = createNightline(NIGHTLINE_KEY).listen(Number(PORT), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
