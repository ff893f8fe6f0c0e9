import { createServer } from 'node:http';

import { type WebSocket, WebSocketServer } from 'ws';

/** The floor: frames go to the socket that they name, and the sender is told. Whoever connects to `/<id>` is `<id>`. */
interface Frame {
  readonly to: string;
  readonly key: string;
  readonly callId: string;
  readonly kind: string;
  readonly payload: string;
}

const sockets = new Map<string, WebSocket>();

const http = createServer((_request, response) => response.end());
const server = new WebSocketServer({ server: http, perMessageDeflate: false });

server.on('connection', (socket, request) => {
  const id = request.url!.slice(1);
  sockets.set(id, socket);
  socket.on('close', () => sockets.delete(id));
  socket.on('message', (data) => {
    const { to, key, callId, kind, payload } = JSON.parse(data.toString()) as Frame;
    sockets.get(to)?.send(JSON.stringify({ callId, kind, payload, fromDeviceId: id }));
    socket.send(JSON.stringify({ receipt: key }));
  });
});

http.listen(Number(process.env['PORT']), process.env['HOST']);
