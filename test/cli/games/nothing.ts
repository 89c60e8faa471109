export const room = { game: "arena", hooks: {} };
export const game = { name: "no schema", tickRate: 30 };
