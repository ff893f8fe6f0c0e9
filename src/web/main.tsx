import { render } from 'preact';
import { App } from './app.js';
import { Desk, DeskProvider } from './desk.js';

const desk = new Desk();
desk.start();
render(
  <DeskProvider value={desk}>
    <App />
  </DeskProvider>,
  document.body,
);
