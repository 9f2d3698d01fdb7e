import { connect, createServer } from 'node:net';

/** A port of this machine that is free just now. */
export async function freePort(): Promise<number> {
  return (await listenOnce(0)) as number;
}

/** Can `port` be listened on at 127.0.0.1? */
export async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined;
}

/** Does somebody listen on `port`? Unlike isFree this never takes the port, so it may be asked while a part starts. */
export function answers(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(undefined));
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address();
      server.close(() => settle(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
