/** Makes the vectors anew: `npm run vectors`. They are committed; tests read them and never make them. */
import { writeFileSync } from "node:fs";
import { ackVectors } from "./source/ack-vectors.ts";
import { carryVectors } from "./source/carry-vectors.ts";
import { dataVectors } from "./source/data-vectors.ts";
import { deltaVectors, replicaVectors } from "./source/delta-vectors.ts";
import { definitionVectors, fieldVectors, inputVectors, messageVectors } from "./source/game-vectors.ts";
import { handshakeVectors } from "./source/handshake-vectors.ts";
import { keyVectors } from "./source/key-vectors.ts";
import { msgpackVectors } from "./source/msgpack-vectors.ts";
import { tokenVectors } from "./source/token-vectors.ts";

const FILES: Readonly<Record<string, () => object>> = {
  acks: ackVectors,
  carries: carryVectors,
  data: dataVectors,
  definition: definitionVectors,
  deltas: deltaVectors,
  fields: fieldVectors,
  handshake: handshakeVectors,
  inputs: inputVectors,
  keys: keyVectors,
  messages: messageVectors,
  msgpack: msgpackVectors,
  replicas: replicaVectors,
  tokens: tokenVectors,
};

for (const [name, make] of Object.entries(FILES)) {
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(make(), null, 2)}\n`);
}
