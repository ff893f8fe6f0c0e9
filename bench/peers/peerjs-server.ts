import { createServer } from 'node:http';

import express from 'express';
import { ExpressPeerServer } from 'peer';

/** As its README mounts it into an Express app, with all options at their defaults. It acknowledges nothing. */
const app = express();
const http = createServer(app);
app.get('/readyz', (_request, response) => void response.send('ready'));
app.use('/peerjs', ExpressPeerServer(http, { path: '/' }));

http.listen(Number(process.env['PORT']), process.env['HOST']);
