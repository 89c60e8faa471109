/**
 * Everything an endpoint counts. Each datagram that reaches it is counted once: as accepted, or under one
 * `refused…` reason. So datagrams sent by everyone = accepted + refused + what the sockets dropped.
 */
export const NET_COUNTERS = {
  datagramsReceived: "datagrams handed to the endpoint",
  bytesReceived: "their payload bytes",
  accepted: "datagrams understood and acted on",
  refusedOversized: "longer than a datagram may be",
  refusedTruncated: "too short for the header of their type",
  refusedType: "first byte is no packet type lawful in this direction",
  refusedMagic: "HELLO without our magic",
  refusedHelloSize: "HELLO not padded to its full size",
  refusedMalformed: "handshake packet whose body does not decode",
  refusedCookie: "CONNECT with a cookie we did not issue to that address",
  refusedCookieExpired: "CONNECT with a cookie past its time",
  refusedBusy: "handshake packet past the number answered in one turn",
  refusedBudget: "packet that would be answered, past what its address or all together may ask",
  refusedToken: "CONNECT whose token is no good, or is not its sender's",
  refusedConnection: "DATA of no living connection",
  refusedAddress: "packet of a known connection or server from another address",
  refusedState: "packet not lawful in the connection's state",
  refusedDuplicate: "packet number seen before",
  refusedStale: "packet number too old to tell whether it was seen",
  refusedForged: "DATA that does not open",
  refusedAck: "acks a packet that was never sent",
  refusedBody: "DATA whose head does not decode",
  refusedFrame: "DATA with a frame that does not decode or is not lawful",
  refusedRandom: "handshake answer to another client's question",
  refusedReset: "RESET with another token than the server gave us",
  resetsSent: "senders told that their connection is not known",
  datagramsSent: "datagrams handed to the socket",
  bytesSent: "their payload bytes",
  datagramsUnsent: "datagrams the socket did not take, or lost after it had taken them",
  connectionsOpened: "connections that came to life",
  connectionsDenied: "CONNECTs refused with a reason",
  connectionsClosed: "connections that ended with a reason",
  connectionsTimedOut: "connections that ended by silence",
  blocksDropped: "blocks of state, input and one's own that newer ones overtook before they could leave",
  statesSkipped: "times a player got nothing of a tick's state, as the path had no room for it",
  packetsLost: "packets of ours given up as lost",
  messagesSent: "messages taken by send()",
  messagesReceived: "messages handed to the game",
  messagesResent: "reliable messages sent again",
  messagesDuplicate: "reliable messages that had arrived before",
  messagesOutdated: "sequenced messages older than the newest",
  messagesTooLarge: "messages refused by send() for their size",
  messagesQueueFull: "messages refused by send() for want of room",
} as const;
export type NetCounter = keyof typeof NET_COUNTERS;
export type NetCounters = Record<NetCounter, number>;

export function newNetCounters(): NetCounters {
  const counters = {} as NetCounters;
  for (const name of Object.keys(NET_COUNTERS) as NetCounter[]) counters[name] = 0;
  return counters;
}
