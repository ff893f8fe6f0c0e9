import { createServer } from 'node:http';

import { Server } from 'socket.io';

/** Rooms, as its documentation has them: one for each device, an acknowledgement for each event, WebSocket alone. */
interface Signal {
  readonly to: string;
  readonly key: string;
  readonly callId: string;
  readonly kind: string;
  readonly payload: string;
}

const http = createServer((_request, response) => response.end());
const io = new Server(http, { transports: ['websocket'] });

io.on('connection', (socket) => {
  const id = String(socket.handshake.query['id']);
  void socket.join(`device:${id}`);
  socket.on('signal', ({ to, key, callId, kind, payload }: Signal, acknowledge: (key: string) => void) => {
    io.to(`device:${to}`).emit('signal', { callId, kind, payload, fromDeviceId: id });
    acknowledge(key);
  });
});

http.listen(Number(process.env['PORT']), process.env['HOST']);
