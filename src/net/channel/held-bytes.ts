/**
 * What both ends agree that a receiver may have to hold: messages of which something was sent while an older one of
 * their channel is not settled. The oldest of each channel does not count, so that it can always go on. One account
 * per connection and direction: the sender keeps to it, and the receiver holds it to that.
 */
export const MAX_HELD_BYTES = 1024 * 1024;

export interface HeldBytes {
  bytes: number;
}
