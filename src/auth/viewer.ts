/** Who asks: taken from a verified access token alone, never from an argument. */
export interface Viewer {
  readonly userId: string;
  readonly deviceId: string;
  readonly tokenExpiresAt: Date;
}
