export const ROOM_NAME = "fleet";
