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
  refusedAddress: "packet from elsewhere than the server, or than its connection past what is tried of such",
  refusedState: "packet not lawful in the connection's state",
  refusedDuplicate: "packet number seen before",
  refusedStale: "packet number too old to tell whether it was seen",
  refusedForged: "DATA that does not open",
  refusedAck: "acks a packet that was never sent",
  refusedBody: "DATA whose head does not decode",
  refusedFrame: "DATA with a frame that does not decode or is not lawful",
  refusedRoom: "DATA with early messages or fragments that there is no room to hold",
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
  connectionsDropped: "connections whose peer fell silent, to come back or not",
  connectionsResumed: "dropped connections whose peer came back",
  pathsAsked: "new addresses of peers that were asked whether the peer is there",
  pathsProven: "of these, those that answered and became the path",
  pathAnswersIgnored: "answers to no challenge, to one taken back, or from another address",
  messagesDiscarded: "unreliable messages to a peer who was away",
  blocksDropped: "blocks of state, input and one's own that newer ones overtook before they could leave",
  statesSkipped: "times a player got nothing of a tick's state, as the path had no room for it",
  packetsLost: "packets of ours given up as lost",
  messagesSent: "messages taken by send()",
  messagesReceived: "messages handed to the game",
  messagesResent: "reliable messages sent again whole, because their packet was lost",
  messagesProbed: "frames of reliable messages sent again to provoke an ack",
  messagesReplaced: "reliable-latest values replaced before they were acked",
  messagesStale: "unreliable messages that waited too long and were not sent",
  messagesDuplicate: "reliable messages that had arrived before",
  messagesOutdated: "sequenced messages and reliable-latest values older than the newest",
  messagesIncomplete: "unreliable messages given up for want of a fragment",
  messagesTooLarge: "messages refused by send() for their size",
  messagesQueueFull: "messages refused by send() for want of room",
  fragmentsSent: "fragments of messages, those sent again included",
  fragmentsResent: "fragments of reliable messages sent again, because their packet was lost",
  fragmentsReceived: "fragments in accepted datagrams",
  fragmentsDuplicate: "fragments that had arrived before",
  fragmentsOutdated: "fragments of sequenced messages and reliable-latest values older than the newest",
  fragmentsContradictory: "fragments dropped because they contradict those before them",
} as const;
export type NetCounter = keyof typeof NET_COUNTERS;
export type NetCounters = Record<NetCounter, number>;

export function newNetCounters(): NetCounters {
  const counters = {} as NetCounters;
  for (const name of Object.keys(NET_COUNTERS) as NetCounter[]) counters[name] = 0;
  return counters;
}
