/** A name for the list of devices that its owner will recognise: `Chrome on Linux`. */
export function deviceNameHere({ userAgent }: { readonly userAgent: string } = navigator): string {
  const browser = /Edg\//.test(userAgent)
    ? 'Edge'
    : /Firefox\//.test(userAgent)
      ? 'Firefox'
      : /Chrome\//.test(userAgent)
        ? 'Chrome'
        : /Safari\//.test(userAgent)
          ? 'Safari'
          : 'Browser';
  const system = [
    ['iPhone', /iPhone/],
    ['iPad', /iPad/],
    ['Android', /Android/],
    ['Windows', /Windows/],
    ['macOS', /Mac OS X/],
    ['Linux', /Linux/],
  ] as const;
  const name = system.find(([, pattern]) => pattern.test(userAgent))?.[0];
  return name === undefined ? browser : `${browser} on ${name}`;
}
