import type { JSX } from 'preact';
import type { CallInfo } from '../../client/index.js';
import { IconButton } from '../controls.js';
import { bytes, clock, offset } from '../times.js';
import { labelOf, shortId } from './entry-text.js';
import type { Row } from './sequence-diagram.js';

interface EntryDetailsProps {
  readonly row: Row;
  readonly call: CallInfo;
  readonly deviceNames: ReadonlyMap<string, string>;
  readonly onClose: () => void;
}

/** Each entry of a step, with all that the timeline has of it. */
export function EntryDetails({ row, call, deviceNames, onClose }: EntryDetailsProps): JSX.Element {
  const startMs = Date.parse(row.first.at) - row.offsetMs;
  return (
    <div class="entry-details">
      <div class="entry-details-head">
        <h3>{labelOf(row, call)}</h3>
        <IconButton label="Close details" icon="close" onClick={onClose} />
      </div>
      <div class="entry-table">
        <table>
          <thead>
            <tr>
              <th scope="col">At</th>
              <th scope="col">After</th>
              <th scope="col">Kind</th>
              <th scope="col">Who</th>
              <th scope="col">Device</th>
              <th scope="col">Bytes</th>
              <th scope="col">Detail</th>
            </tr>
          </thead>
          <tbody>
            {row.entries.map((entry, n) => (
              <tr key={n}>
                <td title={entry.at}>{clock(entry.at)}</td>
                <td>{offset(Date.parse(entry.at) - startMs)}</td>
                <td>{entry.kind}</td>
                <td>{entry.user?.username ?? 'server'}</td>
                <td title={entry.deviceId ?? ''}>{deviceOf(entry.deviceId, deviceNames)}</td>
                <td>{entry.bytes === null ? '' : entry.bytes === 0 ? 'end of candidates' : bytes(entry.bytes)}</td>
                <td>{entry.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function deviceOf(id: string | null, names: ReadonlyMap<string, string>): string {
  return id === null ? '' : (names.get(id) ?? `…${shortId(id)}`);
}
