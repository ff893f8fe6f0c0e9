import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Switchboard } from '../../src/client/index.js';
import { PhoneView } from './phone-view.js';

// Another origin than the server's: the server has to name this page's in CORS_ORIGINS.
// To try it out it is in the address. A page that asks for a password names its server itself: a link could name another.
const url = new URLSearchParams(location.search).get('server') ?? '/graphql';
const phone = new Switchboard({ url });
// A real page has a form for these, and a `store` in which the session outlives a reload: `await phone.resume()`.
await phone.register({ username: `tab-${crypto.randomUUID().slice(0, 8)}`, password: crypto.randomUUID() });

createRoot(document.body.appendChild(document.createElement('div'))).render(
  <StrictMode>
    <PhoneView phone={phone} />
  </StrictMode>,
);
