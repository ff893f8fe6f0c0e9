import { render } from 'preact';

render(<main>Switchboard</main>, document.body);
