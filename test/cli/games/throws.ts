throw new Error("ship.x: step must be positive.\nsecond line");
