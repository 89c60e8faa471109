import { InvalidArgumentError } from "commander";

/** Turns the text of an option into its value. The error completes "--port …, not '70000'". */
export type ValueReader<T> = (text: string) => T;

export function wholeNumber(min: number, max: number): ValueReader<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

export function seconds(min: number, max: number): ValueReader<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,9}(\.\d{1,6})?$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`must be a number of seconds from ${min} to ${max}`);
    return value;
  };
}

/** A number that may have a fraction. */
export function fraction(min: number, max: number): ValueReader<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,9}(\.\d{1,6})?$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`must be a number from ${min} to ${max}`);
    return value;
  };
}

/** An address to bind. `localhost` is taken as 127.0.0.1: binding never asks a name server. */
export function ipAddress(text: string): string {
  if (text === "localhost") return "127.0.0.1";
  if (isIpv4(text) || isIpv6(text)) return text;
  throw new InvalidArgumentError("must be an IP address");
}

/** True for an address that only this machine can reach. */
export function isLoopbackAddress(address: string): boolean {
  return address === "::1" || (isIpv4(address) && address.startsWith("127."));
}

/** Text of at most so many bytes, which fits into a token. */
export function shortText(maxBytes: number): ValueReader<string> {
  return (text) => {
    const { length } = new TextEncoder().encode(text);
    if (length > maxBytes || length === 0) {
      throw new InvalidArgumentError(`must be text of 1 to ${maxBytes} bytes`);
    }
    return text;
  };
}

export function urlOf(...schemes: readonly string[]): ValueReader<string> {
  return (text) => {
    const example = schemes.map((scheme) => `${scheme}://host:port`).join(" or ");
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const scheme = url?.protocol.slice(0, -1);
    if (url === undefined || url.hostname === "" || !schemes.includes(scheme!) || url.port === "0")
      throw new InvalidArgumentError(`must look like ${example}`);
    if (scheme === "udp" && !/^udp:\/\/[^/]+:\d+\/?$/.test(text))
      throw new InvalidArgumentError(`must look like ${example}`);
    return text.replace(/\/$/, "");
  };
}

export function oneOf<const T extends string>(...choices: readonly T[]): ValueReader<T> {
  return (text) => {
    const choice = choices.find((each) => each === text);
    if (choice === undefined) throw new InvalidArgumentError(`must be ${choices.join(" or ")}`);
    return choice;
  };
}

export function fileName(text: string): string {
  if (text === "") throw new InvalidArgumentError("must name a file");
  return text;
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  return text.includes(":") && !/[[\]/%]/.test(text) && URL.canParse(`http://[${text}]/`);
}
