import type { DeterministicMath } from "../schema/world-types.ts";

/*
 * Made of + − × ÷ √ and floor only, which IEEE 754 defines to the last bit: V8 and JavaScriptCore agree, and so
 * do server and client. The polynomials are those of fdlibm (Sun Microsystems, 1993, freely distributable).
 */

const TWO_OVER_PI = 0.6366197723675814;
// π/2 in three pieces: a multiple of the first two loses nothing up to 2^20 quarter turns.
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_2_TAIL = 2.0222662487959506e-21;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const ATAN_HIGH = [0.4636476090008061, Math.PI / 4, 0.982793723247329, Math.PI / 2];
const ATAN_LOW = [
  2.2698777452961687e-17, 3.061616997868383e-17, 1.3903311031230998e-17, 6.123233995736766e-17,
];

function sinKernel(x: number, tail: number): number {
  const z = x * x;
  const w = z * z;
  const r =
    0.00833333333332249 +
    z * (-0.0001984126982985795 + z * 2.7557313707070068e-6) +
    z * w * (-2.5050760253406863e-8 + z * 1.58969099521155e-10);
  const v = z * x;
  return x - (z * (0.5 * tail - v * r) - tail - v * -0.16666666666666632);
}

function cosKernel(x: number, tail: number): number {
  const z = x * x;
  const w = z * z;
  const r =
    z * (0.0416666666666666 + z * (-0.001388888888887411 + z * 2.480158728947673e-5)) +
    w * w * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11));
  const half = 0.5 * z;
  const one = 1 - half;
  return one + (1 - one - half + (z * r - x * tail));
}

/** sin of x + `turns` quarter turns. */
function sinShifted(x: number, turns: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  const first = x - n * HALF_PI_1;
  const second = first - n * HALF_PI_2;
  const error = n * HALF_PI_2_TAIL - (first - second - n * HALF_PI_2);
  const reduced = second - error;
  const tail = second - reduced - error;
  const quarter = (((n + turns) % 4) + 4) % 4;
  if (quarter === 0) return sinKernel(reduced, tail);
  if (quarter === 1) return cosKernel(reduced, tail);
  if (quarter === 2) return -sinKernel(reduced, tail);
  return -cosKernel(reduced, tail);
}

function atanPositive(value: number): number {
  let id = -1;
  let x = value;
  if (value >= 2.4375) {
    id = 3;
    x = -1 / value;
  } else if (value >= 1.1875) {
    id = 2;
    x = (value - 1.5) / (1 + 1.5 * value);
  } else if (value >= 0.6875) {
    id = 1;
    x = (value - 1) / (value + 1);
  } else if (value >= 0.4375) {
    id = 0;
    x = (2 * value - 1) / (2 + value);
  }
  const z = x * x;
  const w = z * z;
  const odd =
    z *
    (0.3333333333333293 +
      w *
        (0.14285714272503466 +
          w *
            (0.09090887133436507 +
              w * (0.06661073137387531 + w * (0.049768779946159324 + w * 0.016285820115365782)))));
  const even =
    w *
    (-0.19999999999876483 +
      w *
        (-0.11111110405462356 +
          w * (-0.0769187620504483 + w * (-0.058335701337905735 + w * -0.036531572744216916))));
  if (id < 0) return x - x * (odd + even);
  return ATAN_HIGH[id]! - (x * (odd + even) - ATAN_LOW[id]! - x);
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const left = isNegative(x);
  let angle: number;
  if (y === 0) angle = left ? Math.PI : 0;
  else if (x === 0) angle = Math.PI / 2;
  else {
    const bothInfinite = Math.abs(x) === Infinity && Math.abs(y) === Infinity;
    const acute = bothInfinite ? Math.PI / 4 : atanPositive(Math.abs(y) / Math.abs(x));
    angle = left ? Math.PI - (acute - 1.2246467991473532e-16) : acute;
  }
  return isNegative(y) ? -angle : angle;
}

/** value × 2^exponent. */
function scale(value: number, exponent: number): number {
  let result = value;
  let left = exponent;
  for (; left > 1000; left -= 1000) result *= powerOfTwo(1000);
  for (; left < -1000; left += 1000) result /= powerOfTwo(1000);
  return left >= 0 ? result * powerOfTwo(left) : result / powerOfTwo(-left);
}

function powerOfTwo(exponent: number): number {
  let result = 1;
  let base = 2;
  for (let bits = exponent; bits > 0; bits >>= 1) {
    if (bits & 1) result *= base;
    base *= base;
  }
  return result;
}

function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const z = r * r;
  const c =
    r -
    z *
      (0.16666666666666602 +
        z *
          (-0.0027777777777015593 +
            z * (6.613756321437934e-5 + z * (-1.6533902205465252e-6 + z * 4.1381367970572385e-8))));
  return scale(1 - (low - (r * c) / (2 - c) - high), k);
}

function pow(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (Number.isNaN(base) || Number.isNaN(exponent)) return Number.NaN;
  const isWhole = Number.isInteger(exponent);
  const size = Math.abs(base);
  const negative = isNegative(base) && isWhole && Math.abs(exponent % 2) === 1;
  let power: number;
  if (!Number.isFinite(exponent)) power = size === 1 ? Number.NaN : size > 1 === exponent > 0 ? Infinity : 0;
  else if (size === 0 || size === Infinity) power = (size === 0) === exponent > 0 ? 0 : Infinity;
  else if (base < 0 && !isWhole) return Number.NaN;
  else if (size === 1) power = 1;
  else if (isWhole && Math.abs(exponent) <= 64) power = wholePower(size, exponent);
  else power = positivePower(size, exponent);
  return negative ? -power : power;
}

/** By squaring, in two doubles: exact wherever the result is, so that 3² is 9. */
function wholePower(base: number, exponent: number): number {
  let high = 1;
  let low = 0;
  let square = base;
  let squareLow = 0;
  for (let bits = Math.abs(exponent); bits > 0; bits >>= 1) {
    if (bits & 1) {
      const product = high * square;
      const tail = productTail(high, square, product) + high * squareLow + low * square;
      high = product + tail;
      low = tail - (high - product);
    }
    const product = square * square;
    const tail = productTail(square, square, product) + 2 * square * squareLow;
    square = product + tail;
    squareLow = tail - (square - product);
  }
  // Near the ends of a double's range the second one fails; logarithms do not.
  if (!(high > 1e-250 && high < 1e250)) return positivePower(base, exponent);
  return exponent > 0 ? high : 1 / high;
}

/** exp(exponent × log(base)), the product carried in two doubles, else its rounding would show times 700. */
function positivePower(base: number, exponent: number): number {
  let m = base;
  let e = 0;
  for (; m >= 0x1_0000_0000; e += 32) m /= 0x1_0000_0000;
  for (; m < 1 / 0x1_0000_0000; e -= 32) m *= 0x1_0000_0000;
  for (; m >= Math.SQRT2; e += 1) m /= 2;
  for (; m < Math.SQRT1_2; e -= 1) m *= 2;
  const top = m - 1;
  const bottom = m + 1;
  const bottomTail = m - (bottom - 1);
  const s = top / bottom;
  const product = s * bottom;
  const sTail = (top - product - productTail(s, bottom, product) - s * bottomTail) / bottom;
  const z = s * s;
  let series = 0;
  for (let n = 27; n >= 3; n -= 2) series = series * z + 2 / n;
  const whole = e * LN2_HIGH;
  const sum = whole + 2 * s;
  const back = sum - whole;
  const sumTail = whole - (sum - back) + (2 * s - back) + e * LN2_LOW + 2 * sTail + s * z * series;
  const log = sum + sumTail;
  const logTail = sumTail - (log - sum);
  const power = exponent * log;
  if (power > 710) return Infinity;
  if (power < -746) return 0;
  const tail = productTail(exponent, log, power) + exponent * logTail;
  const result = exp(power);
  return Number.isFinite(result) ? result + result * tail : result;
}

/** What rounding took from a × b. */
function productTail(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

function upperHalf(value: number): number {
  const shifted = value * 134217729;
  return shifted - (shifted - value);
}

function hypot(...values: number[]): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (values.some((value) => Math.abs(value) === Infinity)) return Infinity;
  if (largest === 0 || Number.isNaN(largest)) return largest;
  // Squares of ordinary sizes neither overflow nor vanish, and need no division.
  const unit = largest > 1e150 || largest < 1e-150 ? largest : 1;
  let sum = 0;
  for (const value of values) sum += (value / unit) * (value / unit);
  return Math.sqrt(sum) * unit;
}

/**
 * The same bits on every engine. sin and cos are within 1 ulp up to 2^20 quarter turns and lose accuracy (never
 * agreement) beyond; atan2, exp, hypot and pow are within a few ulp.
 */
export const deterministicMath: DeterministicMath = {
  sin: (x) => sinShifted(x, 0),
  cos: (x) => sinShifted(x, 1),
  atan2,
  sqrt: Math.sqrt,
  hypot,
  pow,
  exp,
};
