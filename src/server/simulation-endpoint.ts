import express, { type Express } from 'express';
import { readBearer } from './token.js';

/** Answers a request to break something of one's own. */
export interface Simulation {
  answer(token: string | null, body: unknown): Promise<{ readonly status: number; readonly body: object }>;
}

/** POST /dev/faults, for authors of clients. Not part of the API: there is none in production. */
export function serveSimulation(app: Express, simulation: Simulation, maxBodyBytes: number): void {
  app.post('/dev/faults', express.json({ limit: maxBodyBytes }), async (request, response) => {
    const { status, body } = await simulation.answer(readBearer(request.headers.authorization), request.body);
    response.status(status).json(body);
  });
}
