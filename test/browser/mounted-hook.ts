import { createElement, StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { useSwitchboard } from '../../examples/react/use-switchboard.js';
import { Switchboard } from '../../src/client/index.js';

/** Runs in a browser: the hook is mounted and unmounted several times, in strict mode; the title says who listens then. */
class CountedPhone extends Switchboard {
  listening = 0;

  override on: Switchboard['on'] = (name, listener) => {
    const off = super.on(name, listener);
    this.listening += 1;
    return () => {
      this.listening -= 1;
      off();
    };
  };
}

const phone = new CountedPhone({ url: 'http://127.0.0.1/graphql' });
const Listener = () => createElement('p', null, useSwitchboard(phone).connection);
const counts: number[] = [];
for (let mounted = 0; mounted < 3; mounted += 1) {
  const app = createRoot(document.body.appendChild(document.createElement('div')));
  flushSync(() => app.render(createElement(StrictMode, null, createElement(Listener))));
  counts.push(phone.listening);
  app.unmount();
  counts.push(phone.listening);
}
document.title = counts.join(' ');
